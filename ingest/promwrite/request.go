package promwrite

import (
	"sync"
	"unsafe"

	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/metadata"
	promstorage "github.com/prometheus/prometheus/storage"

	"github.com/oriel-obs/oriel/ingest/admission"
)

// A request is a decoded write request of either version. Everything in it but
// the histograms is memory of the request itself or of its body, and is used
// again for the next one: nothing of it may outlive the handler.
type request struct {
	v2 bool

	series     []series
	samples    []sample
	histograms []histogramSample
	exemplars  []wireExemplar
	metadata   []familyMetadata // of version 1; version 2 has it in the series

	symbols      []string // version 2's table of strings
	hashes       []uint64 // of the symbols
	refs         []uint32 // version 2's label references, of all series
	exemplarRefs []uint32 // and of all exemplars

	compressed, body []byte // buffers of the handler

	cur     *series // that the equal functions below compare
	equal   func(labels.Labels) bool
	equalV1 func(labels.Labels) bool
	equalV2 func(labels.Labels) bool
	pairs   []labels.Label
	builder labels.ScratchBuilder
	scratch labels.Labels
}

// A span is a part [from, to) of one of the request's slices.
type span struct{ from, to int }

func (s span) len() int { return s.to - s.from }

type series struct {
	wire       []byte // version 1: the label fields, keys and lengths included
	refs       span   // version 2: name and value in turn, in request.refs
	samples    span
	histograms span
	exemplars  span
	meta       wireMetadata
	created    int64 // ms; version 2's former start timestamp of all samples

	// What resolve finds out.
	hash    uint64 // of the wire or the symbols
	ref     promstorage.SeriesRef
	labels  labels.Labels
	known   bool              // ref and labels come from a cache
	verdict admission.Verdict // of the rules; the zero value if the series is taken as it is
	refused error             // why no sample of the series is taken
}

// rows is what counts as the samples of the series.
func (s *series) rows() int { return s.samples.len() + s.histograms.len() }

type sample struct {
	t, st int64 // ms
	v     float64
}

// A histogramSample is an integer or a float histogram. tsdb keeps it, so its
// memory is not used again.
type histogramSample struct {
	t, st int64 // ms
	h     *histogram.Histogram
	fh    *histogram.FloatHistogram
}

type wireExemplar struct {
	wire []byte // version 1: the label fields
	refs span   // version 2, in request.exemplarRefs
	v    float64
	t    int64 // ms; 0 means that of the sample
}

// wireMetadata is version 2's metadata of a series: type and references.
type wireMetadata struct {
	typ        uint64
	help, unit uint32
}

type familyMetadata struct {
	family string // in the body
	meta   metadata.Metadata
}

// keepBytes is the largest buffer that stays for the next request: an unusual
// request must not hold its memory for ever.
const keepBytes = 8 << 20

func newRequestPool() *sync.Pool {
	return &sync.Pool{New: func() any {
		q := &request{builder: labels.NewScratchBuilder(32)}
		q.equalV1, q.equalV2 = q.sameAsWire, q.sameAsSymbols
		return q
	}}
}

// reset forgets the last request, and what kept the storage's memory alive.
func (q *request) reset() {
	clear(q.series)
	clear(q.histograms)
	q.series, q.samples, q.histograms = q.series[:0], q.samples[:0], q.histograms[:0]
	q.exemplars, q.metadata = q.exemplars[:0], q.metadata[:0]
	q.symbols, q.hashes = q.symbols[:0], q.hashes[:0]
	q.refs, q.exemplarRefs = q.refs[:0], q.exemplarRefs[:0]
	q.cur, q.v2 = nil, false
}

// big reports whether q has grown too large to be kept.
func (q *request) big() bool {
	const seriesBytes = int(unsafe.Sizeof(series{}))
	return cap(q.body) > keepBytes || cap(q.compressed) > keepBytes ||
		cap(q.series) > keepBytes/seriesBytes || cap(q.samples) > keepBytes/24 ||
		cap(q.exemplars) > keepBytes/64 || cap(q.symbols) > keepBytes/16 || cap(q.refs)+cap(q.exemplarRefs) > keepBytes/4
}

// rows is the number of samples and histograms of the request.
func (q *request) rows() int { return len(q.samples) + len(q.histograms) }

// text looks at b as a string, which is only valid as long as the body is.
func text(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }
