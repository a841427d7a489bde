package backtest

import (
	"context"
	"fmt"
	"time"

	"github.com/prometheus/prometheus/promql"

	"github.com/oriel-obs/oriel/alerting"
	"github.com/oriel-obs/oriel/internal/fault"
	"github.com/oriel-obs/oriel/query/logql"
)

// A RangeFunc answers a PromQL expression at every step of a range.
type RangeFunc func(ctx context.Context, expr string, start, end time.Time, interval time.Duration) (promql.Matrix, error)

// answers are the results of an expression at every step.
type answers struct {
	series promql.Matrix
	next   []place // of each series
}

// A place is how many points of a series are passed.
type place struct{ floats, histograms int }

func newAnswers(series promql.Matrix) *answers { return &answers{series, make([]place, len(series))} }

// at returns the result at a time, which must not go back.
func (a *answers) at(t time.Time) promql.Vector {
	ms := t.UnixMilli()
	var out promql.Vector
	for i, s := range a.series {
		next := &a.next[i]
		for next.floats < len(s.Floats) && s.Floats[next.floats].T < ms {
			next.floats++
		}
		for next.histograms < len(s.Histograms) && s.Histograms[next.histograms].T < ms {
			next.histograms++
		}
		if n := next.floats; n < len(s.Floats) && s.Floats[n].T == ms {
			out = append(out, promql.Sample{T: ms, F: s.Floats[n].F, Metric: s.Metric})
		}
		if n := next.histograms; n < len(s.Histograms) && s.Histograms[n].T == ms {
			out = append(out, promql.Sample{T: ms, H: s.Histograms[n].H, Metric: s.Metric})
		}
	}
	return out
}

// ask answers the expression of a request at every step, at once.
func (t *Tester) ask(ctx context.Context, s alerting.Signal, expr string, start, end time.Time, interval time.Duration) (*answers, error) {
	var series promql.Matrix
	var err error
	if s == alerting.Logs {
		series, err = t.askLogs(ctx, expr, start, end, interval)
	} else {
		series, err = t.opts.Range(ctx, expr, start, end, interval)
	}
	if err != nil {
		return nil, err
	}
	if samples := series.TotalSamples(); samples > t.opts.MaxSamples {
		return nil, fmt.Errorf("%d results, of which %d are allowed; take a longer interval, a shorter range or fewer series: %w", samples, t.opts.MaxSamples, fault.ErrLimit)
	}
	return newAnswers(series), nil
}

func (t *Tester) askLogs(ctx context.Context, text string, start, end time.Time, interval time.Duration) (promql.Matrix, error) {
	if t.opts.Engines.Logs == nil {
		return nil, fmt.Errorf("logs are not kept here: %w", fault.ErrUnavailable)
	}
	expr, err := logql.Parse(text)
	if err != nil {
		return nil, err
	}
	res, err := t.opts.Engines.Logs.Range(ctx, expr, logql.Params{Start: start.UnixNano(), End: end.UnixNano(), Step: interval})
	if err != nil {
		return nil, err
	}
	out := make(promql.Matrix, 0, len(res.Matrix))
	for _, s := range res.Matrix {
		one := promql.Series{Metric: s.Labels.WithoutEmpty(), Floats: make([]promql.FPoint, len(s.Points))}
		for i, p := range s.Points {
			one.Floats[i] = promql.FPoint{T: p.Time / int64(time.Millisecond), F: p.Value}
		}
		out = append(out, one)
	}
	return out, nil
}
