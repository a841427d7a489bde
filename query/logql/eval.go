package logql

import (
	"context"
	"fmt"
	"unsafe"

	"github.com/prometheus/prometheus/model/labels"

	"github.com/oriel-obs/oriel/storage"
)

// An evaluator evaluates a metric expression at all steps at once.
type evaluator struct {
	engine *Engine
	start  int64 // ns, of step 0
	step   int64 // ns
	steps  int
	stats  *storage.Stats
	plan   *Plan // nil unless it is asked for
}

// value is a scalar or a matrix.
type value any

// scalar is a number at every step.
type scalar float64

// matrix is series with different labels. The order matters to the steps of
// a sorted vector only.
type matrix []*series

type series struct {
	labels labels.Labels
	points []point // ascending
}

// A point is a value at a step; steps without a value have no point.
type point struct {
	step  int
	value float64
}

// maxSteps bounds memory if there is no limit of points.
const maxSteps = 1 << 20

func (e *Engine) evaluator(p Params, r *Result) (*evaluator, error) {
	ev := &evaluator{engine: e, start: p.Start, step: int64(p.Step), steps: 1, stats: &r.Stats}
	if p.End < p.Start {
		return nil, evalErrorf("end timestamp must not be before or equal to start time")
	}
	if p.Step > 0 {
		n := uint64(p.End-p.Start) / uint64(p.Step) // the difference may not fit int64
		if n > maxSteps || e.limits.MaxPoints > 0 && n > uint64(e.limits.MaxPoints) {
			return nil, limitErrorf("exceeded maximum resolution of %d points per time series (query.max_points). "+
				"Try increasing the value of the step parameter", e.limits.MaxPoints)
		}
		ev.steps = int(n) + 1
	} else {
		ev.step = 1
	}
	return ev, nil
}

func (ev *evaluator) eval(ctx context.Context, e Expr) (value, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	switch e := e.(type) {
	case *Number:
		return scalar(e.Value), nil
	case *VectorLiteral:
		return matrix{ev.constant(e.Value)}, nil
	case *RangeAgg:
		return ev.rangeAgg(ctx, e, nil)
	case *VectorAgg:
		return ev.vectorAgg(ctx, e)
	case *LabelReplace:
		return ev.labelReplace(ctx, e)
	case *BinaryExpr:
		return ev.binary(ctx, e)
	}
	return nil, fmt.Errorf("evaluate %T: no metric expression", e)
}

// matrix evaluates e, which must give series.
func (ev *evaluator) matrix(ctx context.Context, e Expr, what string) (matrix, error) {
	v, err := ev.eval(ctx, e)
	if err != nil {
		return nil, err
	}
	m, ok := v.(matrix)
	if !ok {
		return nil, evalErrorf("%s of a number: it takes series", what)
	}
	return m, nil
}

// constant is a series without labels that has v at every step.
func (ev *evaluator) constant(v float64) *series {
	s := &series{points: make([]point, ev.steps)}
	for i := range s.points {
		s.points[i] = point{i, v}
	}
	return s
}

func (ev *evaluator) series(v value) matrix {
	if n, ok := v.(scalar); ok {
		return matrix{ev.constant(float64(n))}
	}
	return v.(matrix)
}

// results drops series without points and gives the others their times.
func (ev *evaluator) results(m matrix) []Series {
	out := make([]Series, 0, len(m))
	for _, s := range m {
		if len(s.points) == 0 {
			continue
		}
		r := Series{Labels: s.labels, Points: make([]Point, len(s.points))}
		for i, p := range s.points {
			r.Points[i] = Point{Time: ev.start + int64(p.step)*ev.step, Value: p.value}
		}
		out = append(out, r)
	}
	return out
}

// tooMany is the error over the limit of series, or of memory if each has a
// point at every step, or nil.
func (ev *evaluator) tooMany(series int) error {
	if most := ev.engine.limits.MaxSeries; most > 0 && series > most {
		return limitErrorf("maximum number of series (%d) reached for a single query; "+
			"consider reducing query cardinality by adding more specific stream selectors, reducing the time range, "+
			"or aggregating results with functions like sum(), count() or topk(), or raise query.max_series", most)
	}
	return ev.engine.tooMuch(int64(series) * int64(ev.steps) * int64(unsafe.Sizeof(point{})))
}

// An element of a vector is a value of the series with an index.
type element struct {
	series int
	value  float64
}

// byStep returns the vector at each step.
func (ev *evaluator) byStep(m matrix) [][]element {
	counts := make([]int, ev.steps)
	for _, s := range m {
		for _, p := range s.points {
			counts[p.step]++
		}
	}
	out := make([][]element, ev.steps)
	for i, n := range counts {
		if n > 0 {
			out[i] = make([]element, 0, n)
		}
	}
	for i, s := range m {
		for _, p := range s.points {
			out[p.step] = append(out[p.step], element{i, p.value})
		}
	}
	return out
}
