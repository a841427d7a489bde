package traceql

import (
	"cmp"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/oriel-obs/oriel/model"
)

// A Type is the type of a Static.
type Type uint8

// The types of statics. Values of numeric types compare with each other.
const (
	TypeNil Type = iota
	TypeInt
	TypeFloat
	TypeDuration
	TypeString
	TypeBool
	TypeStatus
	TypeKind
)

// String returns the type's name in error messages.
func (t Type) String() string {
	return [...]string{"nil", "int", "float", "duration", "string", "boolean", "status", "kind"}[t]
}

func (t Type) numeric() bool { return t == TypeInt || t == TypeFloat || t == TypeDuration }

// A Static is a TraceQL constant. The zero Static is nil. Statics are
// comparable with ==, which is identity of type and content.
type Static struct {
	typ Type
	n   int64 // int, duration in ns, bool, status, kind, or the bits of a float
	s   string
}

// IntOf returns an integer.
func IntOf(n int64) Static { return Static{typ: TypeInt, n: n} }

// FloatOf returns a floating-point number.
func FloatOf(f float64) Static { return Static{typ: TypeFloat, n: int64(math.Float64bits(f))} }

// DurationOf returns a duration.
func DurationOf(d time.Duration) Static { return Static{typ: TypeDuration, n: int64(d)} }

// StringOf returns a string.
func StringOf(s string) Static { return Static{typ: TypeString, s: s} }

// BoolOf returns a boolean.
func BoolOf(b bool) Static {
	if b {
		return Static{typ: TypeBool, n: 1}
	}
	return Static{typ: TypeBool}
}

// StatusOf returns a span status.
func StatusOf(c model.StatusCode) Static { return Static{typ: TypeStatus, n: int64(c)} }

// KindOf returns a span kind.
func KindOf(k model.SpanKind) Static { return Static{typ: TypeKind, n: int64(k)} }

// staticOf converts a stored value; arrays, maps and bytes are nil.
func staticOf(v model.Value) Static {
	switch v.Kind() {
	case model.KindString:
		return StringOf(v.Str())
	case model.KindInt:
		return IntOf(v.Int64())
	case model.KindFloat:
		return FloatOf(v.Float64())
	case model.KindBool:
		return BoolOf(v.IsTrue())
	}
	return Static{}
}

// Type returns the static's type.
func (s Static) Type() Type { return s.typ }

// IsNil reports whether s is nil.
func (s Static) IsNil() bool { return s.typ == TypeNil }

// IsTrue reports whether s is the boolean true.
func (s Static) IsTrue() bool { return s.typ == TypeBool && s.n == 1 }

// Int returns an int, or a duration in nanoseconds.
func (s Static) Int() int64 { return s.n }

// Float returns a numeric static as a float, durations in nanoseconds.
func (s Static) Float() float64 {
	if s.typ == TypeFloat {
		return math.Float64frombits(uint64(s.n))
	}
	return float64(s.n)
}

// Text returns the static as answers show it: strings without quotes.
func (s Static) Text() string {
	switch s.typ {
	case TypeInt:
		return strconv.FormatInt(s.n, 10)
	case TypeFloat:
		return formatFloat(s.Float())
	case TypeDuration:
		return time.Duration(s.n).String()
	case TypeString:
		return s.s
	case TypeBool:
		return strconv.FormatBool(s.n == 1)
	case TypeStatus:
		return model.StatusCode(s.n).String()
	case TypeKind:
		return model.SpanKind(s.n).String()
	}
	return "nil"
}

// formatFloat writes a float so that it reads as one: 5.0, 1e-09.
func formatFloat(f float64) string {
	t := strconv.FormatFloat(f, 'g', -1, 64)
	if strings.Trim(t, "-0123456789") == "" {
		t += ".0"
	}
	return t
}

// String returns the static as queries spell it.
func (s Static) String() string {
	switch s.typ {
	case TypeInt:
		if s.n == math.MinInt64 {
			return "minInt" // its digits alone are more than an integer holds
		}
	case TypeString:
		return strconv.Quote(s.s)
	case TypeFloat:
		return strconv.FormatFloat(s.Float(), 'f', -1, 64) + map[bool]string{true: ".0"}[s.Float() == math.Trunc(s.Float())]
	}
	return s.Text()
}

// Value returns s as a value; durations as ns, statuses and kinds as text.
func (s Static) Value() model.Value {
	switch s.typ {
	case TypeInt, TypeDuration:
		return model.Int(s.n)
	case TypeFloat:
		return model.Float(s.Float())
	case TypeBool:
		return model.Bool(s.n == 1)
	case TypeNil:
		return model.Value{}
	}
	return model.String(s.Text())
}

// comparedBytes is how much of two strings a comparison looks at. Tempo cuts
// what is longer when it comes in; Oriel keeps all of it, and finds it by what
// Tempo would have kept.
const comparedBytes = 2048

// order compares two statics that have an order between them.
func order(a, b Static) (int, bool) {
	switch {
	case a.typ.numeric() && b.typ.numeric():
		if a.typ != TypeFloat && b.typ != TypeFloat {
			return cmp.Compare(a.n, b.n), true
		}
		x, y := a.Float(), b.Float()
		return cmp.Compare(x, y), x == x && y == y
	case a.typ != b.typ || a.typ == TypeNil:
		return 0, false
	case a.typ == TypeString:
		return strings.Compare(a.s[:min(len(a.s), comparedBytes)], b.s[:min(len(b.s), comparedBytes)]), true
	}
	return cmp.Compare(a.n, b.n), true
}

// less orders statics of any types, for answers that must be stable.
func (s Static) less(o Static) bool {
	if s.typ == TypeString && o.typ == TypeString {
		return s.s < o.s
	}
	if c, ok := order(s, o); ok {
		return c < 0
	}
	return s.typ < o.typ
}
