package auth_test

import (
	"testing"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/stretchr/testify/require"

	"github.com/oriel-obs/oriel/internal/auth"
)

// grant is a role with scopes that is narrowed to a selector, "" for none, of
// each signal that it has queries of.
func grant(t *testing.T, selector string, scopes ...auth.Scope) auth.Grant {
	t.Helper()
	r := auth.RoleRecord{Name: "r", Scopes: scopes}
	if selector != "" {
		r.Selectors = map[auth.Signal]string{auth.Metrics: selector, auth.Logs: selector, auth.Traces: selector}
	}
	g, err := r.Grant()
	require.NoError(t, err)
	return g
}

var (
	seeing = []auth.Scope{auth.QueryMetrics, auth.QueryLogs, auth.QueryTraces, auth.AlertsRead}
	acting = append([]auth.Scope{auth.AlertsWrite}, seeing...)
)

func TestWhichAlertsSomebodyHas(t *testing.T) {
	const shop, bank = `{namespace="shop"}`, `{namespace="bank"}`
	of := func(tenants []string, gs ...auth.Grant) *auth.Identity {
		return &auth.Identity{Tenants: tenants, Grants: gs}
	}
	only := func(tenant string, g auth.Grant) auth.Grant { g.Tenants = []string{tenant}; return g }
	for name, c := range map[string]struct {
		id                *auth.Identity
		sees, acts        string // the namespaces of s(hop), b(ank) and n(one)
		all, whole, holds bool   // of what is acted on; the scope at all
	}{
		"the process":                 {nil, "sbn", "sbn", true, true, true},
		"nobody":                      {of(nil), "", "", false, false, false},
		"an admin":                    {of(nil, grant(t, "", auth.Admin)), "sbn", "sbn", true, true, true},
		"an editor":                   {of(nil, grant(t, "", acting...)), "sbn", "sbn", true, true, true},
		"a viewer":                    {of(nil, grant(t, "", seeing...)), "sbn", "", false, false, false},
		"an editor of one namespace":  {of(nil, grant(t, shop, acting...)), "s", "s", false, false, true},
		"of two roles":                {of(nil, grant(t, shop, acting...), grant(t, bank, acting...)), "sb", "sb", false, false, true},
		"who sees more than they may": {of(nil, grant(t, "", seeing...), grant(t, shop, acting...)), "sbn", "s", false, false, true},
		"who may more than they see":  {of(nil, grant(t, shop, seeing...), grant(t, "", auth.AlertsWrite)), "s", "s", false, false, true},
		"a token for alerts alone":    {of(nil, grant(t, "", auth.AlertsRead, auth.AlertsWrite)), "sbn", "sbn", true, true, true},
		"a token for logs alone":      {of(nil, grant(t, "", auth.QueryLogs)), "", "", false, false, false},
		"of a tenant":                 {of([]string{""}, grant(t, "", acting...)), "sbn", "sbn", false, true, true},
		"of another tenant":           {of([]string{"x"}, grant(t, "", acting...)), "", "", false, true, true},
		"of a part of a tenant":       {of([]string{""}, grant(t, shop, acting...)), "s", "s", false, false, true},
		"elsewhere":                   {of([]string{""}, only("x", grant(t, "", acting...))), "", "", false, false, false},
	} {
		t.Run(name, func(t *testing.T) {
			namespaces := func(r auth.Reach) (out string) {
				for letter, ls := range map[string]map[string]string{"s": {"namespace": "shop"}, "b": {"namespace": "bank"}, "n": {}} {
					if r.Has(ls) {
						out += letter
					}
				}
				return out
			}
			require.ElementsMatch(t, []byte(c.sees), []byte(namespaces(c.id.Reach(auth.AlertsRead))))
			acts := c.id.Reach(auth.AlertsWrite)
			require.ElementsMatch(t, []byte(c.acts), []byte(namespaces(acts)))
			require.Equal(t, c.all, acts.All())
			require.Equal(t, c.whole, acts.Whole())
			require.Equal(t, c.holds, acts.Lacks([]*labels.Matcher{
				labels.MustNewMatcher(labels.MatchEqual, "namespace", "shop"), labels.MustNewMatcher(labels.MatchEqual, auth.TenantLabel, c.id.Tenant()),
			}) == "")
		})
	}
}

func TestWhatASilenceLacks(t *testing.T) {
	for _, c := range []struct {
		selectors []string // of roles
		silence   string
		lacks     string
	}{
		{[]string{`{namespace="shop"}`}, `{namespace="shop"}`, ``},
		{[]string{`{namespace="shop"}`}, `{namespace="shop",alertname="Slow"}`, ``},
		{[]string{`{namespace="shop"}`}, `{namespace=~"shop"}`, ``},
		{[]string{`{namespace="shop"}`}, `{alertname="Slow"}`, `namespace="shop"`},
		{[]string{`{namespace="shop"}`}, `{namespace="bank"}`, `namespace="shop"`},
		{[]string{`{namespace="shop"}`}, `{namespace!="bank"}`, `namespace="shop"`},
		{[]string{`{namespace="shop"}`}, `{namespace=~"shop|bank"}`, `namespace="shop"`},
		{[]string{`{namespace="shop"}`}, `{namespace=~"shop.*"}`, `namespace="shop"`},
		{[]string{`{namespace="shop"}`}, `{namespace=~".*",other="shop"}`, `namespace="shop"`},
		{[]string{`{namespace="shop",team="a"}`}, `{namespace="shop"}`, `team="a"`},
		{[]string{`{namespace="shop",team="a"}`}, `{alertname="Slow"}`, `namespace="shop", team="a"`},
		{[]string{`{namespace="shop"}`, `{team="a"}`}, `{team="a"}`, ``},
		{[]string{`{namespace="shop"}`, `{team="a"}`}, `{alertname="Slow"}`, `namespace="shop" or team="a"`},
		{[]string{`{namespace=~"shop|web"}`}, `{namespace="web"}`, ``},
		{[]string{`{namespace=~"shop|web"}`}, `{namespace=~"web|shop"}`, ``},
		{[]string{`{namespace=~"shop|web"}`}, `{namespace=~"web|bank"}`, `namespace=~"shop|web"`},
		{[]string{`{namespace=~"shop-.+"}`}, `{namespace=~"shop-.+"}`, ``},
		{[]string{`{namespace=~"shop-.+"}`}, `{namespace="shop-eu"}`, ``},
		{[]string{`{namespace=~"shop-.+"}`}, `{namespace=~"shop-(eu|us)"}`, ``},
		{[]string{`{namespace=~"shop-.+"}`}, `{namespace=~"shop-eu.*"}`, `namespace=~"shop-.+"`}, // which would do, but is not plain
		{[]string{`{namespace!="bank"}`}, `{namespace!="bank"}`, ``},
		{[]string{`{namespace!="bank"}`}, `{namespace="shop"}`, ``},
		{[]string{`{namespace!="bank"}`}, `{namespace=~"s.*"}`, ``},
		{[]string{`{namespace!="bank"}`}, `{namespace!~"b.*"}`, ``},
		{[]string{`{namespace!="bank"}`}, `{namespace!~"c.*"}`, `namespace!="bank"`},
		{[]string{`{namespace!="bank"}`}, `{alertname="Slow"}`, `namespace!="bank"`},
		{[]string{`{namespace!~"bank|vault"}`}, `{namespace!~"bank|vault"}`, ``},
		{[]string{`{namespace!~"bank.*"}`}, `{namespace!~"(?s:bank.*)"}`, ``},
		{[]string{`{namespace!~"bank.*"}`}, `{namespace!~"bank.*"}`, `namespace!~"(?s:bank.*)"`}, // a line feed is no dot to Alertmanager
		{[]string{`{namespace!~"bank.*"}`}, `{namespace="shop"}`, ``},
		{[]string{`{namespace=""}`}, `{namespace=""}`, ``},
		{[]string{`{namespace=""}`}, `{alertname="Slow"}`, `namespace=""`},
	} {
		id := &auth.Identity{}
		for _, s := range c.selectors {
			id.Grants = append(id.Grants, grant(t, s, acting...))
		}
		require.Equal(t, c.lacks, id.Reach(auth.AlertsWrite).Lacks(silenceOf(t, c.silence)), "%v may not set %s", c.selectors, c.silence)
	}
}

// silenceOf reads matchers as a silence has them.
func silenceOf(t *testing.T, text string) (ms []*labels.Matcher) {
	t.Helper()
	for _, m := range grant(t, text, auth.QueryLogs).Selectors[auth.Logs] {
		sm, err := auth.SilenceMatcher(m.Type, m.Name, m.Value)
		require.NoError(t, err)
		ms = append(ms, sm)
	}
	return ms
}

func TestAPatternThatBreaksOutOfItsParenthesesIsNone(t *testing.T) {
	for _, pattern := range []string{`shop)|(.*`, `shop)|.*|(`, `(`, `[`} {
		_, err := auth.SilenceMatcher(labels.MatchRegexp, "namespace", pattern)
		require.ErrorContains(t, err, `matcher of "namespace"`, pattern)
	}
}
