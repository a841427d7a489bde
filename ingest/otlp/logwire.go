package otlp

import (
	"math"
	"unsafe"

	"go.opentelemetry.io/collector/pdata/plog/plogotlp"
	"google.golang.org/protobuf/encoding/protowire"

	"github.com/oriel-obs/oriel/model"
)

// Log records are most of what a request is made of, and pdata makes a dozen
// objects of each. So records as senders write them are read from the wire;
// pdata reads what is around them, and the whole request if one of them has a
// field that is not expected here. What this takes, pdata would take for the
// same.

// logsOnWire converts body. It returns false if pdata is to read it; the batch
// refers to body's bytes, which must not change afterwards.
func (rc *Receiver) logsOnWire(body []byte) (*model.Batch, *outcome, bool) {
	frame, records, n, ok := cutRecords(body)
	if !ok || checkNesting(frame, logsRequest, 0) != nil {
		return nil, nil, false
	}
	req := plogotlp.NewExportRequest()
	if req.UnmarshalProto(frame) != nil {
		return nil, nil, false
	}
	c := rc.newLogConverter(n)
	for i, rl := range req.Logs().ResourceLogs().All() {
		if !c.resource(rl, records[i]) {
			return nil, nil, false
		}
	}
	return c.bd.Batch(), c.out, true
}

// cutRecords returns an ExportLogsServiceRequest without its log records, and
// those, n in all, by resource and scope.
func cutRecords(body []byte) (frame []byte, records [][][][]byte, n int, ok bool) {
	ok = eachBytes(body, func(num protowire.Number, resource []byte) bool {
		if num != 1 {
			return false
		}
		var rest []byte
		var scopes [][][]byte
		ok := eachBytes(resource, func(num protowire.Number, v []byte) bool {
			if num == 2 {
				var of [][]byte
				if v, of, ok = cutScope(v); !ok {
					return false
				}
				scopes, n = append(scopes, of), n+len(of)
			}
			rest = appendBytes(rest, num, v)
			return num <= 3 // resource, scopes and the URL of a schema
		})
		frame, records = appendBytes(frame, num, rest), append(records, scopes)
		return ok
	})
	return frame, records, n, ok
}

// cutScope does it for one ScopeLogs.
func cutScope(scope []byte) (frame []byte, records [][]byte, ok bool) {
	ok = eachBytes(scope, func(num protowire.Number, v []byte) bool {
		if num == 2 {
			records = append(records, v)
			return true
		}
		frame = appendBytes(frame, num, v)
		return num <= 3
	})
	return frame, records, ok
}

func appendBytes(b []byte, num protowire.Number, v []byte) []byte {
	return protowire.AppendBytes(protowire.AppendTag(b, num, protowire.BytesType), v)
}

// eachBytes calls f with every field of message b until it returns false. It
// returns false too if a field is not length-delimited.
func eachBytes(b []byte, f func(num protowire.Number, v []byte) bool) bool {
	for len(b) > 0 {
		num, typ, n := protowire.ConsumeTag(b)
		if n < 0 || typ != protowire.BytesType {
			return false
		}
		v, m := protowire.ConsumeBytes(b[n:])
		if m < 0 || !f(num, v) {
			return false
		}
		b = b[n+m:]
	}
	return true
}

// scanRecord reads a LogRecord, and appends its attributes to c.attrs.
func (c *logConverter) scanRecord(b []byte) (f logFields, ok bool) {
	bodies := 0
	for len(b) > 0 {
		num, typ, n := protowire.ConsumeTag(b)
		if n < 0 {
			return f, false
		}
		b = b[n:]
		switch typ {
		case protowire.Fixed64Type:
			var x uint64
			x, n = protowire.ConsumeFixed64(b)
			switch num {
			case 1:
				f.time = saturated(x)
			case 11:
				f.observed = saturated(x)
			default:
				return f, false
			}
		case protowire.Fixed32Type:
			if f.flags, n = protowire.ConsumeFixed32(b); num != 8 {
				return f, false
			}
		case protowire.VarintType:
			var x uint64
			x, n = protowire.ConsumeVarint(b)
			switch num {
			case 2:
				f.severity = int32(x)
			case 7:
				f.dropped = uint32(x)
			default:
				return f, false
			}
		case protowire.BytesType:
			var v []byte
			v, n = protowire.ConsumeBytes(b)
			if num == 5 {
				bodies++
			}
			if n < 0 || bodies > 1 || !c.scanBytes(num, v, &f) {
				return f, false
			}
		default:
			return f, false
		}
		if n < 0 {
			return f, false
		}
		b = b[n:]
	}
	return f, true
}

// scanBytes reads a length-delimited field of a LogRecord.
func (c *logConverter) scanBytes(num protowire.Number, v []byte, f *logFields) bool {
	switch num {
	case 3:
		f.severityText = view(v)
	case 5:
		body, ok := scanScalar(v)
		if k := body.Kind(); !ok || k != model.KindString && k != model.KindNone {
			return false
		}
		f.body = body.Str()
	case 6:
		return c.scanAttr(v)
	case 9:
		return len(v) == copy(f.traceID[:], v) && (len(v) == 0 || len(v) == len(f.traceID))
	case 10:
		return len(v) == copy(f.spanID[:], v) && (len(v) == 0 || len(v) == len(f.spanID))
	case 12:
		f.eventName = view(v)
	default:
		return false
	}
	return true
}

// scanAttr reads a KeyValue.
func (c *logConverter) scanAttr(b []byte) bool {
	var (
		key   string
		value model.Value
		seen  [3]bool
	)
	ok := eachBytes(b, func(num protowire.Number, v []byte) (ok bool) {
		if num > 2 || seen[num] {
			return false
		}
		seen[num] = true
		if num == 1 {
			key = view(v)
			return true
		}
		value, ok = scanScalar(v)
		return ok
	})
	if ok && !value.IsNone() {
		c.attrs = append(c.attrs, model.Attr{Key: c.names.of(key), Value: value})
	}
	return ok
}

// scanScalar reads an AnyValue of at most one field, which is a string, a
// boolean or a number.
func scanScalar(b []byte) (v model.Value, ok bool) {
	if len(b) == 0 {
		return v, true
	}
	num, typ, n := protowire.ConsumeTag(b)
	if n < 0 {
		return v, false
	}
	b = b[n:]
	switch {
	case num == 1 && typ == protowire.BytesType:
		var s []byte
		s, n = protowire.ConsumeBytes(b)
		v = model.String(mend(view(s)))
	case num == 2 && typ == protowire.VarintType:
		var x uint64
		x, n = protowire.ConsumeVarint(b)
		v = model.Bool(x != 0)
	case num == 3 && typ == protowire.VarintType:
		var x uint64
		x, n = protowire.ConsumeVarint(b)
		v = model.Int(int64(x))
	case num == 4 && typ == protowire.Fixed64Type:
		var x uint64
		x, n = protowire.ConsumeFixed64(b)
		v = model.Float(math.Float64frombits(x))
	default:
		return v, false
	}
	return v, n == len(b)
}

// saturated converts a time: those of the model are signed.
func saturated(t uint64) int64 { return int64(min(t, math.MaxInt64)) }

// view returns b as a string that shares its memory.
func view(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }
