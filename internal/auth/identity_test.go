package auth

import (
	"context"
	"testing"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/stretchr/testify/require"
)

func equal(name, value string) *labels.Matcher {
	return labels.MustNewMatcher(labels.MatchEqual, name, value)
}

func shop(scopes ...Scope) Grant {
	return Grant{Scopes: scopes, Selectors: map[Signal][]*labels.Matcher{Logs: {equal("namespace", "shop")}}}
}

func TestWhatAnIdentityMayDo(t *testing.T) {
	all := Grant{Scopes: []Scope{Admin}}
	for name, c := range map[string]struct {
		id   *Identity
		want bool
	}{
		"the process itself":                   {nil, true},
		"nobody in particular":                 {&Identity{}, false},
		"one with the scope":                   {&Identity{Grants: []Grant{shop(QueryLogs)}}, true},
		"one with another":                     {&Identity{Grants: []Grant{shop(QueryMetrics)}}, false},
		"an admin":                             {&Identity{Grants: []Grant{all}}, true},
		"in the tenant of the grant":           {&Identity{Tenants: []string{"a"}, Grants: []Grant{{Scopes: []Scope{QueryLogs}, Tenants: []string{"a"}}}}, true},
		"in another tenant":                    {&Identity{Tenants: []string{"b"}, Grants: []Grant{{Scopes: []Scope{QueryLogs}, Tenants: []string{"a"}}}}, false},
		"in two tenants with a grant in one":   {&Identity{Tenants: []string{"a", "b"}, Grants: []Grant{{Scopes: []Scope{QueryLogs}, Tenants: []string{"a"}}}}, false},
		"in two tenants with a grant for each": {&Identity{Tenants: []string{"a", "b"}, Grants: []Grant{{Scopes: []Scope{QueryLogs}, Tenants: []string{"a"}}, {Scopes: []Scope{QueryLogs}, Tenants: []string{"b"}}}}, true},
		"in no tenant at all":                  {&Identity{Tenants: []string{}, Grants: []Grant{all}}, false},
	} {
		require.Equal(t, c.want, c.id.May(QueryLogs), name)
	}
}

func TestWhatAnIdentitySees(t *testing.T) {
	whole := Grant{Scopes: []Scope{QueryLogs}}
	for name, c := range map[string]struct {
		id   *Identity
		want string
	}{
		"the process itself sees all":        {nil, ""},
		"without a grant, nothing":           {&Identity{}, "sees "},
		"a grant of another signal":          {&Identity{Grants: []Grant{shop(QueryMetrics)}}, "sees "},
		"a selector":                         {&Identity{Grants: []Grant{shop(QueryLogs)}}, `sees {namespace="shop"}`},
		"two selectors add up":               {&Identity{Grants: []Grant{shop(QueryLogs), {Scopes: []Scope{QueryLogs}, Selectors: map[Signal][]*labels.Matcher{Logs: {equal("app", "x")}}}}}, `sees {app="x"} {namespace="shop"}`},
		"a whole grant beside a narrow one":  {&Identity{Grants: []Grant{shop(QueryLogs), whole}}, ""},
		"an admin's selectors do not count":  {&Identity{Grants: []Grant{shop(Admin)}}, ""},
		"a tenant":                           {&Identity{Tenants: []string{"a"}, Grants: []Grant{whole}}, `sees {__tenant_id__="a"}`},
		"an admin sees a tenant at a time":   {&Identity{Tenants: []string{"a"}, Grants: []Grant{{Scopes: []Scope{Admin}}}}, `sees {__tenant_id__="a"}`},
		"the default tenant":                 {&Identity{Tenants: []string{""}, Grants: []Grant{whole}}, `sees {__tenant_id__=""}`},
		"a selector within a tenant":         {&Identity{Tenants: []string{"a"}, Grants: []Grant{shop(QueryLogs)}}, `sees {__tenant_id__="a",namespace="shop"}`},
		"two tenants":                        {&Identity{Tenants: []string{"a", "b"}, Grants: []Grant{whole}}, `sees {__tenant_id__="a"} {__tenant_id__="b"}`},
		"a tenant that the grant is not for": {&Identity{Tenants: []string{"b"}, Grants: []Grant{{Scopes: []Scope{QueryLogs}, Tenants: []string{"a"}}}}, "sees "},
		"a grant in one of two tenants":      {&Identity{Tenants: []string{"a", "b"}, Grants: []Grant{{Scopes: []Scope{QueryLogs}, Tenants: []string{"a"}}}}, `sees {__tenant_id__="a"}`},
	} {
		require.Equal(t, c.want, c.id.View(Logs), name)
	}
}

func TestSeeingDoesNotChangeTheGrant(t *testing.T) {
	g := shop(QueryLogs)
	g.Selectors[Logs] = append(make([]*labels.Matcher, 0, 8), g.Selectors[Logs]...)
	id := &Identity{Tenants: []string{"a", "b"}, Grants: []Grant{g}}
	require.Equal(t, `sees {__tenant_id__="a",namespace="shop"} {__tenant_id__="b",namespace="shop"}`, id.View(Logs))
}

func TestTheContextCarriesWhoAsks(t *testing.T) {
	require.Nil(t, From(context.Background()))
	id := &Identity{Name: "ada"}
	require.Same(t, id, From(With(context.Background(), id)))
}

func TestScopesAsPeopleWriteThem(t *testing.T) {
	for text, want := range map[string][]Scope{
		"":                           nil,
		"admin":                      {Admin},
		"logs:write, query:*":        {LogsWrite, QueryLogs, QueryMetrics, QueryTraces},
		"alerts:*,alerts:read,admin": {Admin, AlertsRead, AlertsWrite},
	} {
		got, err := ParseScopes(text)
		require.NoError(t, err, text)
		require.Equal(t, want, got, text)
	}
	for _, text := range []string{"*", "logs", "logs:", "a*", "logs:read", "query:*x"} {
		_, err := ParseScopes(text)
		require.ErrorContains(t, err, "no scope", text)
	}
}
