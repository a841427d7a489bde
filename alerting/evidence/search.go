package evidence

import (
	"cmp"
	"context"
	"maps"
	"math"
	"slices"
	"time"

	promodel "github.com/prometheus/common/model"

	"github.com/oriel-obs/oriel/alerting"
	"github.com/oriel-obs/oriel/model"
)

// A search is what the parts look for: what belongs to the alerts of one
// notification.
type search struct {
	c        *Collector
	at       time.Time
	subjects []*subject // not empty
	over     bool       // nothing fires any more
	wanted   func(part string) bool

	// suspects are the services where traces say that failures began. The
	// part of logs waits for them a while.
	suspects chan []string
}

func (c *Collector) newSearch(at time.Time, subjects []*subject) *search {
	return &search{c: c, at: at, subjects: subjects, over: subjects[0].over, wanted: everything, suspects: make(chan []string, 1)}
}

func everything(string) bool { return true }

// main is the alert that matters most.
func (s *search) main() *subject { return s.subjects[0] }

// parts returns what to look for of what is wanted. Of what is over, the picture says enough.
func (s *search) parts() []part {
	var all []part
	add := func(name string, find func(context.Context) (func(*Evidence), error)) {
		if s.wanted(name) {
			all = append(all, part{name, find})
		}
	}
	conf := s.c.opts.Config
	add("rule", s.values)
	if conf.Picture && s.main().expr != "" && s.main().err == nil {
		add("picture", s.picture)
	}
	if s.over {
		return all
	}
	add("deploys", s.deploys)
	if conf.Traces > 0 && s.wanted("traces") {
		add("traces", s.traces)
	} else {
		close(s.suspects)
	}
	if conf.LogLines > 0 {
		add("logs", s.logs)
	}
	return all
}

// How far back from the notification to look for what goes with it.
const (
	leadIn   = 2 * time.Minute // before the condition began to hold
	longest  = time.Hour       // of logs and traces
	shortest = 5 * time.Minute
)

// recently is when logs and traces are looked for: from a little before the
// start to the notification.
func (s *search) recently() model.Range {
	from := s.main().since()
	for _, sub := range s.subjects {
		if t := sub.since(); !sub.over && t.Before(from) {
			from = t
		}
	}
	from = from.Add(-leadIn)
	if limit := s.at.Add(-longest); from.Before(limit) {
		from = limit
	}
	if limit := s.at.Add(-shortest); from.After(limit) {
		from = limit
	}
	return model.RangeOf(from, s.at)
}

// alerts are the subjects without their values.
func (s *search) alerts() []Alert {
	out := make([]Alert, len(s.subjects))
	for i, sub := range s.subjects {
		a := Alert{
			Name: sub.name, Fingerprint: sub.Fingerprint().String(), Labels: map[string]string{},
			Expression: sub.expr, Where: s.c.clean(sub.labelsText(), maxName), StartsAt: sub.StartsAt.UTC(), URL: s.alertURL(sub),
		}
		for name, value := range sub.Labels {
			a.Labels[string(name)] = string(value)
		}
		if sub.expr != "" {
			a.Signal = string(sub.signal())
		}
		if sub.err == nil && sub.cond.op != "" {
			a.Measured, a.Threshold = sub.cond.measured, sub.cond.threshold(math.NaN())
		}
		if sub.rule.For > 0 {
			a.For = promodel.Duration(sub.rule.For).String()
		}
		if sub.over {
			end := sub.EndsAt.UTC()
			a.EndsAt = &end
		}
		out[i] = a
	}
	return out
}

// values finds what the rules measure now. One expression is asked for once.
func (s *search) values(ctx context.Context) (func(*Evidence), error) {
	type answer struct {
		value float64
		bound float64
	}
	found := make([]answer, len(s.subjects))
	type question struct {
		signal alerting.Signal
		text   string
	}
	asked := map[question]func(*subject) float64{}
	ask := func(sub *subject, text string) (float64, error) {
		q := question{sub.signal(), text}
		if asked[q] == nil {
			v, err := s.c.opts.Engines.Ask(ctx, sub.rule.Subject, text, s.at)
			if err != nil {
				return 0, err
			}
			asked[q] = func(sub *subject) float64 {
				if value := sub.value(v); value == value || len(v) != 1 {
					return value
				}
				return v[0].F // a number for all, such as scalar(x)
			}
		}
		return asked[q](sub), nil
	}
	var fault error
	for i, sub := range s.subjects {
		found[i] = answer{math.NaN(), math.NaN()}
		if sub.expr == "" {
			continue
		}
		if sub.err != nil {
			fault = cmp.Or(fault, sub.err)
			continue
		}
		v, err := ask(sub, sub.cond.measured)
		if err == nil && sub.cond.boundExpr != "" {
			found[i].bound, err = ask(sub, sub.cond.boundExpr)
		}
		if err != nil {
			fault = cmp.Or(fault, err)
			continue
		}
		found[i].value = v
	}
	return func(e *Evidence) {
		for i, sub := range s.subjects {
			a, v := &e.Alerts[i], found[i].value
			if sub.cond.op != "" {
				a.Threshold = sub.cond.threshold(found[i].bound)
			}
			switch {
			case sub.cond.absent && math.IsNaN(v):
				a.ValueText = "absent"
			case !math.IsNaN(v) && !math.IsInf(v, 0):
				a.Value, a.ValueText = &v, sub.cond.unit.text(v)
			}
		}
	}, fault
}

// deploys finds versions that were new near the start, of the services the
// alerts are about.
func (s *search) deploys(ctx context.Context) (func(*Evidence), error) {
	since := s.main().since()
	r := model.RangeOf(since.Add(-time.Hour), s.at)
	if limit := s.at.Add(-24 * time.Hour).UnixNano(); r.Start < limit {
		r.Start = limit
	}
	all, err := s.c.opts.Services.Deploys(ctx, r, "")
	if err != nil {
		return nil, err
	}
	wanted := s.candidates()
	var out []Deploy
	for _, d := range all {
		if len(wanted) == 0 || wanted[d.Service] {
			out = append(out, Deploy{time.Unix(0, d.Time).UTC(), d.Service, s.c.clean(d.Version, maxName), s.c.clean(d.Previous, maxName)})
		}
	}
	out = out[max(0, len(out)-maxDeploys):]
	return func(e *Evidence) { e.Deploys = out }, nil
}

const maxDeploys = 5

// candidates are the names that services of the alerts may have.
func (s *search) candidates() map[string]bool {
	out := map[string]bool{}
	for _, sub := range s.subjects {
		if !sub.over {
			maps.Copy(out, sub.serviceNames())
		}
	}
	return out
}

func sorted(set promodel.Fingerprints) promodel.Fingerprints {
	set = slices.Clone(set)
	slices.Sort(set)
	return set
}
