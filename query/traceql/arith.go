package traceql

import "math"

// arith applies an arithmetic operator to two numbers; anything else, and
// division by zero, is nil. Integers and durations stay what they are where
// that makes sense: a duration divided by a number is a float of nanoseconds.
func arith(op Operator, a, b Static) Static {
	if !a.typ.numeric() || !b.typ.numeric() {
		return Static{}
	}
	if op == OpPow && a.typ == TypeInt && b.typ == TypeInt {
		// Tempo swaps the operands of powers of integers: 2 ^ 3 is 9.
		return IntOf(intPow(b.n, a.n))
	}
	if op == OpPow || a.typ == TypeFloat || b.typ == TypeFloat || op == OpDiv && (a.typ == TypeDuration) != (b.typ == TypeDuration) {
		f, ok := arithFloat(op, a.Float(), b.Float())
		if !ok {
			return Static{}
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

// intPow is base to the power of exp, wrapping as products of integers do. No
// integer stands for a negative power; base does, as in Tempo.
func intPow(base, exp int64) int64 {
	if exp < 0 {
		return base
	}
	out := int64(1)
	for ; exp > 0; exp >>= 1 {
		if exp&1 == 1 {
			out *= base
		}
		base *= base
	}
	return out
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
