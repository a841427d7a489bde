package model

import (
	"cmp"
	"math"
	"strconv"
)

// A Kind is the type of a Value, after OpenTelemetry's AnyValue.
type Kind uint8

// The kinds of a Value. Their numbers are stored on disk: never renumber.
const (
	KindNone   Kind = 0 // absent or empty
	KindString Kind = 1
	KindInt    Kind = 2 // 64-bit signed
	KindFloat  Kind = 3
	KindBool   Kind = 4
	KindBytes  Kind = 5
	KindArray  Kind = 6 // JSON text; see Array
	KindMap    Kind = 7 // JSON text; see Map
)

// A Value is one attribute's value. The zero Value is absent. Values are
// comparable with ==, which is identity of kind and content (NaN equals a NaN
// of the same bits).
type Value struct {
	kind Kind
	num  uint64
	str  string
}

// String returns a string value.
func String(s string) Value { return Value{kind: KindString, str: s} }

// Int returns an integer value.
func Int(i int64) Value { return Value{kind: KindInt, num: uint64(i)} }

// Float returns a floating-point value.
func Float(f float64) Value { return Value{kind: KindFloat, num: math.Float64bits(f)} }

// Bool returns a boolean value.
func Bool(b bool) Value {
	v := Value{kind: KindBool}
	if b {
		v.num = 1
	}
	return v
}

// Bytes returns a value of raw bytes, held in a string.
func Bytes(b string) Value { return Value{kind: KindBytes, str: b} }

// Array returns a list from its JSON text: integers without a point, floats
// always with a point or an exponent (so that kinds survive), bytes as base64.
func Array(json string) Value { return Value{kind: KindArray, str: json} }

// Map returns a key-value list from its JSON text, written as for Array.
func Map(json string) Value { return Value{kind: KindMap, str: json} }

// Kind returns v's kind.
func (v Value) Kind() Kind { return v.kind }

// IsNone reports whether v is absent.
func (v Value) IsNone() bool { return v.kind == KindNone }

// Str returns the text of a string, bytes, array or map value, else "".
func (v Value) Str() string { return v.str }

// Int64 returns an integer value, else 0.
func (v Value) Int64() int64 {
	if v.kind != KindInt {
		return 0
	}
	return int64(v.num)
}

// Float64 returns a float or integer value as a float, else 0.
func (v Value) Float64() float64 {
	switch v.kind {
	case KindFloat:
		return math.Float64frombits(v.num)
	case KindInt:
		return float64(int64(v.num))
	}
	return 0
}

// IsTrue reports whether v is the boolean true.
func (v Value) IsTrue() bool { return v.kind == KindBool && v.num == 1 }

// Text returns v as people and LogQL read it: integers and floats in their
// shortest decimal form, booleans as true or false, arrays and maps as JSON.
func (v Value) Text() string {
	switch v.kind {
	case KindInt:
		return strconv.FormatInt(int64(v.num), 10)
	case KindFloat:
		return strconv.FormatFloat(math.Float64frombits(v.num), 'g', -1, 64)
	case KindBool:
		return strconv.FormatBool(v.num == 1)
	}
	return v.str
}

// Compare orders two values of one kind: strings and bytes bytewise, false
// before true, NaN before every number. ok is false when the kinds differ or
// have no order (arrays, maps, none).
func (v Value) Compare(w Value) (order int, ok bool) {
	if v.kind != w.kind {
		return 0, false
	}
	switch v.kind {
	case KindString, KindBytes:
		return cmp.Compare(v.str, w.str), true
	case KindInt:
		return cmp.Compare(int64(v.num), int64(w.num)), true
	case KindFloat:
		return cmp.Compare(math.Float64frombits(v.num), math.Float64frombits(w.num)), true
	case KindBool:
		return cmp.Compare(v.num, w.num), true
	}
	return 0, false
}
