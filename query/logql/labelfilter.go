package logql

import (
	"fmt"
	"strconv"
	"time"

	"github.com/dustin/go-humanize"
	"github.com/prometheus/prometheus/model/labels"
)

// A LabelFilter is a condition on the labels of a line: *AndFilter, *OrFilter,
// *MatchFilter, *NumberFilter, *DurationFilter, *BytesFilter or *IPFilter.
type LabelFilter interface {
	String() string

	// holds reports whether the line passes. A value that the filter cannot
	// read makes the line pass, with an error.
	holds(l *line) bool
}

// AndFilter passes lines that both sides pass; both are evaluated.
type AndFilter struct{ Left, Right LabelFilter }

// OrFilter passes lines that one side passes, the left one being asked first.
type OrFilter struct{ Left, Right LabelFilter }

// MatchFilter compares a label as text; a missing label is the empty text.
type MatchFilter struct{ Matcher *labels.Matcher }

// NumberFilter compares a label as a floating-point number.
type NumberFilter struct {
	Label string
	Op    CompareOp
	Value float64
}

// DurationFilter compares a label as a Go duration.
type DurationFilter struct {
	Label string
	Op    CompareOp
	Value time.Duration
}

// BytesFilter compares a label as an amount of bytes, such as 1.5MiB.
type BytesFilter struct {
	Label string
	Op    CompareOp
	Value uint64 // see roundBytes
}

// A CompareOp is the sign of a comparison of quantities: == != > >= < <=.
type CompareOp string

// String prints the filter; nested ones of the other kind in parentheses.
func (f *AndFilter) String() string { return inner(f.Left, true) + " and " + inner(f.Right, false) }

// String prints the filter.
func (f *OrFilter) String() string {
	if _, nested := f.Right.(*OrFilter); nested {
		return f.Left.String() + " or (" + f.Right.String() + ")"
	}
	return f.Left.String() + " or " + f.Right.String()
}

func inner(f LabelFilter, left bool) string {
	switch f.(type) {
	case *OrFilter:
		return "(" + f.String() + ")"
	case *AndFilter:
		if !left {
			return "(" + f.String() + ")"
		}
	}
	return f.String()
}

// String prints the filter.
func (f *MatchFilter) String() string { return matcherText(f.Matcher) }

// String prints the filter.
func (f *NumberFilter) String() string { return f.Label + f.Op.String() + formatFloat(f.Value) }

// String prints the filter.
func (f *DurationFilter) String() string { return f.Label + f.Op.String() + formatDuration(f.Value) }

// String prints the filter.
func (f *BytesFilter) String() string { return fmt.Sprintf("%s%s%dB", f.Label, f.Op, f.Value) }

// String prints the sign as Loki does, with = for ==.
func (o CompareOp) String() string {
	if o == "==" {
		return "="
	}
	return string(o)
}

func (f *AndFilter) holds(l *line) bool {
	left := f.Left.holds(l)
	return f.Right.holds(l) && left
}

func (f *OrFilter) holds(l *line) bool { return f.Left.holds(l) || f.Right.holds(l) }

func (f *MatchFilter) holds(l *line) bool {
	v, _ := l.get(f.Matcher.Name)
	return f.Matcher.Matches(v)
}

func (f *NumberFilter) holds(l *line) bool {
	return quantity(l, f.Label, f.Op, f.Value, func(s string) (float64, error) { return strconv.ParseFloat(s, 64) })
}

func (f *DurationFilter) holds(l *line) bool {
	return quantity(l, f.Label, f.Op, f.Value, time.ParseDuration)
}

func (f *BytesFilter) holds(l *line) bool {
	return quantity(l, f.Label, f.Op, f.Value, humanize.ParseBytes)
}

// quantity compares a label's value. Lines without the label are dropped. A
// value that cannot be read is an error, unless the line has one already.
func quantity[T float64 | time.Duration | uint64](l *line, name string, op CompareOp, want T, parse func(string) (T, error)) bool {
	text, ok := l.get(name)
	if !ok {
		return false
	}
	v, err := parse(text)
	if err != nil {
		if l.err == "" {
			l.fail(errFilter, err.Error())
		}
		return true
	}
	switch op {
	case "==":
		return v == want
	case "!=":
		return v != want
	case ">":
		return v > want
	case ">=":
		return v >= want
	case "<":
		return v < want
	default:
		return v <= want
	}
}

// roundBytes rounds an amount to the two or three digits that people read:
// 1024B is 1.0kB is 1000B. Loki prints and parses a query on its way to where
// it is evaluated, so this is what a filter compares with there.
func roundBytes(n uint64) uint64 {
	rounded, err := humanize.ParseBytes(humanize.Bytes(n))
	if err != nil {
		return n
	}
	return rounded
}

// IPFilter tests whether a label is an address in a range. A line without the
// label does not pass; a value that is no address is in no range.
type IPFilter struct {
	Label   string
	Negate  bool
	Pattern string // address, network or range; checked by the parser

	parsed ipPattern
}

// String prints the filter.
func (f *IPFilter) String() string {
	op := "="
	if f.Negate {
		op = "!="
	}
	return f.Label + op + "ip(" + strconv.Quote(f.Pattern) + ")"
}

func (f *IPFilter) holds(l *line) bool {
	text, ok := l.get(f.Label)
	if !ok {
		return false
	}
	in, _ := f.parsed.matches(text)
	return in != f.Negate
}

// LabelFilterStage is the stage `| level="error"`.
type LabelFilterStage struct{ Filter LabelFilter }

// String prints the stage.
func (s *LabelFilterStage) String() string { return "| " + s.Filter.String() }

func (s *LabelFilterStage) compile() (processor, error) { return filterProcessor{s.Filter}, nil }

type filterProcessor struct{ filter LabelFilter }

func (p filterProcessor) process(l *line) bool { return p.filter.holds(l) }
