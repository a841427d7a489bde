package admission

import (
	"fmt"
	"slices"
	"strconv"
	"sync"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/relabel"

	"github.com/oriel-obs/oriel/internal/auth"
)

// Config is the `ingest.metric_relabel_configs` section of oriel.yaml: rules
// that every series passes from first to last.
type Config []*relabel.Config

// Validate returns every problem at once, each with the place of its rule.
func (c Config) Validate() error {
	_, err := c.checked()
	return err
}

// checked returns the rules with their defaults filled in.
func (c Config) checked() ([]*relabel.Config, error) {
	var out []*relabel.Config
	for i, rule := range c {
		if rule == nil {
			return nil, fmt.Errorf("metric_relabel_configs[%d]: the rule is empty", i)
		}
		copied := *rule // Validate fills fields in
		if err := copied.Validate(model.UTF8Validation); err != nil {
			return nil, fmt.Errorf("metric_relabel_configs[%d]: %w", i, err)
		}
		out = append(out, &copied)
	}
	return out, nil
}

// Equal reports whether c and d are the same rules.
func (c Config) Equal(d Config) bool {
	return slices.EqualFunc(c, d, func(a, b *relabel.Config) bool {
		return a.Action == b.Action && a.Separator == b.Separator && a.Regex.String() == b.Regex.String() && a.Modulus == b.Modulus &&
			a.TargetLabel == b.TargetLabel && a.Replacement == b.Replacement && slices.Equal(a.SourceLabels, b.SourceLabels)
	})
}

// Rules are what a Gate applies at a time. They never change, and neither does
// what they make of a series. A nil *Rules takes every series as it is.
type Rules struct {
	configs  []*relabel.Config
	dropped  []prometheus.Counter // by rule
	number   uint64               // of the rules of this process, in the order in which they came
	stamp    *stamp               // nil without tenants
	spoofed  prometheus.Counter   // samples' series that came with the tenant's label
	verdicts verdicts

	plainOnce sync.Once
	plain     *Rules // see unstamped
}

// A stamp is whose the series are.
type stamp struct{ tenant string }

func stampOf(tenant string) *stamp { return &stamp{tenant} }

// unstamped returns the same rules for series that are stamped.
func (r *Rules) unstamped() *Rules {
	if r.stamp == nil {
		return r
	}
	r.plainOnce.Do(func() {
		p := &Rules{configs: r.configs, dropped: r.dropped, number: numberMask} // whose references are not trusted
		p.verdicts.init()
		r.plain = p
	})
	return r.plain
}

func newRules(configs []*relabel.Config, number uint64, m *metrics) *Rules {
	r := &Rules{configs: configs, number: number, spoofed: m.spoofed}
	for i, c := range configs {
		r.dropped = append(r.dropped, m.dropped.WithLabelValues(strconv.Itoa(i), string(c.Action)))
	}
	r.verdicts.init()
	return r
}

// A Verdict is what rules make of a series.
type Verdict struct {
	Sent    labels.Labels // as they came
	Labels  labels.Labels // of the series that takes the samples; none if Dropped
	Dropped bool
	Changed bool // Labels are not Sent

	rule int // that drops
}

// Judge applies the rules to the series ls, which may be memory that its
// owner uses again. Labels of the verdict are ls unless they are changed.
func (r *Rules) Judge(ls labels.Labels) Verdict {
	if !r.Active() {
		return Verdict{Sent: ls, Labels: ls}
	}
	b := labels.NewBuilder(ls)
	if r.stamp != nil && b.Get(auth.TenantLabel) != "" {
		r.spoofed.Inc()
		b.Del(auth.TenantLabel)
	}
	for i, c := range r.configs {
		// A series must have a name: the rule that takes it drops the series.
		if !relabel.ProcessBuilder(b, c) || b.Get(model.MetricNameLabel) == "" {
			return Verdict{Sent: ls, Dropped: true, rule: i}
		}
	}
	if r.stamp != nil {
		b.Set(auth.TenantLabel, r.stamp.tenant) // an empty label is none
	}
	out := b.Labels()
	if labels.Equal(out, ls) {
		return Verdict{Sent: ls, Labels: ls}
	}
	return Verdict{Sent: ls, Labels: out, Changed: true}
}

// Keep returns v in memory of its own, if Sent is its owner's.
func (v Verdict) Keep() Verdict {
	v.Sent = v.Sent.Copy()
	if !v.Changed && !v.Dropped {
		v.Labels = v.Sent
	}
	return v
}

// CountDropped adds samples that v dropped to its rule's count.
func (r *Rules) CountDropped(v Verdict, samples int) {
	r.dropped[v.rule].Add(float64(samples))
}

// Seed is mixed into hashes of what was sent, so that a cache of series cannot
// answer with what other rules made of them. It is 0 while there were never
// any rules.
func (r *Rules) Seed() uint64 {
	if r == nil {
		return 0
	}
	return r.number * 0x9e3779b97f4a7c15
}

// Active reports whether there are any rules.
func (r *Rules) Active() bool { return r != nil && (len(r.configs) > 0 || r.stamp != nil) }
