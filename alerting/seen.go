package alerting

import (
	"context"
	"slices"

	"github.com/prometheus/prometheus/rules"

	"github.com/oriel-obs/oriel/internal/auth"
)

// Seen are the rules as somebody sees them. It implements RulesRetriever of
// Prometheus' web API.
type Seen struct {
	m  *Manager
	id *auth.Identity
}

// Seen returns the rules as the one who asks in ctx sees them: those of its
// tenants, and the operator's for the default one. Without tenants it is all.
func (m *Manager) Seen(ctx context.Context) Seen { return Seen{m, auth.From(ctx)} }

// RuleGroups returns the groups being evaluated, sorted by file and name.
func (s Seen) RuleGroups() []*rules.Group {
	return slices.DeleteFunc(s.m.RuleGroups(), func(g *rules.Group) bool { return !s.has(g) })
}

// AlertingRules returns the rules whose alerts may be theirs to see: the
// operator's too, for these may be about any tenant.
func (s Seen) AlertingRules() []*rules.AlertingRule {
	var all []*rules.AlertingRule
	for _, g := range s.m.RuleGroups() {
		if s.m.subject(g).Owned && !s.has(g) {
			continue
		}
		all = append(all, g.AlertingRules()...)
	}
	return all
}

// Owner returns whose a group is: of the operator's, the default tenant.
func (m *Manager) Owner(g *rules.Group) string { return m.subject(g).Tenant }

func (s Seen) has(g *rules.Group) bool {
	if s.id == nil || s.id.Tenants == nil {
		return true
	}
	return slices.Contains(s.id.Tenants, s.m.Owner(g))
}
