package spanmetrics

import (
	"strings"

	"github.com/prometheus/prometheus/model/labels"

	"github.com/oriel-obs/oriel/ingest/derived"
	"github.com/oriel-obs/oriel/model"
)

// A reading is what is noted of a batch before it is given away. It is used
// again.
type reading struct {
	spans      []observed
	sizes      []uint32
	targets    []*target
	dims       []model.Cursor // of the dimensions that are columns of the batch
	dimOf      []int          // the dimension that dims[i] is
	values     []string       // of one span's dimensions
	skipped    int
	overflowed int
}

type observed struct {
	set      *derived.Set // nil if it does not count
	duration int64        // ns
	end      int64        // ns
	size     uint32
	trace    model.TraceID
	span     model.SpanID
}

// read notes the spans of b and finds their sets, making those that are new if
// they are to be counted.
func (m *Metrics) read(r *reading, b *model.Batch, d Duty, now int64) {
	n := b.Len()
	r.skipped, r.overflowed = 0, 0
	r.spans = r.spans[:0]
	if m.cfg.Size && d&Count != 0 {
		r.sizes = spanSizes(r.sizes[:0], b)
	}
	m.findDimensions(r, b)

	m.book.Lock()
	defer m.book.Unlock()
	m.findTargets(r, b, now)
	sp := b.Spans
	for i := range n {
		o := observed{duration: sp.Duration[i], end: b.Time[i] + sp.Duration[i]}
		if !m.cfg.Counts(o.end, now) {
			r.skipped++
			continue
		}
		k := key{target: r.targets[b.StreamOf[i]]}
		if m.cfg.Intrinsic.SpanName {
			k.name = derived.Label(b.Body[i])
		}
		if m.cfg.Intrinsic.SpanKind {
			k.kind = sp.Kind[i]
		}
		if m.cfg.Intrinsic.StatusCode {
			k.status = sp.Status[i]
		}
		if m.cfg.Intrinsic.StatusMessage {
			k.message = derived.Label(sp.StatusMessage[i])
		}
		m.dimensions(r, k.target, i)
		o.set = m.find(r, k, d, now)
		if o.set == nil {
			continue
		}
		o.set.Touch(now) // so that it is there when the batch is stored
		if d&Sample != 0 {
			o.trace, o.span = sp.TraceID[i], sp.SpanID[i]
		}
		if len(r.sizes) > 0 {
			o.size = r.sizes[i]
		}
		r.spans = append(r.spans, o)
	}
	clear(r.targets)
	clear(r.values)
	clear(r.dims)
	r.sizes = r.sizes[:0]
}

// findDimensions finds the columns of the dimensions.
func (m *Metrics) findDimensions(r *reading, b *model.Batch) {
	r.dims, r.dimOf = r.dims[:0], r.dimOf[:0]
	for i, name := range m.cfg.Dimensions {
		for _, c := range b.Attrs {
			if c.Key == name {
				r.dims, r.dimOf = append(r.dims, c.Cursor()), append(r.dimOf, i)
			}
		}
	}
}

// dimensions puts the values of row i's dimensions in r.values and their
// encoding in m.buf: nothing, if none comes from the span.
func (m *Metrics) dimensions(r *reading, t *target, i int) {
	m.buf = m.buf[:0]
	if len(m.cfg.Dimensions) == 0 {
		return
	}
	r.values = append(r.values[:0], t.dims...)
	if len(r.dims) == 0 {
		return
	}
	own := false
	for j := range r.dims {
		if v := &r.values[r.dimOf[j]]; *v == "" {
			*v = derived.Label(r.dims[j].At(i).Text())
			own = own || *v != ""
		}
	}
	if !own {
		return
	}
	for _, v := range r.values {
		m.buf = appendText(m.buf, v)
	}
}

// find returns the set of k, completed by the dimensions that m.buf and r
// hold. Without room for a new one that is the set of the service's rest.
func (m *Metrics) find(r *reading, k key, d Duty, now int64) *derived.Set {
	if len(m.buf) > 0 {
		k.dims = m.interned.Bytes(m.buf)
	}
	if s := m.book.Get(k); s != nil {
		return s
	}
	if d&Count == 0 {
		return nil
	}
	if m.book.Full() {
		r.overflowed++
		return m.overflow(k, now)
	}
	k.name, k.message = strings.Clone(k.name), strings.Clone(k.message)
	dims := k.target.dims
	if k.dims != "" {
		dims = r.values
	}
	return m.book.Put(k, m.labels(k, dims), now)
}

// overflow returns the set in which those spans of k's service count that
// there is no room for. Once these sets are half as many as all others may be,
// what comes of further services counts as one.
func (m *Metrics) overflow(k key, now int64) *derived.Set {
	k = key{target: m.rest(k.target.service, now), name: derived.Overflow, kind: k.kind, status: k.status}
	if s := m.book.Get(k); s != nil {
		return s
	}
	if m.book.Len() >= m.cfg.MaxLabelSets+m.cfg.MaxLabelSets/2 {
		k.target = m.rest(derived.Overflow, now)
		if s := m.book.Get(k); s != nil {
			return s
		}
	}
	return m.book.Put(k, m.labels(k, nil), now)
}

// labels returns what k stands for.
func (m *Metrics) labels(k key, dims []string) labels.Labels {
	b := labels.NewBuilder(labels.EmptyLabels())
	in := m.cfg.Intrinsic
	if in.Service {
		b.Set(labelService, k.target.service)
	}
	if in.SpanName || k.name == derived.Overflow {
		b.Set(labelSpanName, k.name)
	}
	if in.SpanKind {
		b.Set(labelSpanKind, kindName(k.kind))
	}
	if in.StatusCode {
		b.Set(labelStatusCode, statusName(k.status))
	}
	if in.StatusMessage {
		b.Set(labelStatusMessage, k.message)
	}
	b.Set(labelJob, k.target.job) // empty labels are none
	b.Set(labelInstance, k.target.instance)
	for i, v := range dims {
		b.Set(m.dimLabels[i], v)
	}
	return b.Labels()
}
