package notify

import (
	"github.com/prometheus/alertmanager/config/common"
	"github.com/prometheus/alertmanager/eventrecorder"
	"github.com/prometheus/alertmanager/inhibit"
	"github.com/prometheus/alertmanager/pkg/labels"
	"github.com/prometheus/alertmanager/provider"
	promodel "github.com/prometheus/common/model"
)

// An Inhibition of Oriel's own rules: while alerts with the one name fire,
// nobody is told of those with the other name whose Equal labels are the same.
// They are seen all the same.
type Inhibition struct {
	Source, Target string // names of alerts
	Equal          []string
}

func (i Inhibition) rule() common.InhibitRule {
	named := func(name string) common.Matchers {
		return common.Matchers{{Type: labels.MatchEqual, Name: promodel.AlertNameLabel, Value: name}}
	}
	return common.InhibitRule{SourceMatchers: named(i.Source), TargetMatchers: named(i.Target), Equal: i.Equal}
}

// inhibitor keeps quiet what the configuration says, and what Oriel's own
// inhibitions say, which are no part of it.
func (m *Manager) inhibitor(p *plan, store provider.Alerts) *inhibit.Inhibitor {
	rules := append([]common.InhibitRule(nil), p.conf.InhibitRules...)
	for _, i := range m.opts.Inhibitions {
		rules = append(rules, i.rule())
	}
	return inhibit.NewInhibitor(store, rules, m.log, eventrecorder.Recorder{})
}
