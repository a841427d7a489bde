package alerting

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	promodel "github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/rules"
	"github.com/prometheus/prometheus/util/strutil"

	"github.com/oriel-obs/oriel/internal/fault"
	"github.com/oriel-obs/oriel/query/logql"
	"github.com/oriel-obs/oriel/query/traceql"
)

// Engines answer the expressions of rules.
type Engines struct {
	Metrics rules.QueryFunc // PromQL; required
	Logs    *logql.Engine   // nil answers no rule over logs
	Traces  *traceql.Engine // nil answers no rule over traces
}

// Ask evaluates an expression about s at t.
func (e Engines) Ask(ctx context.Context, s Subject, text string, t time.Time) (promql.Vector, error) {
	switch s.Signal {
	case Logs:
		if e.Logs == nil {
			return nil, fmt.Errorf("logs are not kept here: %w", fault.ErrUnavailable)
		}
		return askLogs(ctx, e.Logs, text, t)
	case Traces:
		if e.Traces == nil {
			return nil, fmt.Errorf("traces are not kept here: %w", fault.ErrUnavailable)
		}
		return askTraces(ctx, e.Traces, text, t, s.Window)
	}
	return e.Metrics(ctx, text, t)
}

// query implements rules.QueryFunc for rules and for the function query of
// their templates, both in the language of their group.
func (e Engines) query(ctx context.Context, text string, t time.Time) (promql.Vector, error) {
	return e.Ask(ctx, subjectOf(ctx), text, t)
}

func askLogs(ctx context.Context, e *logql.Engine, text string, t time.Time) (promql.Vector, error) {
	expr, err := logql.Parse(text)
	if err != nil {
		return nil, err
	}
	res, err := e.Instant(ctx, expr, logql.Params{Start: t.UnixNano()})
	if err != nil {
		return nil, err
	}
	out := make(promql.Vector, 0, len(res.Matrix))
	for _, s := range res.Matrix {
		for _, p := range s.Points { // one
			out = append(out, promql.Sample{T: t.UnixMilli(), F: p.Value, Metric: s.Labels.WithoutEmpty()})
		}
	}
	return out, nil
}

func askTraces(ctx context.Context, e *traceql.Engine, text string, t time.Time, window time.Duration) (promql.Vector, error) {
	q, err := traceql.Parse(text)
	if err != nil {
		return nil, err
	}
	if window == 0 {
		window = DefaultWindow
	}
	end := t.UnixNano()
	res, err := e.Metrics(ctx, traceql.MetricsRequest{Query: q, Start: end - int64(window), End: end, Instant: true})
	if err != nil {
		return nil, err
	}
	out := make(promql.Vector, 0, len(res.Series))
	for _, s := range res.Series {
		for _, v := range s.Points { // one
			if v == v {
				out = append(out, promql.Sample{T: t.UnixMilli(), F: v, Metric: labelsOf(s.Labels)})
			}
		}
	}
	return out, nil
}

// scopes are what TraceQL puts before the names of attributes.
var scopes = []string{"resource.", "span.", "event.", "link.", "instrumentation.", "."}

// labelsOf names the labels of a TraceQL series as logs and metrics do:
// resource.service.name is service_name. One that another has taken, as with
// span.x beside resource.x, keeps its scope: span_x. Absent values and the
// name of the function are left out.
func labelsOf(from []traceql.Label) labels.Labels {
	b := labels.NewBuilder(labels.EmptyLabels())
	for _, l := range from {
		if l.Name == promodel.MetricNameLabel || l.Value.Type() == traceql.TypeNil {
			continue
		}
		name := LabelName(l.Name)
		if b.Get(name) != "" {
			name = strutil.SanitizeLabelName(l.Name)
		}
		b.Set(name, l.Value.Text())
	}
	return b.Labels()
}

// LabelName returns the name of the label that series of a TraceQL rule have
// for an attribute, unless another attribute of the series has taken it.
func LabelName(attribute string) string {
	if i := slices.IndexFunc(scopes, func(s string) bool { return strings.HasPrefix(attribute, s) }); i >= 0 {
		attribute = attribute[len(scopes[i]):]
	}
	return strutil.SanitizeLabelName(attribute)
}
