// Package slo turns service level objectives into plain Prometheus rules:
// recordings of how many events were bad, how fast the error budget burns and
// what is left of it, and alerts on several windows and burn rates, after
// chapter 5 of Google's Site Reliability Workbook.
package slo

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"time"

	promodel "github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/promql/parser"
	"go.yaml.in/yaml/v3"

	"github.com/oriel-obs/oriel/alerting"
	"github.com/oriel-obs/oriel/internal/fault"
	"github.com/oriel-obs/oriel/query/logql"
)

// An Objective is one SLO: so many of a service's events are to be good.
type Objective struct {
	Name        string            `yaml:"name" json:"name"`                                   // letters, digits, - and _; unique
	Service     string            `yaml:"service,omitempty" json:"service,omitempty"`         // of span_metrics by default
	Description string            `yaml:"description,omitempty" json:"description,omitempty"` // for alerts
	Objective   float64           `yaml:"objective" json:"objective"`                         // percent, below 100
	Window      promodel.Duration `yaml:"window,omitempty" json:"window,omitempty"`           // 30d by default
	Indicator   Indicator         `yaml:"indicator" json:"indicator"`
	Labels      map[string]string `yaml:"labels,omitempty" json:"labels,omitempty"` // of every rule
	Alerts      Alerts            `yaml:"alerts,omitempty" json:"alerts,omitzero"`
}

// An Indicator tells good events from bad ones, in one of three ways.
type Indicator struct {
	SpanMetrics *SpanMetrics `yaml:"span_metrics,omitempty" json:"span_metrics,omitempty"`
	PromQL      *Ratio       `yaml:"promql,omitempty" json:"promql,omitempty"`
	LogQL       *Ratio       `yaml:"logql,omitempty" json:"logql,omitempty"`
}

// SpanMetrics counts the calls that a service answers: bad are those that
// failed, and with Latency those that took longer.
type SpanMetrics struct {
	Service   string            `yaml:"service" json:"service"`
	Operation string            `yaml:"operation,omitempty" json:"operation,omitempty"` // name of its spans; all by default
	Latency   promodel.Duration `yaml:"latency,omitempty" json:"latency,omitempty"`     // up to which a call is good
}

// A Ratio is two expressions of events per second, in which $window stands for
// the range to look back over: sum(rate(errors_total[$window])).
type Ratio struct {
	Bad   string `yaml:"bad" json:"bad"`
	Total string `yaml:"total" json:"total"`
}

// Alerts says how the two alerts are told. Empty fields have defaults; an alert
// may be left out.
type Alerts struct {
	Page   Alert `yaml:"page,omitempty" json:"page,omitzero"`     // the budget burns fast: somebody has to get up
	Ticket Alert `yaml:"ticket,omitempty" json:"ticket,omitzero"` // it burns slowly, yet too fast
}

// An Alert is how one of them is told.
type Alert struct {
	Disabled    bool              `yaml:"disabled,omitempty" json:"disabled,omitempty"`
	Labels      map[string]string `yaml:"labels,omitempty" json:"labels,omitempty"`
	Annotations map[string]string `yaml:"annotations,omitempty" json:"annotations,omitempty"`
}

// defaultWindow is that of an Objective without one.
const defaultWindow = 30 * 24 * time.Hour

// The widest and the narrowest window.
const (
	minWindow = time.Hour
	maxWindow = 90 * 24 * time.Hour
)

var namePattern = regexp.MustCompile(`^[a-zA-Z0-9][a-zA-Z0-9_-]{0,99}$`)

// windowMark stands for the range in the expressions of a Ratio.
const windowMark = "$window"

// Parse reads a file of objectives: a list under the key `slos`. Each fault is
// one line; all wrap fault.ErrInvalid.
func Parse(text []byte, p parser.Parser) ([]Objective, []error) {
	var file struct {
		SLOs []Objective `yaml:"slos"`
	}
	dec := yaml.NewDecoder(bytes.NewReader(text))
	dec.KnownFields(true)
	if err := dec.Decode(&file); err != nil && !errors.Is(err, io.EOF) {
		return nil, []error{fmt.Errorf("%s: %w", strings.Join(strings.Fields(err.Error()), " "), fault.ErrInvalid)}
	}
	var errs []error
	seen := map[string]bool{}
	for i := range file.SLOs {
		o := &file.SLOs[i]
		if err := o.Complete(p); err != nil {
			errs = append(errs, err)
		}
		if seen[o.Name] {
			errs = append(errs, fmt.Errorf("slo %q is there twice: %w", o.Name, fault.ErrInvalid))
		}
		seen[o.Name] = true
	}
	return file.SLOs, errs
}

// Complete fills in defaults, and returns what is wrong, in one line that wraps
// fault.ErrInvalid.
func (o *Objective) Complete(p parser.Parser) error {
	if o.Window == 0 {
		o.Window = promodel.Duration(defaultWindow)
	}
	if s := o.Indicator.SpanMetrics; s != nil && o.Service == "" {
		o.Service = s.Service
	}
	fail := func(format string, args ...any) error {
		return fmt.Errorf("slo %q: %w: %w", o.Name, fmt.Errorf(format, args...), fault.ErrInvalid)
	}
	switch w := time.Duration(o.Window); {
	case !namePattern.MatchString(o.Name):
		return fail("the name has up to 100 letters, digits, - and _")
	case !(o.Objective > 0 && o.Objective < 100):
		return fail("objective %v: a percentage between 0 and 100, such as 99.9", o.Objective)
	case w < minWindow || w > maxWindow:
		return fail("window %s: from %s to %s", o.Window, promodel.Duration(minWindow), promodel.Duration(maxWindow))
	}
	for name := range o.Labels {
		if !promodel.LegacyValidation.IsValidLabelName(name) || slices.Contains(ownLabels, name) {
			return fail("label %q: not a name that it may have", name)
		}
	}
	in := o.Indicator
	if n := count(in.SpanMetrics != nil, in.PromQL != nil, in.LogQL != nil); n != 1 {
		return fail("indicator: one of span_metrics, promql and logql is set, not %d", n)
	}
	switch {
	case in.SpanMetrics != nil && in.SpanMetrics.Service == "":
		return fail("indicator.span_metrics: which service?")
	case in.PromQL != nil:
		if err := in.PromQL.check(func(q string) error { _, err := p.ParseExpr(q); return err }); err != nil {
			return fail("indicator.promql.%w", err)
		}
	case in.LogQL != nil:
		if err := in.LogQL.check(func(q string) error { _, err := logql.Parse(q); return err }); err != nil {
			return fail("indicator.logql.%w", err)
		}
	}
	// What is generated must be sound whatever stands in labels and texts.
	if _, errs := alerting.ParseRules(o.Rules(), p); len(errs) > 0 {
		return fail("%w", errs[0])
	}
	return nil
}

func (r *Ratio) check(parse func(string) error) error {
	for _, q := range []struct{ name, text string }{{"bad", r.Bad}, {"total", r.Total}} {
		if !strings.Contains(q.text, windowMark) {
			return fmt.Errorf("%s: write %s for the range, as in sum(rate(errors_total[%s]))", q.name, windowMark, windowMark)
		}
		if err := parse(in(q.text, 5*time.Minute)); err != nil {
			return fmt.Errorf("%s: %s", q.name, strings.Join(strings.Fields(err.Error()), " "))
		}
	}
	return nil
}

// in puts a range in the place of $window.
func in(text string, window time.Duration) string {
	return strings.ReplaceAll(text, windowMark, promodel.Duration(window).String())
}

func count(set ...bool) (n int) {
	for _, s := range set {
		if s {
			n++
		}
	}
	return n
}
