package logql

import (
	"time"

	"github.com/prometheus/prometheus/model/labels"
)

// An Expr is a parsed query: *LogExpr, or one of the metric expressions
// *RangeAgg, *VectorAgg, *BinaryExpr, *LabelReplace, *VectorLiteral, *Number.
// String prints it in canonical form, which parses to an equal expression.
type Expr interface {
	String() string
	expr()
}

// A LogExpr selects log lines and passes them through stages.
type LogExpr struct {
	Matchers []*labels.Matcher // of the stream, all must match
	Stages   []Stage
}

// A LogRange is the lines a range aggregation looks at.
type LogRange struct {
	Log    *LogExpr
	Unwrap *Unwrap       // nil: samples are lines, not label values
	Range  time.Duration // length of the window
	Offset time.Duration // how far the window lies back; may be negative
}

// A Grouping is the labels that an aggregation keeps or leaves out.
type Grouping struct {
	Without bool
	Labels  []string
}

// A RangeAgg makes one value of the samples in a window.
type RangeAgg struct {
	Op       RangeOp
	Param    *float64 // of quantile_over_time, else nil
	Log      *LogRange
	Grouping *Grouping // nil: the labels of the line
}

// A VectorAgg makes one series of many.
type VectorAgg struct {
	Op       VectorOp
	Param    int       // of topk, bottomk and approx_topk, else 0
	Grouping *Grouping // nil: one group
	Inner    Expr
}

// A BinaryExpr combines two metric expressions.
type BinaryExpr struct {
	Op          BinaryOp
	Bool        bool // comparison yields 0 or 1 instead of filtering
	Matching    *Matching
	Left, Right Expr
}

// Matching says which elements of two vectors belong together.
type Matching struct {
	On      bool // Labels are those compared; otherwise those ignored
	Labels  []string
	Group   GroupSide
	Include []string // labels of the one side that the result takes over
}

// GroupSide names the side of a many-to-one match that has many elements.
type GroupSide uint8

// The sides.
const (
	OneToOne GroupSide = iota
	GroupLeft
	GroupRight
)

// A LabelReplace sets Dst to Replacement, expanded with the groups of Regexp,
// in series whose label Src it matches.
type LabelReplace struct {
	Inner                         Expr
	Dst, Replacement, Src, Regexp string
}

// A VectorLiteral is vector(n): one series without labels.
type VectorLiteral struct{ Value float64 }

// A Number is a scalar.
type Number struct{ Value float64 }

func (*LogExpr) expr()       {}
func (*RangeAgg) expr()      {}
func (*VectorAgg) expr()     {}
func (*BinaryExpr) expr()    {}
func (*LabelReplace) expr()  {}
func (*VectorLiteral) expr() {}
func (*Number) expr()        {}

// A Stage is one step of a pipeline; each kind has a file, stage_*.go.
type Stage interface {
	// String prints the stage with its leading bar.
	String() string

	// compile returns what the stage does to lines. It reports what is wrong
	// with the stage's arguments; the parser calls it once for that.
	compile() (processor, error)
}

// A processor changes a line, or drops it by returning false. It belongs to
// one query.
type processor interface {
	process(l *line) bool
}
