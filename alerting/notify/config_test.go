package notify_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/oriel-obs/oriel/alerting/notify"
	"github.com/oriel-obs/oriel/internal/fault"
)

func TestCheckNamesTheFault(t *testing.T) {
	const receivers = "receivers: [{name: a}]\n"
	for name, c := range map[string]struct{ text, want string }{
		"good":                  {"route: {receiver: a}\n" + receivers, ""},
		"empty":                 {"", "am.yml: no route provided in config"},
		"no route":              {receivers, "am.yml: no routes provided"},
		"root without receiver": {"route: {group_by: [x]}\n" + receivers, "am.yml: root route must specify a default receiver"},
		"unknown field":         {"route: {receiver: a}\nrouts: []\n" + receivers, `am.yml: line 2: unknown field "routs"`},
		"not YAML":              {"route: [", "am.yml: line 1: did not find expected node content"},
		"undefined receiver":    {"route: {receiver: b}\n" + receivers, `am.yml: undefined receiver "b" used in route`},
		"undefined interval": {
			"route: {receiver: a, routes: [{matchers: [x=y], mute_time_intervals: [night]}]}\n" + receivers,
			`am.yml: undefined time interval "night" used in route`,
		},
		"bad matcher":  {"route: {receiver: a, routes: [{matchers: ['=']}]}\n" + receivers, "am.yml: bad matcher format: ="},
		"UTF-8 names":  {"route: {receiver: a, routes: [{matchers: ['\"a.b\"=\"c\"']}]}\n" + receivers, ""},
		"bad template": {"route: {receiver: a}\ntemplates: [bad.tmpl]\n" + receivers, "am.yml: templates: template: bad.tmpl:1: unclosed action"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			require.NoError(t, os.WriteFile(filepath.Join(dir, "bad.tmpl"), []byte("{{ define"), 0o600))
			err := notify.Check(notify.Source{Text: []byte(c.text), Name: "am.yml", Dir: dir})
			if c.want == "" {
				require.NoError(t, err)
				return
			}
			require.ErrorIs(t, err, fault.ErrInvalid)
			require.ErrorContains(t, err, c.want)
			require.NotContains(t, err.Error(), "\n")
		})
	}
}

func TestNoConfigurationIsAGoodOne(t *testing.T) {
	require.NoError(t, notify.Check(notify.Source{}))
}
