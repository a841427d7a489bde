package evidence

import (
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/prometheus/prometheus/model/labels"

	"github.com/oriel-obs/oriel/alerting"
	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/query/logql"
)

// A curve is a series in a range of time.
type curve struct {
	labels labels.Labels
	points []point // ascending
}

type point struct {
	t time.Time
	v float64 // not NaN
}

const (
	curvePoints = 240              // of a curve, about
	tracePoints = 24               // TraceQL is asked anew for each
	leastLead   = 10 * time.Minute // before the condition began to hold
	maxLead     = 12 * time.Hour
	maxShown    = 48 * time.Hour
)

// shown is the range of time that a picture of an alert has: three times as
// much from before the condition began to hold as since.
func (s *search) shown(sub *subject) model.Range {
	end := s.at
	if sub.over && sub.EndsAt.Before(end) {
		end = sub.EndsAt
	}
	since := sub.since()
	lead := min(max(3*end.Sub(since), leastLead), maxLead)
	from := since.Add(-lead)
	if limit := s.at.Add(-maxShown); from.Before(limit) {
		from = limit
	}
	return model.RangeOf(from, s.at)
}

// stepOf divides a range into about n steps of whole seconds.
func stepOf(r model.Range, n int) time.Duration {
	step := time.Duration((r.End - r.Start) / int64(n))
	return max(step.Truncate(time.Second), time.Second)
}

// curves evaluates an expression in r.
func (s *search) curves(ctx context.Context, sub *subject, text string, r model.Range) ([]curve, error) {
	switch sub.signal() {
	case alerting.Logs:
		return s.logCurves(ctx, text, r)
	case alerting.Traces:
		return s.traceCurves(ctx, sub.rule.Subject, text, r)
	}
	step := stepOf(r, curvePoints)
	q, err := s.c.opts.PromQL.NewRangeQuery(ctx, s.c.opts.Metrics, nil, text, time.Unix(0, r.Start), time.Unix(0, r.End), step)
	if err != nil {
		return nil, err
	}
	defer q.Close()
	res := q.Exec(ctx)
	if res.Err != nil {
		return nil, res.Err
	}
	m, err := res.Matrix()
	if err != nil {
		return nil, err
	}
	out := make([]curve, 0, len(m))
	for _, series := range m {
		c := curve{labels: series.Metric}
		for _, p := range series.Floats {
			c.add(time.UnixMilli(p.T), p.F)
		}
		out = append(out, c)
	}
	return out, nil
}

func (c *curve) add(t time.Time, v float64) {
	if !math.IsNaN(v) && !math.IsInf(v, 0) {
		c.points = append(c.points, point{t, v})
	}
}

func (s *search) logCurves(ctx context.Context, text string, r model.Range) ([]curve, error) {
	expr, err := logql.Parse(text)
	if err != nil {
		return nil, err
	}
	step := stepOf(r, curvePoints/2)
	// The last step is the notification's own moment.
	start := r.End - (r.End-r.Start)/int64(step)*int64(step)
	res, err := s.c.opts.Engines.Logs.Range(ctx, expr, logql.Params{Start: start, End: r.End, Step: step})
	if err != nil {
		return nil, err
	}
	out := make([]curve, 0, len(res.Matrix))
	for _, series := range res.Matrix {
		c := curve{labels: series.Labels.WithoutEmpty()}
		for _, p := range series.Points {
			c.add(time.Unix(0, p.Time), p.Value)
		}
		out = append(out, c)
	}
	return out, nil
}

// traceCurves asks as the rule does, at several moments: what TraceQL finds in
// a window is not the sum of parts of it.
func (s *search) traceCurves(ctx context.Context, about alerting.Subject, text string, r model.Range) ([]curve, error) {
	step := stepOf(r, tracePoints)
	var out []curve
	for i := tracePoints; i >= 0; i-- {
		t := time.Unix(0, r.End).Add(-time.Duration(i) * step)
		v, err := s.c.opts.Engines.Ask(ctx, about, text, t)
		if err != nil {
			return nil, fmt.Errorf("at %s: %w", t.UTC().Format(time.TimeOnly), err)
		}
		for _, sample := range v {
			j := slices.IndexFunc(out, func(c curve) bool { return labels.Equal(c.labels, sample.Metric) })
			if j < 0 {
				out = append(out, curve{labels: sample.Metric})
				j = len(out) - 1
			}
			out[j].add(t, sample.F)
		}
	}
	return out, nil
}
