package alerting_test

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/rules"
	"github.com/stretchr/testify/require"

	"github.com/oriel-obs/oriel/alerting"
	"github.com/oriel-obs/oriel/internal/auth"
)

// asked is who a query was for, and nothing.
func asked(told *[]string) rules.QueryFunc {
	return func(ctx context.Context, expr string, _ time.Time) (promql.Vector, error) {
		who := "the process"
		if id := auth.From(ctx); id != nil {
			who = fmt.Sprintf("%q", id.Tenants)
		}
		*told = append(*told, expr+" for "+who)
		return nil, nil
	}
}

func TestRulesOfATenantAskRecordAndAlertAsIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStand(t)
		var told []string
		real := s.query
		s.query = func(ctx context.Context, expr string, at time.Time) (promql.Vector, error) {
			_, _ = asked(&told)(ctx, expr, at)
			return real(ctx, expr, at)
		}
		dir := t.TempDir()
		file := func(name, text string) []string { return []string{write(t, dir, name, text)} }
		conf := alerting.DefaultConfig()
		m, err := alerting.New(alerting.Options{
			Settings: alerting.Settings{
				Config: conf,
				Files:  file("operator.yml", `groups: [{name: o, interval: 1m, rules: [{record: o, expr: 'vector(1)', labels: {__tenant_id__: a}}]}]`),
				Tenants: map[string][]string{
					// It says that it is another's, in every way in which it can.
					"a": file("a.yml", `groups: [{name: g, interval: 1m, labels: {__tenant_id__: b}, rules: [
						{record: r, expr: 'vector(2)', labels: {__tenant_id__: b}},
						{record: s, expr: 'label_replace(vector(3), "__tenant_id__", "b", "", "")'},
						{alert: A, expr: 'vector(4)', labels: {__tenant_id__: '{{ "b" }}'}, annotations: {summary: '{{ query "vector(5)" | len }}'}}]}]`),
					"": file("default.yml", `groups: [{name: g, interval: 1m, rules: [
						{record: d, expr: 'label_replace(vector(6), "__tenant_id__", "b", "", "")'}, {alert: A, expr: 'label_replace(vector(7), "__tenant_id__", "b", "", "")'}]}]`),
				},
			},
			Engines: alerting.Engines{Metrics: s.query}, Appendable: s.store, Queryable: s.store, Notify: s.notify,
			Registerer: prometheus.NewRegistry(), Log: slog.New(slog.DiscardHandler),
		})
		require.NoError(t, err)
		stop := run(t, m)
		defer stop()
		time.Sleep(4 * time.Minute) // until their state is restored, too
		synctest.Wait()
		heard := s.heard()
		slices.Sort(heard)
		require.Equal(t, []string{
			`firing {__tenant_id__="a", alertname="A"} 1`,
			`firing {alertname="A"} `,
		}, slices.Compact(heard))
		require.Equal(t, strings.Join([]string{
			`{__name__="d"} 6`, `{__name__="o", __tenant_id__="a"} 1`, `{__name__="r", __tenant_id__="a"} 2`, `{__name__="s", __tenant_id__="a"} 3`,
		}, "\n"), s.value(t, `{__name__=~"[a-z]"}`))
		require.Equal(t, "{} 2", s.value(t, `count(ALERTS)`))
		slices.Sort(told)
		require.Equal(t, []string{
			`label_replace(vector(3), "__tenant_id__", "b", "", "") for ["a"]`,
			`label_replace(vector(6), "__tenant_id__", "b", "", "") for [""]`,
			`label_replace(vector(7), "__tenant_id__", "b", "", "") for [""]`,
			`vector(1) for the process`, `vector(2) for ["a"]`, `vector(4) for ["a"]`, `vector(5) for ["a"]`,
		}, slices.DeleteFunc(slices.Compact(told), func(text string) bool { return strings.Contains(text, "__name__") || strings.Contains(text, "count(") }))

		for tenants, want := range map[string][]string{"": {"default.yml", "operator.yml"}, "a": {"a.yml"}, "b": {}, "a|": {"a.yml", "default.yml", "operator.yml"}} {
			seen := []string{}
			ctx := auth.With(t.Context(), &auth.Identity{Tenants: strings.Split(tenants, "|")})
			for _, g := range m.Seen(ctx).RuleGroups() {
				seen = append(seen, filepath.Base(g.File()))
			}
			require.Equal(t, want, seen, tenants)
		}
		require.Len(t, m.Seen(t.Context()).RuleGroups(), 3)
		// An expression of theirs explains alerts of theirs.
		_, ok := m.Definition("a", "A", "vector(4)")
		require.True(t, ok)
		_, ok = m.Definition("b", "A", "vector(4)")
		require.False(t, ok)
	})
}

// mkdir makes a folder with those above it.
func mkdir(t *testing.T, dir string) string {
	t.Helper()
	require.NoError(t, os.MkdirAll(dir, 0o750))
	return dir
}

func TestAFileHasOneOwner(t *testing.T) {
	path := write(t, t.TempDir(), "rules.yml", goodRules)
	_, err := alerting.New(alerting.Options{
		Settings: alerting.Settings{Files: []string{path}, Tenants: map[string][]string{"a": {path}}, Config: alerting.DefaultConfig()},
		Log:      slog.New(slog.DiscardHandler),
	})
	require.ErrorContains(t, err, `rules.yml: the rules are of rule_files and of tenant "a": name the file once`)
}

func TestTenantsHaveHomesOfTheirOwn(t *testing.T) {
	h := alerting.Homes{Dir: t.TempDir()}
	names, err := h.Tenants()
	require.NoError(t, err)
	require.Empty(t, names)
	homes := map[string]string{h.Rules(""): ""}
	for _, name := range []string{"a", "A", "*", "a*b", "(x)", "!", ".hidden", "it's"} {
		require.NoError(t, auth.CheckTenant(name))
		dir := h.Rules(name)
		require.Empty(t, homes[strings.ToLower(dir)], "%s is also of %s", dir, name)
		homes[strings.ToLower(dir)] = name
		require.NoFileExists(t, dir)
		write(t, mkdir(t, filepath.Join(dir, "metrics")), "rules.yml", goodRules)
		found, err := filepath.Glob(filepath.Join(dir, "*", "*.yml"))
		require.NoError(t, err)
		require.Equal(t, []string{filepath.Join(dir, "metrics", "rules.yml")}, found)
	}
	names, err = h.Tenants()
	require.NoError(t, err)
	require.ElementsMatch(t, []string{"a", "A", "*", "a*b", "(x)", "!", ".hidden", "it's"}, names)
	require.NoError(t, h.Remove("*"))
	require.DirExists(t, h.Rules("a*b"))
	require.NoDirExists(t, h.Rules("*"))
	require.Error(t, h.Remove(""))
}
