package logql

// A RangeOp is the name of a range aggregation.
type RangeOp string

// The range aggregations.
const (
	OpRate         RangeOp = "rate"
	OpRateCounter  RangeOp = "rate_counter"
	OpCount        RangeOp = "count_over_time"
	OpBytesRate    RangeOp = "bytes_rate"
	OpBytes        RangeOp = "bytes_over_time"
	OpAvgOver      RangeOp = "avg_over_time"
	OpSumOver      RangeOp = "sum_over_time"
	OpMinOver      RangeOp = "min_over_time"
	OpMaxOver      RangeOp = "max_over_time"
	OpStddevOver   RangeOp = "stddev_over_time"
	OpStdvarOver   RangeOp = "stdvar_over_time"
	OpQuantileOver RangeOp = "quantile_over_time"
	OpFirstOver    RangeOp = "first_over_time"
	OpLastOver     RangeOp = "last_over_time"
	OpAbsentOver   RangeOp = "absent_over_time"
)

// rangeRule says what the grammar allows with a range aggregation.
type rangeRule struct {
	lines   bool // without unwrap
	values  bool // with unwrap
	grouped bool // by or without directly behind it
}

var rangeRules = map[RangeOp]rangeRule{
	OpRate:         {lines: true, values: true},
	OpCount:        {lines: true},
	OpBytesRate:    {lines: true},
	OpBytes:        {lines: true},
	OpAbsentOver:   {lines: true, values: true},
	OpRateCounter:  {values: true},
	OpSumOver:      {values: true},
	OpAvgOver:      {values: true, grouped: true},
	OpMinOver:      {values: true, grouped: true},
	OpMaxOver:      {values: true, grouped: true},
	OpStddevOver:   {values: true, grouped: true},
	OpStdvarOver:   {values: true, grouped: true},
	OpQuantileOver: {values: true, grouped: true},
	OpFirstOver:    {values: true, grouped: true},
	OpLastOver:     {values: true, grouped: true},
}

// A VectorOp is the name of a vector aggregation.
type VectorOp string

// The vector aggregations.
const (
	OpSum        VectorOp = "sum"
	OpAvg        VectorOp = "avg"
	OpCountVec   VectorOp = "count"
	OpMin        VectorOp = "min"
	OpMax        VectorOp = "max"
	OpStddev     VectorOp = "stddev"
	OpStdvar     VectorOp = "stdvar"
	OpTopk       VectorOp = "topk"
	OpBottomk    VectorOp = "bottomk"
	OpApproxTopk VectorOp = "approx_topk"
	OpSort       VectorOp = "sort"
	OpSortDesc   VectorOp = "sort_desc"
)

var vectorOps = map[VectorOp]bool{
	OpSum: true, OpAvg: true, OpCountVec: true, OpMin: true, OpMax: true, OpStddev: true, OpStdvar: true,
	OpTopk: true, OpBottomk: true, OpApproxTopk: true, OpSort: true, OpSortDesc: true,
}

// hasParam reports whether the operation takes the number of elements to keep.
func (o VectorOp) hasParam() bool { return o == OpTopk || o == OpBottomk || o == OpApproxTopk }

// A BinaryOp is the sign or word of a binary operation.
type BinaryOp string

// precedence of binary operators, higher binds tighter; 0 is no operator.
func (o BinaryOp) precedence() int {
	switch o {
	case "or":
		return 1
	case "and", "unless":
		return 2
	case "==", "!=", "<", "<=", ">", ">=":
		return 3
	case "+", "-":
		return 4
	case "*", "/", "%":
		return 5
	case "^":
		return 6
	}
	return 0
}

func (o BinaryOp) isSet() bool        { return o == "or" || o == "and" || o == "unless" }
func (o BinaryOp) isComparison() bool { return o.precedence() == 3 }
