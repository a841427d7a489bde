package traceql

// A Query is a parsed and checked TraceQL query.
type Query struct {
	Search  *Pipeline  // of a search; nil for a metrics query
	Metrics MetricExpr // of a metrics query; nil for a search
	Hints   []Hint
}

// A Hint is one name=value of a query's with(…).
type Hint struct {
	Name  string
	Value Static
}

// A Stage turns the spansets of a trace into others: *Filter, *SpansetOp,
// *Pipeline (only within a SpansetOp, or alone), *ScalarFilter, *By, *Coalesce
// or *Select.
type Stage interface{ stage() }

// A Pipeline is stages one after the other.
type Pipeline struct{ Stages []Stage }

// A Filter keeps the spans of which Expr is true; nil keeps all.
type Filter struct{ Expr FieldExpr }

// A SpansetOp combines two spansets of one trace. L and R are *Filter,
// *SpansetOp or *Pipeline.
type SpansetOp struct {
	Op   SpansetOperator
	L, R Stage
}

// A ScalarFilter keeps the spansets whose aggregate compares with a number.
type ScalarFilter struct {
	Op   Operator // a comparison
	L, R ScalarExpr
}

// By splits spansets by the value of an expression.
type By struct{ Expr FieldExpr }

// Coalesce merges the spansets of a trace into one.
type Coalesce struct{}

// Select adds attributes to the answer.
type Select struct{ Attrs []Attribute }

func (*Pipeline) stage()     {}
func (*Filter) stage()       {}
func (*SpansetOp) stage()    {}
func (*ScalarFilter) stage() {}
func (*By) stage()           {}
func (*Coalesce) stage()     {}
func (*Select) stage()       {}

// A FieldExpr is computed on one span: *Binary, *Unary, Attribute or Static.
type FieldExpr interface{ fieldExpr() }

// A Binary applies an operator to two expressions.
type Binary struct {
	Op   Operator
	L, R FieldExpr
	re   *regexpMatch // of OpMatch and OpNotMatch, once checked
}

// A Unary applies OpSub or OpNot.
type Unary struct {
	Op Operator
	X  FieldExpr
}

func (*Binary) fieldExpr()   {}
func (*Unary) fieldExpr()    {}
func (Attribute) fieldExpr() {}
func (Static) fieldExpr()    {}

// A ScalarExpr is computed on one spanset: *Aggregate, *ScalarOp or Static.
type ScalarExpr interface{ scalarExpr() }

// An Aggregate is count() or a function of an expression's values.
type Aggregate struct {
	Fn   string    // count, avg, min, max or sum
	Expr FieldExpr // nil for count
}

// A ScalarOp is arithmetic on scalars.
type ScalarOp struct {
	Op   Operator
	L, R ScalarExpr
}

func (*Aggregate) scalarExpr() {}
func (*ScalarOp) scalarExpr()  {}
func (Static) scalarExpr()     {}

// A MetricExpr yields time series: *MetricPipeline, *MetricMath,
// *MetricStages or Static.
type MetricExpr interface{ metricExpr() }

// A MetricPipeline feeds the spans a pipeline selects to a function.
type MetricPipeline struct {
	Pipeline *Pipeline
	Fn       *MetricFn
}

// A MetricFn is the function that ends a metric pipeline.
type MetricFn struct {
	Name      string     // rate, count_over_time, …, compare
	Attr      *Attribute // measured; nil for rate, count_over_time and compare
	Quantiles []float64  // of quantile_over_time
	By        []Attribute

	// Of compare only.
	Selection  *Filter
	TopN       int
	Start, End int64 // of the selection in ns; 0 means unbounded
}

// A MetricMath is arithmetic on series.
type MetricMath struct {
	Op   Operator
	L, R MetricExpr
}

// MetricStages applies second stages to an expression's series.
type MetricStages struct {
	Expr   MetricExpr
	Stages []SecondStage
}

// A SecondStage keeps some points: the K greatest (topk) or smallest
// (bottomk), or those that compare with Value under Op.
type SecondStage struct {
	Fn    string // topk, bottomk, or "" for a comparison
	K     int
	Op    Operator
	Value Static
}

func (*MetricPipeline) metricExpr() {}
func (*MetricMath) metricExpr()     {}
func (*MetricStages) metricExpr()   {}
func (Static) metricExpr()          {}

// An Operator works on values.
type Operator uint8

// The operators, by their signs.
const (
	OpAdd Operator = iota + 1
	OpSub
	OpMul
	OpDiv
	OpMod
	OpPow
	OpEq
	OpNe
	OpLt
	OpLe
	OpGt
	OpGe
	OpMatch
	OpNotMatch
	OpAnd
	OpOr
	OpNot
)

var operatorSigns = [...]string{
	OpAdd: "+", OpSub: "-", OpMul: "*", OpDiv: "/", OpMod: "%", OpPow: "^", OpEq: "=", OpNe: "!=", OpLt: "<", OpLe: "<=",
	OpGt: ">", OpGe: ">=", OpMatch: "=~", OpNotMatch: "!~", OpAnd: "&&", OpOr: "||", OpNot: "!",
}

// String returns the operator's sign.
func (o Operator) String() string { return operatorSigns[o] }

func (o Operator) comparison() bool { return o >= OpEq && o <= OpGe }
func (o Operator) arithmetic() bool { return o >= OpAdd && o <= OpPow }

// holds reports whether a comparison is true of an order.
func (o Operator) holds(order int) bool {
	switch o {
	case OpEq:
		return order == 0
	case OpNe:
		return order != 0
	case OpLt:
		return order < 0
	case OpLe:
		return order <= 0
	case OpGt:
		return order > 0
	case OpGe:
		return order >= 0
	}
	return false
}

// A SpansetOperator is &&, ||, or a structural relation, perhaps negated or
// with both sides kept.
type SpansetOperator struct {
	Relation string // "&&", "||", ">", "<", ">>", "<<" or "~"
	Negated  bool
	Union    bool
}

// String returns the operator's sign.
func (o SpansetOperator) String() string {
	switch {
	case o.Negated:
		return "!" + o.Relation
	case o.Union:
		return "&" + o.Relation
	}
	return o.Relation
}

func (o SpansetOperator) structural() bool { return o.Relation != "&&" && o.Relation != "||" }
