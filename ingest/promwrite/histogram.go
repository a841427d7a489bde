package promwrite

import (
	"github.com/prometheus/prometheus/model/histogram"
)

// wireHistogram is a native histogram as sent: integers and floats have fields
// of their own, and the kind of the count says which are meant.
type wireHistogram struct {
	isFloat              bool
	count, zeroCount     uint64
	fCount, fZeroCount   float64
	zeroIsFloat          bool
	sum, zeroThreshold   float64
	schema               int32
	posSpans, negSpans   []histogram.Span
	posDeltas, negDeltas []int64
	posCounts, negCounts []float64
	custom               []float64
	hint                 uint64
	t, st                int64
}

// decodeHistogram reads the Histogram message, which is the same in both
// versions but for the start timestamp of the second.
func decodeHistogram(body []byte) (histogramSample, error) {
	var h wireHistogram
	c := cursor{b: body}
	for c.next() {
		switch c.num {
		case 1:
			h.count, h.isFloat = c.varint(), false
		case 2:
			h.fCount, h.isFloat = c.double(), true
		case 3:
			h.sum = c.double()
		case 4:
			h.schema = int32(unzigzag(uint64(uint32(c.varint()))))
		case 5:
			h.zeroThreshold = c.double()
		case 6:
			h.zeroCount, h.zeroIsFloat = c.varint(), false
		case 7:
			h.fZeroCount, h.zeroIsFloat = c.double(), true
		case 8:
			h.negSpans = appendSpan(&c, h.negSpans)
		case 9:
			h.negDeltas = appendDeltas(&c, h.negDeltas)
		case 10:
			h.negCounts = appendDoubles(&c, h.negCounts)
		case 11:
			h.posSpans = appendSpan(&c, h.posSpans)
		case 12:
			h.posDeltas = appendDeltas(&c, h.posDeltas)
		case 13:
			h.posCounts = appendDoubles(&c, h.posCounts)
		case 14:
			h.hint = c.varint()
		case 15:
			h.t = int64(c.varint())
		case 16:
			h.custom = appendDoubles(&c, h.custom)
		case 17:
			h.st = int64(c.varint())
		default:
			c.skip()
		}
	}
	return h.sample(), c.err
}

func (h *wireHistogram) sample() histogramSample {
	s := histogramSample{t: h.t, st: h.st}
	if h.isFloat {
		s.fh = &histogram.FloatHistogram{
			CounterResetHint: histogram.CounterResetHint(h.hint),
			Schema:           h.schema,
			ZeroThreshold:    h.zeroThreshold,
			Count:            h.fCount,
			Sum:              h.sum,
			PositiveSpans:    h.posSpans,
			PositiveBuckets:  h.posCounts,
			NegativeSpans:    h.negSpans,
			NegativeBuckets:  h.negCounts,
			CustomValues:     h.custom,
		}
		if h.zeroIsFloat {
			s.fh.ZeroCount = h.fZeroCount
		}
		return s
	}
	s.h = &histogram.Histogram{
		CounterResetHint: histogram.CounterResetHint(h.hint),
		Schema:           h.schema,
		ZeroThreshold:    h.zeroThreshold,
		Count:            h.count,
		Sum:              h.sum,
		PositiveSpans:    h.posSpans,
		PositiveBuckets:  h.posDeltas,
		NegativeSpans:    h.negSpans,
		NegativeBuckets:  h.negDeltas,
		CustomValues:     h.custom,
	}
	if !h.zeroIsFloat {
		s.h.ZeroCount = h.zeroCount
	}
	return s
}

func appendSpan(c *cursor, spans []histogram.Span) []histogram.Span {
	m := cursor{b: c.bytes()}
	var s histogram.Span
	for c.err == nil && m.next() {
		switch m.num {
		case 1:
			s.Offset = int32(unzigzag(uint64(uint32(m.varint()))))
		case 2:
			s.Length = uint32(m.varint())
		default:
			m.skip()
		}
	}
	if m.err != nil {
		c.fail(m.err)
	}
	return append(spans, s)
}

func appendDeltas(c *cursor, v []int64) []int64 {
	if c.typ == wireVarint {
		return append(v, c.zigzag())
	}
	p := cursor{b: c.bytes()}
	for c.err == nil && p.err == nil && len(p.b) > 0 {
		v = append(v, unzigzag(p.uvarint()))
	}
	if p.err != nil {
		c.fail(p.err)
	}
	return v
}

func appendDoubles(c *cursor, v []float64) []float64 {
	if c.typ == wireFixed64 {
		return append(v, c.fixed64())
	}
	p := cursor{b: c.bytes()}
	for c.err == nil && p.err == nil && len(p.b) > 0 {
		v = append(v, p.fixed64())
	}
	if p.err != nil {
		c.fail(p.err)
	}
	return v
}
