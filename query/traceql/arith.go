package traceql

import "math"

// arith applies an arithmetic operator to two numbers; anything else, and
// division by zero, is nil. Integers and durations stay what they are where
// that makes sense: a duration divided by a number is a float of nanoseconds.
func arith(op Operator, a, b Static) Static {
	if !a.typ.numeric() || !b.typ.numeric() {
		return Static{}
	}
	if op == OpPow || a.typ == TypeFloat || b.typ == TypeFloat || op == OpDiv && (a.typ == TypeDuration) != (b.typ == TypeDuration) {
		f, ok := arithFloat(op, a.Float(), b.Float())
		if !ok {
			return Static{}
		}
		if op == OpPow && a.typ == TypeInt && b.typ == TypeInt && f == math.Trunc(f) && math.Abs(f) < 1<<63 {
			return IntOf(int64(f))
		}
		return FloatOf(f)
	}
	var n int64
	switch op {
	case OpAdd:
		n = a.n + b.n
	case OpSub:
		n = a.n - b.n
	case OpMul:
		n = a.n * b.n
	case OpDiv, OpMod:
		if b.n == 0 {
			return Static{}
		}
		if n = a.n % b.n; op == OpDiv {
			n = a.n / b.n
		}
	}
	if (a.typ == TypeDuration || b.typ == TypeDuration) && (op != OpDiv) {
		return Static{typ: TypeDuration, n: n}
	}
	return IntOf(n)
}

func arithFloat(op Operator, x, y float64) (float64, bool) {
	switch op {
	case OpAdd:
		return x + y, true
	case OpSub:
		return x - y, true
	case OpMul:
		return x * y, true
	case OpDiv:
		return x / y, y != 0
	case OpMod:
		return math.Mod(x, y), y != 0
	}
	return math.Pow(x, y), true
}

// constant computes a scalar expression without aggregates.
func constant(e ScalarExpr) (Static, error) {
	switch e := e.(type) {
	case Static:
		if !e.typ.numeric() {
			return Static{}, checkErrorf("%v is not a number", e)
		}
		return e, nil
	case *ScalarOp:
		l, err := constant(e.L)
		if err != nil {
			return Static{}, err
		}
		r, err := constant(e.R)
		if err != nil {
			return Static{}, err
		}
		v := arith(e.Op, l, r)
		if v.IsNil() {
			return Static{}, checkErrorf("%s has no value", printScalar(e))
		}
		return v, nil
	case *Aggregate:
		return Static{}, checkErrorf("an aggregate on the right of a comparison is not yet supported")
	}
	return Static{}, checkErrorf("unknown scalar")
}
