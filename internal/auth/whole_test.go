package auth_test

import (
	"testing"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/stretchr/testify/require"

	"github.com/oriel-obs/oriel/internal/auth"
)

func TestWhoSeesASignalOfATenantWhole(t *testing.T) {
	viewer := func(tenants []string, selectors map[auth.Signal][]*labels.Matcher) *auth.Identity {
		return &auth.Identity{
			Grants:  []auth.Grant{{Scopes: []auth.Scope{"query:metrics", "query:logs"}, Tenants: tenants, Selectors: selectors}},
			Tenants: tenants,
		}
	}
	narrow := map[auth.Signal][]*labels.Matcher{auth.Metrics: {labels.MustNewMatcher(labels.MatchEqual, "job", "api")}}
	for name, c := range map[string]struct {
		id     *auth.Identity
		signal auth.Signal
		tenant string
		want   bool
	}{
		"the process":                   {nil, auth.Metrics, "acme", true},
		"without tenants":               {viewer(nil, nil), auth.Metrics, "", true},
		"without tenants, narrowed":     {viewer(nil, narrow), auth.Metrics, "", false},
		"another signal of a narrowed":  {viewer(nil, narrow), auth.Logs, "", true},
		"a signal that is not theirs":   {viewer(nil, nil), auth.Traces, "", false},
		"their tenant":                  {viewer([]string{"acme"}, nil), auth.Metrics, "acme", true},
		"their tenant, narrowed":        {viewer([]string{"acme"}, narrow), auth.Metrics, "acme", false},
		"another tenant":                {viewer([]string{"acme"}, nil), auth.Metrics, "other", false},
		"the default tenant of another": {viewer([]string{"acme"}, nil), auth.Metrics, "", false},
		"the default tenant":            {viewer([]string{""}, nil), auth.Metrics, "", true},
		"an admin of a tenant":          {auth.Own("acme"), auth.Metrics, "acme", true},
	} {
		require.Equal(t, c.want, c.id.SeesWhole(c.signal, c.tenant), name)
	}
}
