package promql

import (
	"math"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"
)

// A reuse says what may be kept of the answers to a range query.
type reuse struct {
	// none means that nothing may: it cannot be told which samples an answer
	// depends on.
	none bool

	// steps means that the value at a step depends on nothing but the samples
	// around it, so that the steps of two ranges can be joined. Without it an
	// answer is only good for the range it was given for.
	steps bool

	// A value depends on samples until ahead after its step, and on those
	// until at, a moment of its own.
	ahead int64 // ms
	at    int64 // ms; math.MinInt64 for none
}

// reuseOf looks at the parsed query. It is careful: what it does not know to
// work step by step, it takes not to.
func reuseOf(expr parser.Expr, lookback time.Duration, delayedNameRemoval bool) reuse {
	r := reuse{steps: !delayedNameRemoval, at: math.MinInt64}
	parser.Inspect(expr, func(node parser.Node, path []parser.Node) error {
		switch n := node.(type) {
		case *parser.VectorSelector:
			if n.OriginalOffsetExpr != nil {
				r.none = true
			}
			r.shift(n.OriginalOffset)
			r.pin(n.Timestamp, n.StartOrEnd)
			if n.Smoothed || n.Anchored {
				r.shift(-lookback)
			}
			if !namesOneMetric(n) && losesName(path) {
				r.steps = false
			}
		case *parser.MatrixSelector:
			if n.RangeExpr != nil {
				r.none = true
			}
		case *parser.SubqueryExpr:
			if n.OriginalOffsetExpr != nil || n.RangeExpr != nil || n.StepExpr != nil {
				r.none = true
			}
			r.shift(n.OriginalOffset)
			r.pin(n.Timestamp, n.StartOrEnd)
		case *parser.DurationExpr:
			r.none = true
		case *parser.Call:
			switch n.Func.Name {
			case "start", "end", "range", "step", "info":
				r.none = true
			case "label_replace", "label_join":
				// Two series with the same labels are an error even if they
				// are never there at the same step.
				r.steps = false
			}
		case *parser.BinaryExpr:
			if n.Op == parser.LOR && losesName(path) {
				r.steps = false
			}
		case *parser.AggregateExpr:
			if n.Op == parser.LIMITK || n.Op == parser.LIMIT_RATIO {
				r.steps = false
			}
		}
		return nil
	})
	return r
}

// shift notes an offset. Several may add up.
func (r *reuse) shift(offset time.Duration) {
	if offset < 0 {
		r.ahead -= offset.Milliseconds()
	}
}

// pin notes an @ modifier.
func (r *reuse) pin(t *int64, startOrEnd parser.ItemType) {
	if t != nil {
		r.steps = false
		r.at = max(r.at, *t)
	}
	if startOrEnd != 0 {
		r.steps = false
	}
}

// until returns the time of the newest sample that a value at the step t
// depends on, in ms.
func (r *reuse) until(t int64) int64 {
	if r.at == math.MinInt64 {
		return t + r.ahead
	}
	return max(t, r.at) + r.ahead
}

func namesOneMetric(v *parser.VectorSelector) bool {
	for _, m := range v.LabelMatchers {
		if m.Name == model.MetricNameLabel && m.Type == labels.MatchEqual {
			return true
		}
	}
	return false
}

// losesName tells whether something above path takes the metric name away and
// then wants the series to be different over the whole range, as functions and
// the sign do: operators and aggregations look at one step at a time.
func losesName(path []parser.Node) bool {
	for _, node := range path {
		switch node.(type) {
		case *parser.Call, *parser.UnaryExpr:
			return true
		}
	}
	return false
}
