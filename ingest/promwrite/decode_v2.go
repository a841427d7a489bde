package promwrite

import (
	"fmt"

	"github.com/cespare/xxhash/v2"
)

// decodeV2 reads an io.prometheus.write.v2.Request.
// https://github.com/prometheus/prometheus/blob/main/prompb/io/prometheus/write/v2/types.proto
func (q *request) decodeV2(body []byte) error {
	q.v2 = true
	c := cursor{b: body}
	for c.next() {
		switch c.num {
		case 4:
			q.symbols = append(q.symbols, text(c.bytes()))
		case 5:
			if b := c.bytes(); c.err == nil {
				if err := q.decodeSeriesV2(b); err != nil {
					return fmt.Errorf("time series %d: %w", len(q.series)-1, err)
				}
			}
		default:
			c.skip()
		}
	}
	// A string is hashed once, however many series use it.
	for _, s := range q.symbols {
		q.hashes = append(q.hashes, xxhash.Sum64String(s))
	}
	return c.err
}

func (q *request) decodeSeriesV2(body []byte) error {
	q.series = append(q.series, series{
		refs:       span{len(q.refs), 0},
		samples:    span{len(q.samples), 0},
		histograms: span{len(q.histograms), 0},
		exemplars:  span{len(q.exemplars), 0},
	})
	s := &q.series[len(q.series)-1]
	c := cursor{b: body}
	for c.next() {
		switch c.num {
		case 1:
			q.refs = appendRefs(&c, q.refs)
		case 2:
			q.samples = append(q.samples, decodeSample(&c, 3))
		case 3:
			if b := c.bytes(); c.err == nil {
				h, err := decodeHistogram(b)
				q.histograms = append(q.histograms, h)
				c.err = err
			}
		case 4:
			if b := c.bytes(); c.err == nil {
				c.err = q.decodeExemplarV2(b)
			}
		case 5:
			if b := c.bytes(); c.err == nil {
				c.err = decodeMetadataV2(b, &s.meta)
			}
		case 6:
			if c.typ == wireVarint {
				s.created = int64(c.varint())
			} else {
				c.skip() // the number is reserved now
			}
		default:
			c.skip()
		}
	}
	s.refs.to = len(q.refs)
	s.samples.to, s.histograms.to, s.exemplars.to = len(q.samples), len(q.histograms), len(q.exemplars)
	return c.err
}

// appendRefs adds the references in the current field of c, packed or single.
func appendRefs(c *cursor, refs []uint32) []uint32 {
	if c.typ == wireVarint {
		return append(refs, uint32(c.uvarint()))
	}
	p := cursor{b: c.bytes()}
	for c.err == nil && p.err == nil && len(p.b) > 0 {
		refs = append(refs, uint32(p.uvarint()))
	}
	if p.err != nil {
		c.fail(p.err)
	}
	return refs
}

func (q *request) decodeExemplarV2(body []byte) error {
	e := wireExemplar{refs: span{len(q.exemplarRefs), 0}}
	c := cursor{b: body}
	for c.next() {
		switch c.num {
		case 1:
			q.exemplarRefs = appendRefs(&c, q.exemplarRefs)
		case 2:
			e.v = c.double()
		case 3:
			e.t = int64(c.varint())
		default:
			c.skip()
		}
	}
	e.refs.to = len(q.exemplarRefs)
	q.exemplars = append(q.exemplars, e)
	return c.err
}

func decodeMetadataV2(body []byte, m *wireMetadata) error {
	c := cursor{b: body}
	for c.next() {
		switch c.num {
		case 1:
			m.typ = uint64(int32(c.varint()))
		case 3:
			m.help = uint32(c.varint())
		case 4:
			m.unit = uint32(c.varint())
		default:
			c.skip()
		}
	}
	return c.err
}
