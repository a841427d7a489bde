package evidence

import (
	"math"
	"strconv"
	"strings"

	"github.com/prometheus/prometheus/promql/parser"

	"github.com/oriel-obs/oriel/query/logql"
	"github.com/oriel-obs/oriel/query/traceql"
)

// A unit is what a value counts, as far as the names in an expression tell.
type unit uint8

const (
	unitless  unit = iota
	inRatio        // 0 to 1, shown in percent
	inPercent      // 0 to 100
	inSeconds
	inBytes
	perSecond
	bytesPerSecond
	secondsPerSecond // as of CPUs
)

// unitOfMetrics returns the unit of a PromQL expression, plain if in doubt.
func unitOfMetrics(p parser.Parser, text string) unit {
	e, err := p.ParseExpr(text)
	if err != nil {
		return unitless
	}
	return unitOf(e)
}

func unitOf(e parser.Expr) unit {
	switch e := e.(type) {
	case *parser.ParenExpr:
		return unitOf(e.Expr)
	case *parser.StepInvariantExpr:
		return unitOf(e.Expr)
	case *parser.UnaryExpr:
		return unitOf(e.Expr)
	case *parser.SubqueryExpr:
		return unitOf(e.Expr)
	case *parser.MatrixSelector:
		return unitOf(e.VectorSelector)
	case *parser.VectorSelector:
		return unitOfName(e.Name)
	case *parser.AggregateExpr:
		switch e.Op {
		case parser.COUNT, parser.COUNT_VALUES, parser.GROUP, parser.STDVAR:
			return unitless
		}
		return unitOf(e.Expr)
	case *parser.Call:
		return unitOfCall(e)
	case *parser.BinaryExpr:
		left, right := unitOf(e.LHS), unitOf(e.RHS)
		switch e.Op {
		case parser.DIV:
			return divided(left, right)
		case parser.MUL:
			if v, ok := constant(e.LHS); ok {
				return scaled(right, v)
			}
			if v, ok := constant(e.RHS); ok {
				return scaled(left, v)
			}
		case parser.ADD, parser.SUB:
			return max(left, right) // one that is known, of two that ought to be the same
		case parser.LAND, parser.LOR, parser.LUNLESS:
			return left
		}
	}
	return unitless
}

// unitOfName goes by the conventions for names of metrics and recorded rules.
//
// https://prometheus.io/docs/practices/naming/
func unitOfName(name string) unit {
	if strings.HasSuffix(name, "_count") {
		return unitless
	}
	out := unitless
	for _, word := range strings.FieldsFunc(name, func(r rune) bool { return r == '_' || r == ':' }) {
		switch {
		case strings.HasPrefix(word, "ratio"):
			out = inRatio
		case strings.HasPrefix(word, "percent"):
			out = inPercent
		case word == "seconds":
			out = inSeconds
		case word == "bytes":
			out = inBytes
		case strings.HasPrefix(word, "rate"):
			out = rated(out)
		}
	}
	return out
}

func rated(u unit) unit {
	switch u {
	case inBytes:
		return bytesPerSecond
	case inSeconds:
		return secondsPerSecond
	case unitless:
		return perSecond
	}
	return u
}

func unitOfCall(e *parser.Call) unit {
	switch e.Func.Name {
	case "rate", "irate", "deriv":
		return rated(unitOf(e.Args[0]))
	case "histogram_quantile":
		switch u := unitOf(e.Args[1]); u {
		case secondsPerSecond:
			return inSeconds
		case bytesPerSecond:
			return inBytes
		case perSecond:
			return unitless
		default:
			return u
		}
	case "time", "timestamp":
		return inSeconds
	case "count_over_time", "changes", "resets", "absent", "absent_over_time", "present_over_time", "vector", "scalar":
		return unitless
	}
	for _, arg := range e.Args {
		if t := arg.Type(); t == parser.ValueTypeVector || t == parser.ValueTypeMatrix {
			return unitOf(arg)
		}
	}
	return unitless
}

func divided(a, b unit) unit {
	switch {
	case a == secondsPerSecond && b == perSecond, a == inSeconds && b == unitless:
		return inSeconds
	case a == bytesPerSecond && b == perSecond, a == inBytes && b == unitless:
		return inBytes
	case a == b && a != unitless:
		return inRatio
	}
	return unitless
}

func scaled(u unit, by float64) unit {
	if by == 1 {
		return u
	}
	if u == inRatio && by == 100 {
		return inPercent
	}
	return unitless
}

// unitOfLogs returns the unit of a LogQL expression.
func unitOfLogs(e logql.Expr) unit {
	switch e := e.(type) {
	case *logql.VectorAgg:
		if e.Op == logql.OpCountVec {
			return unitless
		}
		return unitOfLogs(e.Inner)
	case *logql.LabelReplace:
		return unitOfLogs(e.Inner)
	case *logql.RangeAgg:
		u := unitless
		if w := e.Log.Unwrap; w != nil {
			switch w.Conv {
			case logql.ConvBytes:
				u = inBytes
			case logql.ConvDuration, logql.ConvDurationSeconds:
				u = inSeconds
			}
		}
		switch e.Op {
		case logql.OpRate, logql.OpRateCounter:
			return rated(u)
		case logql.OpBytes:
			return inBytes
		case logql.OpBytesRate:
			return bytesPerSecond
		case logql.OpCount, logql.OpAbsentOver, logql.OpStdvarOver:
			return unitless
		}
		return u
	case *logql.BinaryExpr:
		switch e.Op {
		case "/":
			return divided(unitOfLogs(e.Left), unitOfLogs(e.Right))
		case "*":
			if n, ok := e.Left.(*logql.Number); ok {
				return scaled(unitOfLogs(e.Right), n.Value)
			}
			if n, ok := e.Right.(*logql.Number); ok {
				return scaled(unitOfLogs(e.Left), n.Value)
			}
		}
	}
	return unitless
}

// unitOfTraces returns the unit of a TraceQL metrics expression.
func unitOfTraces(e traceql.MetricExpr) unit {
	switch e := e.(type) {
	case *traceql.MetricStages:
		return unitOfTraces(e.Expr)
	case *traceql.MetricMath:
		if e.Op == traceql.OpDiv {
			return divided(unitOfTraces(e.L), unitOfTraces(e.R))
		}
	case *traceql.MetricPipeline:
		switch {
		case e.Fn.Name == "rate":
			return perSecond
		case e.Fn.Attr != nil && (e.Fn.Attr.Intrinsic == traceql.IntrinsicDuration || e.Fn.Attr.Intrinsic == traceql.IntrinsicTraceDuration):
			return inSeconds
		}
	}
	return unitless
}

// text writes a value with its unit and three digits that matter.
func (u unit) text(v float64) string {
	switch {
	case math.IsNaN(v):
		return "no value"
	case math.IsInf(v, 0):
		return strconv.FormatFloat(v, 'g', -1, 64)
	}
	switch u {
	case inRatio:
		return digits(v*100) + " %"
	case inPercent:
		return digits(v) + " %"
	case inSeconds:
		return ladder(v, durationSteps)
	case inBytes:
		return ladder(v, byteSteps)
	case bytesPerSecond:
		return ladder(v, byteSteps) + "/s"
	case perSecond:
		return ladder(v, numberSteps) + "/s"
	}
	return ladder(v, numberSteps)
}

// A rung is a multiple of a unit with a name of its own.
type rung struct {
	size float64
	name string
}

// from is the least value that is written in the rung: 9 999 is short enough,
// 12 345 is 12.3 k.
func (r rung) from() float64 {
	if r.name == " k" {
		return 10 * r.size
	}
	return r.size
}

var (
	durationSteps = []rung{{86400, " d"}, {3600, " h"}, {60, " min"}, {1, " s"}, {1e-3, " ms"}, {1e-6, " µs"}, {1e-9, " ns"}}
	byteSteps     = []rung{{1 << 50, " PiB"}, {1 << 40, " TiB"}, {1 << 30, " GiB"}, {1 << 20, " MiB"}, {1 << 10, " KiB"}, {1, " B"}}
	numberSteps   = []rung{{1e12, " T"}, {1e9, " G"}, {1e6, " M"}, {1e3, " k"}, {1, ""}}
)

func ladder(v float64, steps []rung) string {
	size := math.Abs(v)
	for _, s := range steps {
		if size >= s.from()*(1-1e-9) { // despite of rounding
			return digits(v/s.size) + s.name
		}
	}
	last := steps[len(steps)-1]
	if v == 0 && last.size < 1 {
		return "0 s"
	}
	return digits(v/last.size) + last.name
}

// digits writes a number with three digits that matter, and of one that is not
// huge all of those before the point.
func digits(v float64) string {
	size := math.Abs(v)
	if size >= 1e6 || size < 1e-6 && v != 0 {
		return strconv.FormatFloat(v, 'g', 3, 64)
	}
	if size >= 1000 || v == math.Trunc(v) {
		return strconv.FormatFloat(math.Round(v), 'f', 0, 64)
	}
	places := 2 - int(math.Floor(math.Log10(size)))
	text := strconv.FormatFloat(v, 'f', min(places, 12), 64)
	if strings.Contains(text, ".") {
		text = strings.TrimSuffix(strings.TrimRight(text, "0"), ".")
	}
	return text
}
