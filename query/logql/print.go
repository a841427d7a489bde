package logql

import (
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
)

// String prints the query.
func (e *LogExpr) String() string {
	var b strings.Builder
	b.WriteByte('{')
	for i, m := range e.Matchers {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(matcherText(m))
	}
	b.WriteByte('}')
	for _, s := range e.Stages {
		b.WriteString(" " + s.String())
	}
	return b.String()
}

// matcherText prints a matcher; unlike its String it never quotes the name.
func matcherText(m *labels.Matcher) string {
	return m.Name + m.Type.String() + strconv.Quote(m.Value)
}

// String prints the lines with their window behind them.
func (r *LogRange) String() string {
	var b strings.Builder
	b.WriteString(r.Log.String())
	if r.Unwrap != nil {
		b.WriteString(" " + r.Unwrap.String())
	}
	b.WriteString(" [" + formatDuration(r.Range) + "]")
	switch {
	case r.Offset > 0:
		b.WriteString(" offset " + formatDuration(r.Offset))
	case r.Offset < 0:
		b.WriteString(" offset -" + formatDuration(-r.Offset))
	}
	return b.String()
}

// String prints the grouping.
func (g *Grouping) String() string {
	word := "by"
	if g.Without {
		word = "without"
	}
	return word + " (" + strings.Join(g.Labels, ", ") + ")"
}

// String prints the aggregation.
func (a *RangeAgg) String() string {
	var b strings.Builder
	b.WriteString(string(a.Op) + "(")
	if a.Param != nil {
		b.WriteString(formatFloat(*a.Param) + ", ")
	}
	b.WriteString(a.Log.String() + ")")
	if a.Grouping != nil {
		b.WriteString(" " + a.Grouping.String())
	}
	return b.String()
}

// String prints the aggregation.
func (a *VectorAgg) String() string {
	var b strings.Builder
	b.WriteString(string(a.Op))
	if a.Grouping != nil {
		b.WriteString(" " + a.Grouping.String() + " ")
	}
	b.WriteByte('(')
	if a.Op.hasParam() {
		b.WriteString(strconv.Itoa(a.Param) + ", ")
	}
	b.WriteString(a.Inner.String() + ")")
	return b.String()
}

// String prints the operation in parentheses, so that it can be an operand.
func (e *BinaryExpr) String() string {
	var b strings.Builder
	b.WriteString("(" + e.Left.String() + " " + string(e.Op))
	if e.Bool {
		b.WriteString(" bool")
	}
	if m := e.Matching; m != nil {
		word := " ignoring ("
		if m.On {
			word = " on ("
		}
		b.WriteString(word + strings.Join(m.Labels, ", ") + ")")
		switch m.Group {
		case GroupLeft:
			b.WriteString(" group_left (" + strings.Join(m.Include, ", ") + ")")
		case GroupRight:
			b.WriteString(" group_right (" + strings.Join(m.Include, ", ") + ")")
		}
	}
	b.WriteString(" " + e.Right.String() + ")")
	return b.String()
}

// String prints the call.
func (e *LabelReplace) String() string {
	args := []string{e.Inner.String()}
	for _, s := range []string{e.Dst, e.Replacement, e.Src, e.Regexp} {
		args = append(args, strconv.Quote(s))
	}
	return "label_replace(" + strings.Join(args, ", ") + ")"
}

// String prints the call.
func (e *VectorLiteral) String() string { return "vector(" + formatFloat(e.Value) + ")" }

// String prints the number; those without a literal as what they come from.
func (e *Number) String() string {
	switch {
	case math.IsNaN(e.Value):
		return "(0 / 0)"
	case math.IsInf(e.Value, 1):
		return "(1 / 0)"
	case math.IsInf(e.Value, -1):
		return "(-1 / 0)"
	}
	return formatFloat(e.Value)
}

func formatFloat(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }

// formatDuration prints whole milliseconds in Prometheus' units, others in Go's.
func formatDuration(d time.Duration) string {
	if d%time.Millisecond == 0 {
		return model.Duration(d).String()
	}
	return d.String()
}
