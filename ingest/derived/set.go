package derived

import (
	"github.com/prometheus/prometheus/model/labels"
	promstorage "github.com/prometheus/prometheus/storage"

	"github.com/oriel-obs/oriel/model"
)

// A Set is the counters and histograms of one label set. Its methods need the
// lock of its Book.
type Set struct {
	labels labels.Labels // without name
	counts []float64
	hists  []distribution
	seen   int64 // when something was added last, ns

	series   []series // empty until the first write
	exemplar Exemplar // of the interval; none if the span id is zero
	exTime   int64    // of the exemplar written last, ms
}

// A series is one that a Set writes. Its labels are in the head's memory where
// the store gives them out.
type series struct {
	ref    promstorage.SeriesRef
	labels labels.Labels
	begun  bool // a sample of it was taken
}

// An Exemplar is a span that stands for an observation of the first histogram.
type Exemplar struct {
	TraceID  model.TraceID
	SpanID   model.SpanID
	Duration int64 // ns
	End      int64 // ns since the Unix epoch
}

// Add increases counter i of the layout at now, in ns.
func (s *Set) Add(i int, by float64, now int64) {
	s.counts[i] += by
	s.seen = now
}

// Touch keeps s from going stale until some time after now, in ns.
func (s *Set) Touch(now int64) { s.seen = max(s.seen, now) }

// Show offers e to be written with the histogram: the slowest span of each
// interval is.
func (s *Set) Show(e Exemplar) {
	if s.exemplar.SpanID.IsZero() || e.Duration > s.exemplar.Duration {
		s.exemplar = e
	}
}
