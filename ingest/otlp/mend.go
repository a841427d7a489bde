package otlp

import (
	"bytes"
	"encoding/hex"
	"encoding/json"

	"google.golang.org/protobuf/encoding/protowire"
)

// The lengths of ids, in bytes.
const (
	traceIDLen = 16
	spanIDLen  = 8
)

// idLen returns how long the id in a field of a kind must be, or 0 if none is
// there.
func idLen(k kind, field protowire.Number) int {
	switch k {
	case span, spanLink:
		switch field {
		case 1:
			return traceIDLen
		case 2:
			return spanIDLen
		case 4:
			if k == span { // a link has its attributes there
				return spanIDLen
			}
		}
	case logRecord:
		switch field {
		case 9:
			return traceIDLen
		case 10:
			return spanIDLen
		}
	case exemplar:
		switch field {
		case 4:
			return spanIDLen
		case 5:
			return traceIDLen
		}
	}
	return 0
}

// dropWrongIDs appends the message b of kind k without the ids that have a
// wrong length. It returns false if b is not protobuf.
func dropWrongIDs(out, b []byte, k kind) ([]byte, bool) {
	for len(b) > 0 {
		num, typ, n := protowire.ConsumeTag(b)
		if n < 0 {
			return nil, false
		}
		size := protowire.ConsumeFieldValue(num, typ, b[n:])
		if size < 0 {
			return nil, false
		}
		field := b[:n+size]
		b = b[n+size:]
		if typ != protowire.BytesType {
			out = append(out, field...)
			continue
		}
		v, _ := protowire.ConsumeBytes(field[n:])
		if want := idLen(k, num); want > 0 {
			if len(v) == want {
				out = append(out, field...)
			}
			continue
		}
		inner := none
		if at := childField(num); at < len(fields[k]) {
			inner = fields[k][at]
		}
		if inner == none || inner >= resource { // the rest is attributes
			out = append(out, field...)
			continue
		}
		part, ok := dropWrongIDs(make([]byte, 0, len(v)), v, inner)
		if !ok {
			return nil, false
		}
		out = protowire.AppendBytes(protowire.AppendTag(out, num, typ), part)
	}
	return out, true
}

// mendJSON returns the JSON object body without its members that are null,
// which proto3 reads as absent and pdata takes for messages and lists only, and
// without the ids that have a wrong length. It returns false if there are none.
func mendJSON(body []byte) ([]byte, bool) {
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil || !mendValue(v) {
		return nil, false
	}
	mended, err := json.Marshal(v)
	return mended, err == nil
}

// mendValue reports whether it took anything out of v.
func mendValue(v any) (mended bool) {
	switch v := v.(type) {
	case map[string]any:
		for k, m := range v {
			if m == nil || isWrongID(k, m) {
				delete(v, k)
				mended = true
				continue
			}
			mended = mendValue(m) || mended
		}
	case []any:
		for _, m := range v {
			mended = mendValue(m) || mended
		}
	}
	return mended
}

func isWrongID(key string, v any) bool {
	want := 0
	switch key {
	case "traceId":
		want = traceIDLen
	case "spanId", "parentSpanId":
		want = spanIDLen
	}
	s, ok := v.(string)
	if want == 0 || !ok {
		return false
	}
	b, err := hex.DecodeString(s)
	return err != nil || len(b) != want && len(b) != 0
}
