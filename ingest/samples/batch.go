package samples

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/metadata"
	promstorage "github.com/prometheus/prometheus/storage"

	"github.com/oriel-obs/oriel/ingest"
)

// A Batch is the samples of one request, which are stored in one transaction.
// It ends with Store or Abandon, and must not be used afterwards.
//
// A sample needs a metric: Reset, then Label for each label, Name, and Float
// or Histogram for each sample. Labels stay for the next Name.
type Batch struct {
	// Meta describes the metrics to come; the zero value says nothing.
	Meta metadata.Metadata

	sink *Sink
	ctx  context.Context //nolint:containedctx // the transaction's
	app  promstorage.AppenderV2
	get  promstorage.GetRef // nil if the store cannot look series up
	now  time.Time
	most int64 // ms; later samples are refused

	set
	builder labels.ScratchBuilder
	scratch labels.Labels
	same    func(labels.Labels) bool

	stored       int
	hits, misses int
	refused      []tally
	dropped      int    // rows in refused
	first        string // why the first row was refused
	err          error  // of the store; nothing is appended after it
}

type tally struct {
	reason  string
	rows    int
	example string
}

// A Series is a series whose owner appends to it again and again. The
// reference is found at the first append.
type Series struct {
	Labels labels.Labels
	ref    promstorage.SeriesRef
}

func newBatch(s *Sink) *Batch {
	b := &Batch{sink: s, builder: labels.NewScratchBuilder(32)}
	b.same = b.says
	b.compare = b.order
	return b
}

// Begin opens a transaction.
func (s *Sink) Begin(ctx context.Context, now time.Time) *Batch {
	b := s.batches.Get().(*Batch)
	b.ctx = s.Arrive(ctx)
	b.app, b.now, b.most = s.o.Store.AppenderV2(b.ctx), now, math.MaxInt64
	b.get, _ = b.app.(promstorage.GetRef)
	if f := s.Limits.MaxFuture; f > 0 {
		b.most = now.Add(f).UnixMilli()
	}
	return b
}

// Now is the time of samples that have none, in ms.
func (b *Batch) Now() int64 { return b.now.UnixMilli() }

// TooNew reports whether a sample of time t, in ms, would be refused for that.
func (b *Batch) TooNew(t int64) bool { return t > b.most }

// Float appends a sample of time t, in ms, to the metric. It reports whether
// that is not refused.
func (b *Batch) Float(t int64, v float64) bool { return b.add(t, v, nil) }

// Histogram is Float for a native histogram, which the store keeps.
func (b *Batch) Histogram(t int64, h *histogram.Histogram) bool { return b.add(t, 0, h) }

// Key appends to dst what tells the metric's series from all others.
func (b *Batch) Key(dst []byte) []byte {
	b.hash() // sorts
	b.each(func(name, value string) { dst = append(append(append(append(dst, name...), 0xff), value...), 0xff) })
	return dst
}

func (b *Batch) add(t int64, v float64, h *histogram.Histogram) bool {
	if b.err != nil {
		return false
	}
	hash := b.hash()
	ref, ls, known := b.sink.o.Refs.Get(hash, b.same)
	if known {
		b.hits++
	} else {
		b.misses++
		if err := b.check(b.sink.Limits); err != nil {
			b.Refuse(ingest.ReasonLabels, 1, err)
			return false
		}
		ref, ls = b.build()
	}
	got, ok := b.append(ref, ls, t, v, h, nil)
	if ok && got != 0 && (!known || got != ref) {
		b.sink.o.Refs.Put(hash, got, ls)
	}
	return ok
}

// build makes labels of the set, or finds the store's.
func (b *Batch) build() (promstorage.SeriesRef, labels.Labels) {
	b.builder.Reset()
	b.each(b.builder.Add)
	b.builder.Sort()
	if b.get != nil {
		b.builder.Overwrite(&b.scratch) // not for keeps yet
		if ref, ls := b.get.GetRef(b.scratch, b.scratch.Hash()); ref != 0 {
			return ref, ls
		}
	}
	return 0, b.builder.Labels()
}

// Append appends a sample of time t, in ms, to s: v, or h if it is not nil.
func (b *Batch) Append(s *Series, t int64, v float64, h *histogram.Histogram) {
	b.AppendAny(s, t, v, h, nil)
}

// AppendAny is Append for float histograms too. At most one of h and fh is set.
func (b *Batch) AppendAny(s *Series, t int64, v float64, h *histogram.Histogram, fh *histogram.FloatHistogram) {
	if b.err != nil {
		return
	}
	if s.ref == 0 && b.get != nil {
		if ref, ls := b.get.GetRef(s.Labels, s.Labels.Hash()); ref != 0 {
			s.ref, s.Labels = ref, ls
		}
	}
	if ref, ok := b.append(s.ref, s.Labels, t, v, h, fh); ok {
		s.ref = ref
	}
}

func (b *Batch) append(ref promstorage.SeriesRef, ls labels.Labels, t int64, v float64, h *histogram.Histogram, fh *histogram.FloatHistogram) (promstorage.SeriesRef, bool) {
	var err error
	if b.TooNew(t) {
		err = errFuture
	} else {
		var o promstorage.AOptions
		if b.Meta.Type != "" {
			o.Metadata, o.MetricFamilyName = b.Meta, ls.Get(model.MetricNameLabel)
		}
		ref, err = b.app.Append(ref, ls, 0, t, v, h, fh, o)
	}
	if err == nil {
		b.stored++
		return ref, true
	}
	if reason := reasonOf(err); reason != "" {
		b.Refuse(reason, 1, fmt.Errorf("%w: series %s", err, cut(ls.String())))
	} else {
		b.err = fmt.Errorf("append sample of series %v: %w", ls, err)
	}
	return 0, false
}

// Refuse counts rows of the request that are not stored, and why.
func (b *Batch) Refuse(reason string, rows int, why error) {
	b.Skip(reason, rows, why)
	b.dropped += rows
	if b.first == "" {
		b.first = why.Error()
	}
}

// Skip is Refuse for what the sender need not be told of.
func (b *Batch) Skip(reason string, rows int, why error) {
	for i := range b.refused {
		if b.refused[i].reason == reason {
			b.refused[i].rows += rows
			return
		}
	}
	b.refused = append(b.refused, tally{reason, rows, why.Error()})
}

// Refused returns how many rows were refused, and why the first was.
func (b *Batch) Refused() (rows int, why string) { return b.dropped, b.first }

// Stored returns the number of samples appended so far.
func (b *Batch) Stored() int { return b.stored }

// Store commits what was appended, of a request of size bytes, and counts what
// was taken and refused. An error means that no sample of b is stored.
func (b *Batch) Store(size int) error {
	defer b.end()
	err := b.err
	if err != nil {
		err = errors.Join(err, b.app.Rollback())
	} else if err = b.app.Commit(); err != nil {
		err = fmt.Errorf("store samples: %w", err)
	}
	for _, t := range b.refused {
		b.sink.Reject(b.ctx, t.reason, t.rows, t.example)
	}
	if err != nil {
		b.sink.Reject(b.ctx, ingest.ReasonOf(err), max(b.stored, 1), err.Error())
		return err
	}
	if b.stored > 0 {
		b.sink.Accept(b.ctx, b.stored, size)
	}
	return nil
}

// Abandon drops what was appended, for the reason why, which is counted.
func (b *Batch) Abandon(why error) error {
	defer b.end()
	return errors.Join(b.sink.Refuse(b.ctx, why), b.app.Rollback())
}

// keepBytes is the most memory of text that stays for the next batch.
const keepBytes = 1 << 20

// end gives b's memory to the next batch.
func (b *Batch) end() {
	b.sink.o.Refs.Count(b.hits, b.misses)
	b.ctx, b.app, b.get, b.err = nil, nil, nil, nil
	b.stored, b.hits, b.misses, b.dropped, b.first = 0, 0, 0, 0, ""
	clear(b.refused)
	b.refused, b.Meta = b.refused[:0], metadata.Metadata{}
	b.Reset()
	if cap(b.text) <= keepBytes {
		b.sink.batches.Put(b)
	}
}
