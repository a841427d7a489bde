package otelmodel

import (
	"encoding/base64"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/oriel-obs/oriel/model"
)

// Value converts v, keeping its kind. Strings are shared, unless they are no
// UTF-8 and must be mended.
func Value(v pcommon.Value) model.Value {
	switch v.Type() {
	case pcommon.ValueTypeStr:
		return model.String(mend(v.Str()))
	case pcommon.ValueTypeInt:
		return model.Int(v.Int())
	case pcommon.ValueTypeDouble:
		return model.Float(v.Double())
	case pcommon.ValueTypeBool:
		return model.Bool(v.Bool())
	case pcommon.ValueTypeBytes:
		return model.Bytes(string(v.Bytes().AsRaw()))
	case pcommon.ValueTypeSlice:
		return model.Array(string(appendJSON(nil, v)))
	case pcommon.ValueTypeMap:
		return model.Map(string(appendJSON(nil, v)))
	}
	return model.Value{}
}

// Attrs converts m, sorted by key; of equal keys the last wins.
func Attrs(m pcommon.Map) []model.Attr {
	if m.Len() == 0 {
		return nil
	}
	return model.SortAttrs(AppendAttrs(make([]model.Attr, 0, m.Len()), m))
}

// AppendAttrs appends m's attributes that have a value, in the sender's order.
func AppendAttrs(attrs []model.Attr, m pcommon.Map) []model.Attr {
	for k, v := range m.All() {
		if v := Value(v); !v.IsNone() {
			attrs = append(attrs, model.Attr{Key: mend(k), Value: v})
		}
	}
	return attrs
}

// Text returns v as a log line: a string as it is, bytes as base64, and other
// kinds as JSON.
func Text(v pcommon.Value) string {
	switch v.Type() {
	case pcommon.ValueTypeEmpty:
		return ""
	case pcommon.ValueTypeStr:
		return mend(v.Str())
	case pcommon.ValueTypeBytes:
		return base64.StdEncoding.EncodeToString(v.Bytes().AsRaw())
	}
	return string(appendJSON(nil, v))
}

// appendJSON appends v as model.Array and model.Map want their text: integers
// without a point, floats with a point or an exponent, bytes as base64, maps
// sorted by key. What JSON cannot spell (NaN, infinities) is a string.
func appendJSON(b []byte, v pcommon.Value) []byte {
	switch v.Type() {
	case pcommon.ValueTypeStr:
		return appendQuoted(b, v.Str())
	case pcommon.ValueTypeInt:
		return strconv.AppendInt(b, v.Int(), 10)
	case pcommon.ValueTypeDouble:
		return appendFloat(b, v.Double())
	case pcommon.ValueTypeBool:
		return strconv.AppendBool(b, v.Bool())
	case pcommon.ValueTypeBytes:
		b = append(b, '"')
		b = base64.StdEncoding.AppendEncode(b, v.Bytes().AsRaw())
		return append(b, '"')
	case pcommon.ValueTypeSlice:
		b = append(b, '[')
		for i, e := range v.Slice().All() {
			if i > 0 {
				b = append(b, ',')
			}
			b = appendJSON(b, e)
		}
		return append(b, ']')
	case pcommon.ValueTypeMap:
		return appendJSONMap(b, v.Map())
	}
	return append(b, "null"...)
}

func appendJSONMap(b []byte, m pcommon.Map) []byte {
	type member struct {
		key   string
		value pcommon.Value
	}
	members := make([]member, 0, m.Len())
	for k, v := range m.All() {
		members = append(members, member{k, v})
	}
	slices.SortStableFunc(members, func(x, y member) int { return strings.Compare(x.key, y.key) })
	b = append(b, '{')
	for i, x := range members {
		if i+1 < len(members) && members[i+1].key == x.key {
			continue // the last of equal keys wins
		}
		if b[len(b)-1] != '{' {
			b = append(b, ',')
		}
		b = appendQuoted(b, x.key)
		b = append(b, ':')
		b = appendJSON(b, x.value)
	}
	return append(b, '}')
}

func appendFloat(b []byte, f float64) []byte {
	switch {
	case math.IsNaN(f):
		return append(b, `"NaN"`...)
	case math.IsInf(f, 1):
		return append(b, `"Infinity"`...)
	case math.IsInf(f, -1):
		return append(b, `"-Infinity"`...)
	}
	start := len(b)
	b = strconv.AppendFloat(b, f, 'g', -1, 64)
	for _, c := range b[start:] {
		if c == '.' || c == 'e' {
			return b
		}
	}
	return append(b, ".0"...)
}

func appendQuoted(b []byte, s string) []byte {
	const hex = "0123456789abcdef"
	b = append(b, '"')
	for i := 0; i < len(s); {
		c := s[i]
		if c < utf8.RuneSelf {
			switch {
			case c == '"' || c == '\\':
				b = append(b, '\\', c)
			case c == '\n':
				b = append(b, '\\', 'n')
			case c == '\t':
				b = append(b, '\\', 't')
			case c == '\r':
				b = append(b, '\\', 'r')
			case c < 0x20:
				b = append(b, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
			default:
				b = append(b, c)
			}
			i++
			continue
		}
		r, n := utf8.DecodeRuneInString(s[i:])
		b = utf8.AppendRune(b, r)
		i += n
	}
	return append(b, '"')
}

// mend replaces what is not UTF-8 in s. Protobuf forbids it, yet senders copy
// foreign bytes into strings, and a log line with a bad byte is better than
// none.
func mend(s string) string {
	if utf8.ValidString(s) {
		return s
	}
	return strings.ToValidUTF8(s, "\uFFFD")
}

// nanos converts t, saturating: model times are signed.
func nanos(t pcommon.Timestamp) int64 { return int64(min(uint64(t), math.MaxInt64)) }
