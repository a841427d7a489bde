package backtest

import (
	"context"
	"fmt"
	"log/slog"
	"net/url"
	"slices"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/promql/parser"
	"github.com/prometheus/prometheus/rules"
	promstorage "github.com/prometheus/prometheus/storage"

	"github.com/oriel-obs/oriel/alerting"
	"github.com/oriel-obs/oriel/internal/fault"
)

// Options are what a Tester needs.
type Options struct {
	Engines     alerting.Engines
	Range       RangeFunc
	Appendable  promstorage.Appendable // of the rules; nothing is appended
	Queryable   promstorage.Queryable
	Parser      parser.Parser
	ExternalURL *url.URL // for templates of labels; nil is the empty URL

	// What a test may cost, besides the limits of the query itself:
	Timeout    time.Duration
	MaxSteps   int // evaluations
	MaxInstant int // evaluations of TraceQL, each of which is a query
	MaxSamples int // results at all steps together
	MaxSeries  int // alerts in the answer
	MaxPeriods int // periods in the answer
}

// DefaultLimits returns o with bounds that suit a page: eleven thousand
// evaluations are a week of minutes.
func (o Options) DefaultLimits() Options {
	o.Timeout, o.MaxSteps, o.MaxInstant, o.MaxSamples, o.MaxSeries, o.MaxPeriods = 30*time.Second, 11_000, 500, 1_000_000, 1000, 10_000
	return o
}

// A Tester runs rules against the past. It is safe for concurrent use.
type Tester struct{ opts Options }

// New returns a Tester.
func New(o Options) *Tester {
	if o.ExternalURL == nil {
		o.ExternalURL = &url.URL{}
	}
	return &Tester{o}
}

// A Result says when a rule would have fired.
type Result struct {
	Evaluations int     `json:"evaluations"`
	Alerts      []Alert `json:"alerts"` // those that fired longest first
	Summary
	Truncated bool `json:"truncated"` // whether alerts or periods are missing; the summaries are whole
}

// A Summary is of one alert, or of all.
type Summary struct {
	Count   int     `json:"count"`   // of firing periods
	Longest float64 `json:"longest"` // seconds
	Total   float64 `json:"total"`   // seconds
}

func (s *Summary) add(d time.Duration) {
	s.Count++
	s.Total += d.Seconds()
	s.Longest = max(s.Longest, d.Seconds())
}

// An Alert is one that fired.
type Alert struct {
	Labels      labels.Labels `json:"labels"`
	Annotations labels.Labels `json:"annotations,omitzero"` // as they came out last
	Periods     []Period      `json:"periods"`
	Summary
}

// A Period is from the evaluation that found an alert firing to the one that
// found it over.
type Period struct {
	Start time.Time `json:"start"`
	End   time.Time `json:"end"`
	Open  bool      `json:"open,omitempty"` // still firing at End, the last evaluation
}

// Run answers r. Faults of the request wrap fault.ErrInvalid, what costs too
// much fault.ErrLimit.
func (t *Tester) Run(ctx context.Context, r Request) (*Result, error) {
	text, group, err := r.document(t.opts.Parser)
	if err != nil {
		return nil, err
	}
	maxSteps := t.opts.MaxSteps
	if group.Signal == alerting.Traces {
		maxSteps = t.opts.MaxInstant
	}
	steps, err := r.times(maxSteps)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeoutCause(ctx, t.opts.Timeout, fmt.Errorf("the back-test took longer than %v: %w", t.opts.Timeout, fault.ErrTimeout))
	defer cancel()
	rule, err := t.rule(ctx, text)
	if err != nil {
		return nil, err
	}
	subject := alerting.Subject{Signal: group.Signal, Window: time.Duration(group.Window)}
	ctx = subject.With(ctx)
	expr, interval := rule.Query().String(), time.Duration(r.Interval)
	begin := r.Start.UTC().Truncate(time.Millisecond)
	query := func(ctx context.Context, q string, at time.Time) (promql.Vector, error) {
		return t.opts.Engines.Ask(ctx, subject, q, at)
	}
	if group.Signal != alerting.Traces {
		all, err := t.ask(ctx, group.Signal, expr, begin, begin.Add(time.Duration(steps-1)*interval), interval)
		if err != nil {
			return nil, late(ctx, err)
		}
		ask := query // what templates of labels ask
		query = func(ctx context.Context, q string, at time.Time) (promql.Vector, error) {
			if q != expr {
				return ask(ctx, q, at)
			}
			return all.at(at), nil
		}
	}
	w := &watcher{alerts: map[uint64]*Alert{}, firing: map[uint64]time.Time{}}
	for i := range steps {
		at := begin.Add(time.Duration(i) * interval)
		if err := late(ctx, nil); err != nil {
			return nil, err
		}
		if _, err := rule.Eval(ctx, 0, at, query, t.opts.ExternalURL, 0); err != nil {
			return nil, late(ctx, fmt.Errorf("evaluate at %s: %w", at.Format(time.RFC3339), err))
		}
		w.look(rule, at)
	}
	res := w.result(begin.Add(time.Duration(steps-1)*interval), t.opts)
	res.Evaluations = steps
	return res, nil
}

// late returns why ctx has ended, if it has, and otherwise err.
func late(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return err
}

// rule makes the alerting rule of a rule file.
func (t *Tester) rule(ctx context.Context, text string) (*rules.AlertingRule, error) {
	groups, err := alerting.LoadGroups(ctx, alerting.Options{
		Settings: alerting.Settings{BuiltIn: map[string]string{"backtest": text}, Config: alerting.DefaultConfig()},
		Engines:  t.opts.Engines, Appendable: t.opts.Appendable, Queryable: t.opts.Queryable,
		ExternalURL: t.opts.ExternalURL, Parser: t.opts.Parser, Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		return nil, err
	}
	rule, ok := groups[0].Rules()[0].(*rules.AlertingRule)
	if !ok {
		return nil, fmt.Errorf("rule: it does not fire: %w", fault.ErrInvalid)
	}
	return rule, nil
}

// A watcher follows the alerts of a rule from evaluation to evaluation.
type watcher struct {
	alerts map[uint64]*Alert    // that fired, by hash of their labels
	firing map[uint64]time.Time // since when
}

func (w *watcher) look(rule *rules.AlertingRule, at time.Time) {
	now := map[uint64]bool{}
	rule.ForEachActiveAlert(func(a *rules.Alert) {
		if a.State != rules.StateFiring {
			return
		}
		h := a.Labels.Hash()
		now[h] = true
		if w.alerts[h] == nil {
			w.alerts[h] = &Alert{Labels: a.Labels}
		}
		w.alerts[h].Annotations = a.Annotations
		if _, ok := w.firing[h]; !ok {
			w.firing[h] = at
		}
	})
	for h, since := range w.firing {
		if !now[h] {
			w.alerts[h].Periods = append(w.alerts[h].Periods, Period{Start: since, End: at})
			delete(w.firing, h)
		}
	}
}

func (w *watcher) result(end time.Time, o Options) *Result {
	for h, since := range w.firing {
		w.alerts[h].Periods = append(w.alerts[h].Periods, Period{Start: since, End: end, Open: true})
	}
	res := &Result{Alerts: make([]Alert, 0, len(w.alerts))}
	for _, a := range w.alerts {
		for _, p := range a.Periods {
			a.add(p.End.Sub(p.Start))
			res.add(p.End.Sub(p.Start))
		}
		res.Alerts = append(res.Alerts, *a)
	}
	slices.SortFunc(res.Alerts, func(a, b Alert) int {
		if a.Total != b.Total {
			if a.Total > b.Total {
				return -1
			}
			return 1
		}
		return labels.Compare(a.Labels, b.Labels)
	})
	if len(res.Alerts) > o.MaxSeries {
		res.Alerts, res.Truncated = res.Alerts[:o.MaxSeries], true
	}
	left := o.MaxPeriods
	for i := range res.Alerts {
		if a := &res.Alerts[i]; len(a.Periods) > left {
			a.Periods, res.Truncated = a.Periods[:left], true
		}
		left -= len(res.Alerts[i].Periods)
	}
	return res
}
