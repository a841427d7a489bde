package backtest

import (
	"errors"
	"fmt"
	"strings"
	"time"

	promodel "github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/rulefmt"
	"github.com/prometheus/prometheus/promql/parser"
	"go.yaml.in/yaml/v3"

	"github.com/oriel-obs/oriel/alerting"
	"github.com/oriel-obs/oriel/internal/fault"
)

// A Request is a rule and a range of time.
type Request struct {
	Rule string `json:"rule"` // as it stands in a rule file, YAML; instead of the next four

	Expr          string            `json:"expr"`
	For           promodel.Duration `json:"for"`
	KeepFiringFor promodel.Duration `json:"keep_firing_for"`
	Labels        map[string]string `json:"labels"`
	Annotations   map[string]string `json:"annotations"` // filled in anew at every evaluation; what came out last is told

	Signal alerting.Signal   `json:"signal"` // of the expression; metrics by default
	Window promodel.Duration `json:"window"` // of traces

	Start    time.Time         `json:"start"`    // of the first evaluation; DefaultSpan before End by default
	End      time.Time         `json:"end"`      // of the last, or just after it; now by default
	Interval promodel.Duration `json:"interval"` // between them; DefaultInterval by default
}

// What requests have that do not say.
const (
	DefaultInterval = time.Minute
	DefaultSpan     = 7 * 24 * time.Hour
)

// document returns the request's rule as a rule file of one group, and that
// group. Annotations of a rule as it stands in a file are left out: they do not
// change when it fires.
func (r Request) document(p parser.Parser) (text string, group alerting.RuleGroup, err error) {
	var rule rulefmt.Rule
	switch {
	case r.Rule != "" && r.Expr != "":
		return "", group, fmt.Errorf("set one of rule and expr: %w", fault.ErrInvalid)
	case r.Rule != "":
		dec := yaml.NewDecoder(strings.NewReader(r.Rule))
		dec.KnownFields(true)
		if err := dec.Decode(&rule); err != nil {
			return "", group, fmt.Errorf("rule: %s: %w", strings.Join(strings.Fields(err.Error()), " "), fault.ErrInvalid)
		}
		rule.Annotations = nil
	case r.Expr != "":
		rule = rulefmt.Rule{Expr: r.Expr, For: r.For, KeepFiringFor: r.KeepFiringFor, Labels: r.Labels, Annotations: r.Annotations}
	default:
		return "", group, fmt.Errorf("set one of rule and expr: %w", fault.ErrInvalid)
	}
	if rule.Record != "" {
		return "", group, fmt.Errorf("rule: it records, and does not fire: %w", fault.ErrInvalid)
	}
	if rule.Alert == "" {
		rule.Alert = "Backtest"
	}
	body, err := yaml.Marshal(map[string]any{"groups": []alerting.RuleGroup{{
		RuleGroup: rulefmt.RuleGroup{Name: "backtest", Rules: []rulefmt.Rule{rule}}, Signal: r.Signal, Window: r.Window,
	}}})
	if err != nil {
		return "", group, err
	}
	groups, errs := alerting.ParseRules(body, p)
	if len(errs) > 0 {
		return "", group, fmt.Errorf("rule%w", errors.Join(errs...))
	}
	return string(body), groups[0], nil
}

// times checks the range and returns how many evaluations it has.
func (r *Request) times(maxSteps int) (steps int, err error) {
	if r.Interval == 0 {
		r.Interval = promodel.Duration(DefaultInterval)
	}
	if r.End.IsZero() {
		r.End = time.Now()
	}
	if r.Start.IsZero() {
		r.Start = r.End.Add(-DefaultSpan)
	}
	switch {
	case !r.Start.Before(r.End):
		return 0, fmt.Errorf("end: not after start: %w", fault.ErrInvalid)
	case r.Interval < 0:
		return 0, fmt.Errorf("interval: %v is negative: %w", r.Interval, fault.ErrInvalid)
	}
	steps = int(r.End.Sub(r.Start)/time.Duration(r.Interval)) + 1
	if steps > maxSteps {
		return 0, fmt.Errorf("%d evaluations, of which %d are allowed; take a longer interval or a shorter range: %w", steps, maxSteps, fault.ErrLimit)
	}
	return steps, nil
}
