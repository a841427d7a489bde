package fold

import (
	"math"
	"slices"
	"strings"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/value"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/promql/parser"
	promstorage "github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/util/annotations"
)

// A window is a function of a range: the value of a series at a moment is that
// of the function of its samples in the range before.
type window struct {
	call     *parser.Call
	rng      int64 // ms, without its beginning
	seconds  float64
	matchers []*labels.Matcher
	hints    *promstorage.SelectHints
	offset   int64
	named    bool
	simple   func([]promql.FPoint) float64 // the function, if it is in overTime
	function promql.FunctionCall           // nil for those of counters
	keeps    bool                          // the name of the metric
}

// windowed are the functions of nothing but a range that look at floats one
// window at a time, and do with them what the engine's own do with the window
// alone.
var windowed = map[string]bool{
	"rate": true, "increase": true, "delta": true, "irate": true, "idelta": true,
	"sum_over_time": true, "avg_over_time": true, "min_over_time": true, "max_over_time": true, "count_over_time": true,
	"last_over_time": true, "present_over_time": true, "stddev_over_time": true, "stdvar_over_time": true,
	"first_over_time": true, "changes": true, "resets": true, "deriv": true,
}

func (w *window) distinct() bool { return w.named }

func (w *window) each(ev *evaluation, yield func(*series) error) error {
	var out series
	newFiller := func() filler {
		return &samples{window: w, in: make(promql.Matrix, 1), enh: &promql.EvalNodeHelper{Out: make(promql.Vector, 0, 1)}}
	}
	noted := w.call.Func.Name != "rate" && w.call.Func.Name != "increase"
	return eachFilled(ev, w.hints, w.matchers, newFiller, func(stored promstorage.Series, values []float64) error {
		if !noted {
			noted = true // all series have the same name
			w.noteName(ev, stored.Labels())
		}
		out.view, out.values = view{base: stored.Labels(), nameless: !w.keeps}, values
		return yield(&out)
	})
}

// noteName remarks on metrics that do not look like counters.
func (w *window) noteName(ev *evaluation, ls labels.Labels) {
	name := ls.Get(model.MetricNameLabel)
	for _, end := range []string{"_total", "_sum", "_count", "_bucket"} {
		if strings.HasSuffix(name, end) {
			return
		}
	}
	ev.annos.Add(annotations.NewPossibleNonCounterInfo(name, w.call.Args[0].PositionRange()))
}

// samples are those of a series that the window of the moment reaches, and some
// before it.
type samples struct {
	*window
	reader  reader
	all     []promql.FPoint
	from    int // the first in the window
	resetAt int // the last that is less than the one before; 0 if there is none

	in  promql.Matrix // what functions are called with
	enh *promql.EvalNodeHelper
}

// most is how many samples may lie before the window until they are let go.
const most = 1024

// fill implements filler.
func (s *samples) fill(ev *evaluation, stored promstorage.Series, values []float64) (some bool, err error) {
	r := &s.reader
	r.open(stored)
	s.all, s.from, s.resetAt = s.all[:0], 0, 0
	s.in[0].Metric = stored.Labels()
	held := 0
	maxt := ev.grid.start - s.offset
	for i := range values {
		mint := maxt - s.rng
		values[i] = absent
		if r.t <= mint {
			r.seek(mint + 1)
		}
		before := len(s.all)
		for r.t <= maxt {
			s.take(r.t, r.v)
			s.takeAll(r.upTo(maxt))
			r.next()
		}
		for s.from < len(s.all) && s.all[s.from].T <= mint {
			s.from++
		}
		if n := len(s.all) - s.from; n > 0 {
			some = s.value(ev, i, values) || some
			ev.seen += int64(n)
			ev.read += int64(len(s.all) - max(s.from, before))
			if n > held {
				if err := ev.hold(n - held); err != nil {
					return false, err
				}
				held = n
			}
		}
		s.letGo()
		maxt += ev.grid.step
	}
	ev.release(held)
	return some, r.err
}

func (s *samples) take(t int64, v float64) {
	if value.IsStaleNaN(v) {
		return
	}
	if n := len(s.all); n > 0 && v < s.all[n-1].F {
		s.resetAt = n
	}
	s.all = append(s.all, promql.FPoint{T: t, F: v})
}

// takeAll is take of one after the other.
func (s *samples) takeAll(times []int64, values []float64) {
	if len(times) == 0 {
		return
	}
	all, before := slices.Grow(s.all, len(times)), math.Inf(-1)
	if n := len(all); n > 0 {
		before = all[n-1].F
	}
	for i, v := range values[:len(times)] {
		if value.IsStaleNaN(v) {
			continue
		}
		if v < before {
			s.resetAt = len(all)
		}
		all, before = append(all, promql.FPoint{T: times[i], F: v}), v
	}
	s.all = all
}

// letGo frees the room of samples before the window.
func (s *samples) letGo() {
	if s.from == len(s.all) {
		s.all, s.from, s.resetAt = s.all[:0], 0, 0
		return
	}
	if s.from >= most && s.from >= len(s.all)/2 {
		s.all = s.all[:copy(s.all, s.all[s.from:])]
		s.resetAt = max(s.resetAt-s.from, 0)
		s.from = 0
	}
}

// value finds that of step i, and reports whether there is one.
func (s *samples) value(ev *evaluation, i int, values []float64) bool {
	at := ev.grid.start + int64(i)*ev.grid.step
	points := s.all[s.from:]
	if s.simple != nil {
		values[i] = s.simple(points)
		return true
	}
	if s.function == nil {
		counter := s.call.Func.Name != "delta"
		v, ok := s.extrapolated(points, at-s.offset, counter, counter && s.resetAt > s.from)
		if ok {
			values[i] = v
		}
		return ok
	}
	s.in[0].Floats = points
	s.enh.Ts = at
	out, annos := s.function(nil, s.in, s.call.Args, s.enh)
	if len(annos) > 0 {
		ev.annos.Merge(annos)
	}
	s.enh.Out = out[:0]
	if len(out) == 0 {
		return false
	}
	values[i] = out[0].F
	return true
}
