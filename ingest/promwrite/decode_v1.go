package promwrite

import (
	"fmt"
	"slices"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/metadata"
)

// decodeV1 reads a prometheus.WriteRequest. Labels stay as they are, bytes, of
// which only the lengths are checked; whoever needs them reads them with
// nextLabel.
// https://github.com/prometheus/prometheus/blob/main/prompb/types.proto
func (q *request) decodeV1(body []byte) error {
	c := cursor{b: body}
	for c.next() {
		switch c.num {
		case 1:
			if b := c.bytes(); c.err == nil {
				if err := q.decodeSeriesV1(b); err != nil {
					return fmt.Errorf("time series %d: %w", len(q.series)-1, err)
				}
			}
		case 3:
			if b := c.bytes(); c.err == nil {
				if err := q.decodeMetadataV1(b); err != nil {
					return fmt.Errorf("metadata %d: %w", len(q.metadata)-1, err)
				}
			}
		default:
			c.skip()
		}
	}
	return c.err
}

func (q *request) decodeSeriesV1(body []byte) error {
	q.series = append(q.series, series{
		samples:    span{len(q.samples), 0},
		histograms: span{len(q.histograms), 0},
		exemplars:  span{len(q.exemplars), 0},
	})
	s := &q.series[len(q.series)-1]
	n := shortFields(body, 1<<3|wireBytes)
	var fields fieldBytes
	if n > 0 {
		fields.b = body[:n]
	}
	c := cursor{b: body[n:]}
	for c.next() {
		switch c.num {
		case 1:
			if c.bytes(); c.err == nil {
				fields.add(c.key[:len(c.key)-len(c.b)])
			}
		case 2:
			q.samples = append(q.samples, decodeSample(&c, 2))
		case 3:
			if b := c.bytes(); c.err == nil {
				c.err = q.decodeExemplarV1(b)
			}
		case 4:
			if b := c.bytes(); c.err == nil {
				h, err := decodeHistogram(b)
				q.histograms = append(q.histograms, h)
				c.err = err
			}
		default:
			c.skip()
		}
	}
	s.wire = fields.b
	s.samples.to, s.histograms.to, s.exemplars.to = len(q.samples), len(q.histograms), len(q.exemplars)
	return c.err
}

// shortFields is the length of the fields with which b begins that have the
// key given and fewer than 128 bytes: the labels of a series, as a rule. The
// cursor would come to the same, at three times the price.
func shortFields(b []byte, key byte) int {
	n := 0
	for n+1 < len(b) && b[n] == key && b[n+1] < 0x80 {
		end := n + 2 + int(b[n+1])
		if end > len(b) {
			break
		}
		n = end
	}
	return n
}

// fieldBytes collects fields of one kind. As a rule they stand side by side,
// and are a part of the body; else they are copied together.
type fieldBytes struct {
	b      []byte
	copied bool
}

func (f *fieldBytes) add(field []byte) {
	switch {
	case f.b == nil:
		f.b = field // its capacity reaches to the end of the message
	case f.copied:
		f.b = append(f.b, field...)
	case &f.b[:len(f.b)+1][len(f.b)] == &field[0]:
		f.b = f.b[:len(f.b)+len(field)]
	default:
		f.b, f.copied = append(slices.Clip(f.b), field...), true
	}
}

// nextLabel takes one label field off wire. The labels of one field follow
// those of another as name and value; of several names in one field the last
// counts, as protobuf has it.
func nextLabel(wire []byte) (name, value, rest []byte, err error) {
	c := cursor{b: wire}
	if !c.next() {
		return nil, nil, nil, c.err
	}
	l := cursor{b: c.bytes()}
	if c.err != nil {
		return nil, nil, nil, c.err
	}
	for l.next() {
		switch l.num {
		case 1:
			name = l.bytes()
		case 2:
			value = l.bytes()
		default:
			l.skip()
		}
	}
	return name, value, c.b, l.err
}

// decodeSample reads the sample in the current field of c; fields is the
// number of the version's last field.
func decodeSample(c *cursor, fields int32) sample {
	var s sample
	b := c.bytes()
	if c.err != nil {
		return s
	}
	m := cursor{b: b}
	for m.next() {
		switch {
		case m.num == 1:
			s.v = m.double()
		case m.num == 2:
			s.t = int64(m.varint())
		case m.num == 3 && fields >= 3:
			s.st = int64(m.varint())
		default:
			m.skip()
		}
	}
	c.err = m.err
	return s
}

func (q *request) decodeExemplarV1(body []byte) error {
	var e wireExemplar
	var fields fieldBytes
	c := cursor{b: body}
	for c.next() {
		switch c.num {
		case 1:
			if c.bytes(); c.err == nil {
				fields.add(c.key[:len(c.key)-len(c.b)])
			}
		case 2:
			e.v = c.double()
		case 3:
			e.t = int64(c.varint())
		default:
			c.skip()
		}
	}
	e.wire = fields.b
	q.exemplars = append(q.exemplars, e)
	return c.err
}

// metricTypes are the numbers of both versions.
var metricTypes = [...]model.MetricType{
	model.MetricTypeUnknown, model.MetricTypeCounter, model.MetricTypeGauge, model.MetricTypeHistogram,
	model.MetricTypeGaugeHistogram, model.MetricTypeSummary, model.MetricTypeInfo, model.MetricTypeStateset,
}

// metricType takes a number of a later specification for unknown.
func metricType(n uint64) model.MetricType {
	if n < uint64(len(metricTypes)) {
		return metricTypes[n]
	}
	return model.MetricTypeUnknown
}

func (q *request) decodeMetadataV1(body []byte) error {
	m := familyMetadata{meta: metadata.Metadata{Type: model.MetricTypeUnknown}}
	c := cursor{b: body}
	for c.next() {
		switch c.num {
		case 1:
			m.meta.Type = metricType(uint64(int32(c.varint())))
		case 2:
			m.family = text(c.bytes())
		case 4:
			m.meta.Help = text(c.bytes())
		case 5:
			m.meta.Unit = text(c.bytes())
		default:
			c.skip()
		}
	}
	q.metadata = append(q.metadata, m)
	return c.err
}
