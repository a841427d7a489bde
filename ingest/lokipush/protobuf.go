package lokipush

import (
	"errors"
	"math"
	"time"
	"unsafe"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/oriel-obs/oriel/model"
)

// Field numbers of logproto.PushRequest and what it holds.
const (
	fieldStreams = 1 // PushRequest

	fieldLabels  = 1 // StreamAdapter
	fieldEntries = 2

	fieldTimestamp = 1 // EntryAdapter
	fieldLine      = 2
	fieldMetadata  = 3

	fieldName  = 1 // LabelPairAdapter
	fieldValue = 2

	fieldSeconds = 1 // google.protobuf.Timestamp
	fieldNanos   = 2
)

// decodeProtobuf reads a logproto.PushRequest. Lines and metadata refer to
// b's bytes, which must not change afterwards.
func (p *push) decodeProtobuf(b []byte) error {
	err := eachField(b, func(num protowire.Number, v []byte, _ uint64) error {
		if num == fieldStreams && v != nil {
			return p.decodeStream(v)
		}
		return nil
	})
	if err != nil {
		return malformed("couldn't decode protobuf push request: %v", err)
	}
	return nil
}

func (p *push) decodeStream(b []byte) error {
	// Labels first, wherever they stand: entries need them.
	var text []byte
	err := eachField(b, func(num protowire.Number, v []byte, _ uint64) error {
		if num == fieldLabels && v != nil {
			text = v
		}
		return nil
	})
	if err != nil {
		return err
	}
	p.begin(p.h.streamOfText(text))
	return eachField(b, func(num protowire.Number, v []byte, _ uint64) error {
		if num == fieldEntries && v != nil {
			return p.decodeEntry(v)
		}
		return nil
	})
}

func (p *push) decodeEntry(b []byte) error {
	var (
		seconds, nanos int64
		line           []byte
	)
	p.meta = p.meta[:0]
	err := eachField(b, func(num protowire.Number, v []byte, _ uint64) error {
		if v == nil {
			return nil
		}
		switch num {
		case fieldTimestamp:
			return eachField(v, func(num protowire.Number, v []byte, x uint64) error {
				if v != nil {
					return nil
				}
				switch num {
				case fieldSeconds:
					seconds = int64(x)
				case fieldNanos:
					nanos = int64(int32(x))
				}
				return nil
			})
		case fieldLine:
			line = v
		case fieldMetadata:
			return p.decodeMetadata(v)
		}
		return nil
	})
	if err != nil {
		return err
	}
	p.entry(unixNano(seconds, nanos), view(line), p.meta)
	return nil
}

func (p *push) decodeMetadata(b []byte) error {
	var name, value []byte
	err := eachField(b, func(num protowire.Number, v []byte, _ uint64) error {
		switch num {
		case fieldName:
			name = v
		case fieldValue:
			value = v
		}
		return nil
	})
	if err != nil {
		return err
	}
	p.addMetadata(view(name), view(value))
	return nil
}

// addMetadata adds a pair to the entry being decoded. An empty value is the
// same as none.
func (p *push) addMetadata(name, value string) {
	if value != "" {
		p.meta = append(p.meta, model.Attr{Key: name, Value: model.String(value)})
	}
}

// unixNano saturates: times beyond the range of 64-bit nanoseconds (the years
// 1677 to 2262) are too old or too new in any case.
func unixNano(seconds, nanos int64) int64 {
	const limit = math.MaxInt64/int64(time.Second) - 1
	switch {
	case seconds > limit:
		return math.MaxInt64
	case seconds < -limit:
		return math.MinInt64
	}
	return seconds*int64(time.Second) + nanos
}

// view returns b as a string that shares its memory. The bytes are those of a
// request's body, which nobody writes to once it is read; the strings made of
// it keep the body alive.
func view(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

var errGroup = errors.New("group fields are not supported")

// eachField calls f with every field of message b: v is the content of a
// length-delimited field (never nil, maybe empty), x the number of a varint
// field, whose v is nil. Fixed-width fields, of which the push messages have none,
// are passed over.
func eachField(b []byte, f func(num protowire.Number, v []byte, x uint64) error) error {
	for len(b) > 0 {
		num, typ, n := protowire.ConsumeTag(b)
		if n < 0 {
			return protowire.ParseError(n)
		}
		b = b[n:]
		var (
			v   []byte
			x   uint64
			err error
		)
		switch typ {
		case protowire.BytesType:
			if v, n = protowire.ConsumeBytes(b); n >= 0 {
				err = f(num, v[:len(v):len(v)], 0)
			}
		case protowire.VarintType:
			if x, n = protowire.ConsumeVarint(b); n >= 0 {
				err = f(num, nil, x)
			}
		case protowire.Fixed32Type, protowire.Fixed64Type:
			n = protowire.ConsumeFieldValue(num, typ, b)
		default:
			err = errGroup
		}
		if n < 0 {
			return protowire.ParseError(n)
		}
		if err != nil {
			return err
		}
		b = b[n:]
	}
	return nil
}
