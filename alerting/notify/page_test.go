package notify_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	promodel "github.com/prometheus/common/model"
	"github.com/stretchr/testify/require"

	"github.com/oriel-obs/oriel/alerting/notify"
	"github.com/oriel-obs/oriel/internal/fault"
)

// turned is a Sealer that anybody could open, but that is no plain text.
type turned struct{}

func (turned) Seal(plain []byte) ([]byte, error) {
	return bytes.Map(func(r rune) rune { return r ^ 1 }, plain), nil
}
func (t turned) Open(sealed []byte) ([]byte, error) { return t.Seal(sealed) }

func sealed(o *notify.Options) {
	o.Sealer = turned{}
	o.MayReach = func(a netip.Addr) error {
		if a.IsLinkLocalUnicast() {
			return fmt.Errorf("%v is not to be reached", a)
		}
		return nil
	}
}

// problems are those of a draft, by line.
func problems(t *testing.T, m *notify.Manager, d notify.Draft) (out []string) {
	t.Helper()
	c, err := m.Check(t.Context(), d)
	require.NoError(t, err)
	for _, p := range c.Problems {
		out = append(out, fmt.Sprintf("%d: %s", p.Line, p.Message))
	}
	return out
}

func TestThePageSaysWhoIsNotifiedUntilTheFileDoes(t *testing.T) {
	h, file, dir := newHook(t), newHook(t), t.TempDir()
	m, _, stop := startWith(t, dir, notify.Source{}, notify.DefaultConfig(), sealed)
	c, err := m.Configuration(t.Context())
	require.NoError(t, err)
	require.Equal(t, []any{"", 0}, []any{c.File, c.Version})
	require.JSONEq(t, `{"route":{"receiver":"none"},"receivers":[{"name":"none"}]}`, string(c.Config))

	fire(t, m, promodel.LabelSet{"alertname": "A"})
	text := string(h.source().Text)
	checked, err := m.Check(t.Context(), notify.Draft{YAML: text})
	require.NoError(t, err)
	require.Empty(t, checked.Problems)
	require.Equal(t, []notify.Difference{
		{Section: "global", How: "added"},
		{Section: "route", How: "changed"},
		{Section: "inhibit_rules", How: "added"},
		{Section: "receivers", Name: "none", How: "removed"},
		{Section: "receivers", Name: "hook", How: "added"},
	}, checked.Changes)
	require.Len(t, checked.Moved, 1)
	require.Equal(t, [][]string{{"none"}, {"hook"}}, [][]string{checked.Moved[0].From, checked.Moved[0].To})

	kept, err := m.Save(t.Context(), notify.Draft{YAML: text}, notify.Edit{Author: "ada", Message: " on call "})
	require.NoError(t, err)
	require.Equal(t, []any{1, "ada", "on call"}, []any{kept.Version, kept.Author, kept.Message})
	eventually(t, "the alert that fires is told at once", func() bool { return len(h.payloads()) == 1 })

	// The same again: nothing is told twice, and another base is refused.
	_, err = m.Save(t.Context(), notify.Draft{YAML: text}, notify.Edit{})
	require.ErrorIs(t, err, fault.ErrConflict)
	_, err = m.Save(t.Context(), notify.Draft{Base: 1, YAML: text + "# the same\n"}, notify.Edit{Author: "bob"})
	require.NoError(t, err)
	again := time.Now()
	fire(t, m, promodel.LabelSet{"alertname": "A"})
	eventually(t, "the alert is there again", func() bool { return toldSince(m, again) })

	// The file wins, for as long as it says anything.
	require.NoError(t, m.Reload(t.Context(), file.source()))
	c, err = m.Configuration(t.Context())
	require.NoError(t, err)
	require.Equal(t, "test", c.File)
	require.NotContains(t, c.YAML, file.url)
	_, err = m.Save(t.Context(), notify.Draft{Base: 2, YAML: text}, notify.Edit{})
	require.ErrorIs(t, err, notify.ErrFile)
	require.NoError(t, m.Reload(t.Context(), notify.Source{}))
	conf, _ := m.Routing()
	require.Equal(t, h.url, string(conf.Receivers[0].WebhookConfigs[0].URL))
	h.logged(t, dir)
	require.Equal(t, []string{"firing"}, h.statuses())
	stop()

	// A restart finds it, and what came before it can be brought back.
	m, db, _ := startWith(t, dir, notify.Source{}, notify.DefaultConfig(), sealed)
	c, err = m.Configuration(t.Context())
	require.NoError(t, err)
	require.Equal(t, 2, c.Version)
	require.Contains(t, c.YAML, "# the same")
	require.NotContains(t, c.YAML, h.url)
	back, err := m.Restore(t.Context(), 1, 2, notify.Edit{Author: "eve"})
	require.NoError(t, err)
	require.Equal(t, []int{3, 1}, []int{back.Version, back.Restored})
	row, err := db.NotificationConfig(t.Context(), 0)
	require.NoError(t, err)
	require.NotContains(t, string(row.Sealed), h.url)
	all, err := m.Versions(t.Context())
	require.NoError(t, err)
	require.Len(t, all, 3)
}

func TestAPageThatCannotBeReadNotifiesNobodyAndSaysSo(t *testing.T) {
	dir := t.TempDir()
	m, db, stop := startWith(t, dir, notify.Source{}, notify.DefaultConfig(), sealed)
	_, err := m.Save(t.Context(), notify.Draft{YAML: string(newHook(t).source().Text)}, notify.Edit{})
	require.NoError(t, err)
	row, err := db.NotificationConfig(t.Context(), 0)
	require.NoError(t, err)
	row.Sealed = []byte("xx")
	_, err = db.SaveNotificationConfig(t.Context(), row, 1)
	require.NoError(t, err)
	stop()

	m, _, _ = startWith(t, dir, notify.Source{}, notify.DefaultConfig(), sealed)
	c, err := m.Configuration(t.Context())
	require.NoError(t, err)
	require.ErrorContains(t, c.Fault, "notification configuration of the page")
	back, err := m.Restore(t.Context(), 1, 2, notify.Edit{})
	require.NoError(t, err)
	require.Equal(t, 3, back.Version)
	c, err = m.Configuration(t.Context())
	require.NoError(t, err)
	require.NoError(t, c.Fault)
}

const withSecrets = `# of the shop
global: {smtp_smarthost: "mail.example:25", smtp_from: a@b.example, smtp_auth_username: a, smtp_auth_password: pass-word}
route: {receiver: mail}
receivers:
  - name: mail
    email_configs: [{to: x@y.example}]
  - name: hooks
    webhook_configs:
      - url: "https://one.example/a-token"
        http_config: {proxy_url: "http://me:proxy-word@proxy.example:3128", http_headers: {X-Key: {secrets: [head-word]}}}
      - url: https://two.example/b-token # not <secret 1>
  - name: slack
    slack_configs: [{api_url: "https://hooks.slack.example/s-token", channel: "#<secret 1>"}]
`

func TestSecretsAreWrittenAndNeverRead(t *testing.T) {
	m, _, _ := startWith(t, t.TempDir(), notify.Source{}, notify.DefaultConfig(), sealed)
	_, err := m.Save(t.Context(), notify.Draft{YAML: withSecrets}, notify.Edit{})
	require.NoError(t, err)
	c, err := m.Configuration(t.Context())
	require.NoError(t, err)
	for _, s := range []string{"pass-word", "a-token", "b-token", "proxy-word", "head-word", "s-token"} {
		require.NotContains(t, c.YAML, s)
		require.NotContains(t, string(c.Config), s)
	}
	require.Contains(t, c.YAML, "# of the shop")
	require.Contains(t, c.YAML, "mail.example:25")

	// The second of two leaves, and the receiver is renamed: each keeps its own.
	next := strings.ReplaceAll(c.YAML, "name: hooks", "name: renamed")
	from, to := strings.Index(next, "      - url: <secret 2>"), strings.Index(next, "      - url: <secret 5>")
	require.Positive(t, from)
	require.Greater(t, to, from)
	_, err = m.Save(t.Context(), notify.Draft{Base: 1, YAML: next[:from] + next[to:]}, notify.Edit{})
	require.NoError(t, err)
	conf, _ := m.Routing()
	require.Equal(t, "renamed", conf.Receivers[1].Name)
	require.Equal(t, "https://two.example/b-token", string(conf.Receivers[1].WebhookConfigs[0].URL))
	require.Equal(t, "pass-word", string(conf.Receivers[0].EmailConfigs[0].AuthPassword))
	require.Equal(t, "#<secret 1>", conf.Receivers[2].SlackConfigs[0].Channel, "a marker elsewhere is text")

	// As JSON, and with Alertmanager's own markers.
	c, err = m.Configuration(t.Context())
	require.NoError(t, err)
	plain := strings.NewReplacer(`"<secret 1>"`, `"<secret>"`, `"<secret 2>"`, `"<secret>"`).Replace(string(c.Config))
	_, err = m.Save(t.Context(), notify.Draft{Base: 2, Config: json.RawMessage(plain)}, notify.Edit{})
	require.NoError(t, err)
	conf, _ = m.Routing()
	require.Equal(t, "https://two.example/b-token", string(conf.Receivers[1].WebhookConfigs[0].URL))
	require.Equal(t, []string{"6: there is no secret that <secret 9> could stand for here: write the secret itself"},
		problems(t, m, notify.Draft{Base: 3, YAML: "route:\n  receiver: a\nreceivers:\n- name: a\n  webhook_configs:\n  - url: <secret 9>\n"}))
	require.Equal(t, []string{"4: there is no secret that <secret> could stand for here: write the secret itself"},
		problems(t, m, notify.Draft{YAML: "route:\n  receiver: a\nreceivers:\n- {name: a, webhook_configs: [{url: <secret>}]}\n"}))
}

func TestAKeptSecretGoesNowhereElse(t *testing.T) {
	m, _, _ := startWith(t, t.TempDir(), notify.Source{}, notify.DefaultConfig(), sealed)
	_, err := m.Save(t.Context(), notify.Draft{YAML: withSecrets}, notify.Edit{})
	require.NoError(t, err)
	c, err := m.Configuration(t.Context())
	require.NoError(t, err)
	tell := func(old, new string) []string {
		t.Helper()
		require.Contains(t, c.YAML, old)
		return problems(t, m, notify.Draft{Base: 1, YAML: strings.Replace(c.YAML, old, new, 1)})
	}
	const told = "a secret that was kept would go to "
	require.Contains(t, strings.Join(tell("mail.example:25", "evil.example:25"), ";"), told+"evil.example:25")
	require.Contains(t, strings.Join(tell("to: x@y.example", `to: x@y.example, smarthost: "evil.example:25"`), ";"), told+"evil.example:25")
	require.Contains(t, strings.Join(tell("url: <secret 2>", "url: https://evil.example/"), ";"), told+"evil.example")
	require.Contains(t, strings.Join(tell("url: <secret 5>", "url: <secret 5>\n        http_config: {proxy_url: http://evil.example}"), ";"), told+"evil.example")
	require.Empty(t, tell("to: x@y.example", "to: z@y.example"))
	require.Empty(t, tell("<secret 5>", "https://new.example/"), "a new secret goes where it likes")
}

func TestWhatIsWrongIsSaidByLine(t *testing.T) {
	m, _, _ := startWith(t, t.TempDir(), notify.Source{}, notify.DefaultConfig(), sealed)
	for name, tt := range map[string]struct {
		yaml string
		want []string
	}{
		"no YAML":            {"route: [", []string{"1: did not find expected node content"}},
		"nothing":            {"", []string{"1: a configuration has keys, such as route and receivers"}},
		"an unknown key":     {"route:\n  receiver: a\n  recever: b\nreceivers: [{name: a}]\n", []string{`3: unknown field "recever"`}},
		"an unknown route":   {"route:\n  receiver: a\n  routes:\n  - receiver: b\nreceivers: [{name: a}]\n", []string{`4: undefined receiver "b" used in route`}},
		"an interval":        {"route:\n  receiver: a\n  routes:\n  - receiver: a\n    mute_time_intervals: [nights]\nreceivers: [{name: a}]\n", []string{`5: undefined time interval "nights" used in route`}},
		"every integration":  {"route: {receiver: a}\nreceivers:\n- name: a\n  opsgenie_configs:\n  - message: x\n  webhook_configs:\n  - max_alerts: 1\n", []string{`5: contact point "a": no global OpsGenie API Key set either inline or in a file`, `7: contact point "a": one of url or url_file must be configured`}},
		"a file":             {"route: {receiver: a}\nreceivers:\n- name: a\n  webhook_configs:\n  - url_file: /etc/passwd\n", []string{"5: url_file is for the configuration file alone: write the secret itself, which is kept encrypted"}},
		"templates":          {"route: {receiver: a}\nreceivers: [{name: a}]\ntemplates:\n- /etc/*\n", []string{"4: templates is for the configuration file alone"}},
		"where nobody may":   {"route: {receiver: a}\nreceivers:\n- name: a\n  webhook_configs:\n  - url: http://169.254.169.254/latest\n", []string{"5: 169.254.169.254 is not to be reached"}},
		"an alias of itself": {"route: &a\n  receiver: a\n  routes: [*a]\nreceivers: [{name: a}]\n", []string{"0: anchor 'a' value contains itself"}},
		"no route":           {"receivers: [{name: a}]\n", []string{"0: no routes provided"}},
	} {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, tt.want, problems(t, m, notify.Draft{YAML: tt.yaml}))
			_, err := m.Save(t.Context(), notify.Draft{YAML: tt.yaml}, notify.Edit{})
			require.ErrorIs(t, err, fault.ErrInvalid)
		})
	}
	_, err := m.Check(t.Context(), notify.Draft{Config: json.RawMessage(`{"route":`)})
	require.ErrorIs(t, err, fault.ErrInvalid)
	all, err := m.Versions(t.Context())
	require.NoError(t, err)
	require.Empty(t, all)
}

func TestADraftsReceiverIsTestedBeforeItIsKept(t *testing.T) {
	h := newHook(t)
	m, _, _ := startWith(t, t.TempDir(), notify.Source{}, notify.DefaultConfig(), sealed)
	d := notify.Draft{YAML: string(h.source().Text)}
	results, err := m.TestDraft(t.Context(), d, "hook", promodel.LabelSet{"alertname": "T"}, nil)
	require.NoError(t, err)
	require.Len(t, results, 1)
	require.NoError(t, results[0].Err)
	require.Equal(t, []string{"firing"}, h.statuses())
	_, err = m.TestDraft(t.Context(), d, "nobody", promodel.LabelSet{"alertname": "T"}, nil)
	require.ErrorIs(t, err, fault.ErrNotFound)
	all, err := m.Versions(t.Context())
	require.NoError(t, err)
	require.Empty(t, all)
}
