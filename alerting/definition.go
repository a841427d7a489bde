package alerting

import (
	"time"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/rules"
)

// A Definition is what explains the alerts of a rule.
type Definition struct {
	Subject
	Expr     string
	For      time.Duration
	Interval time.Duration   // of its group
	Labels   map[string]bool // names of those that the rule sets itself
}

// Definition returns that of the alerting rule with a name and an expression,
// as it is written in the link of an alert of a tenant: one of its rules, or of
// the operator's. "" is any expression, if there is one rule of the name only.
func (m *Manager) Definition(tenant, name, expr string) (d Definition, ok bool) {
	found := 0
	for _, g := range m.RuleGroups() {
		if s := m.subject(g); s.Owned && s.Tenant != tenant {
			continue
		}
		for _, r := range g.Rules() {
			a, alerts := r.(*rules.AlertingRule)
			if !alerts || a.Name() != name || expr != "" && a.Query().String() != expr {
				continue
			}
			if found++; found > 1 {
				continue
			}
			d = Definition{Subject: m.subject(g), Expr: a.Query().String(), For: a.HoldDuration(), Interval: g.Interval(), Labels: map[string]bool{}}
			a.Labels().Range(func(l labels.Label) { d.Labels[l.Name] = true })
		}
	}
	return d, found == 1 || found > 0 && expr != ""
}
