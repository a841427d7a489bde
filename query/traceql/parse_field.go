package traceql

import (
	"math"

	"github.com/oriel-obs/oriel/model"
)

// How tightly operators bind: && and || alike and loosest.
const (
	bindLogic = iota + 1
	bindCompare
	bindSum
	bindNot
	bindProduct
	bindPower
)

var binaryOperators = map[string]struct {
	op   Operator
	bind int
}{
	"&&": {OpAnd, bindLogic}, "||": {OpOr, bindLogic},
	"=": {OpEq, bindCompare}, "!=": {OpNe, bindCompare}, "<": {OpLt, bindCompare}, "<=": {OpLe, bindCompare},
	">": {OpGt, bindCompare}, ">=": {OpGe, bindCompare}, "=~": {OpMatch, bindCompare}, "!~": {OpNotMatch, bindCompare},
	"+": {OpAdd, bindSum}, "-": {OpSub, bindSum},
	"*": {OpMul, bindProduct}, "/": {OpDiv, bindProduct}, "%": {OpMod, bindProduct},
	"^": {OpPow, bindPower},
}

// binaryAhead returns the operator that comes next, 0 if none, how tightly it
// binds, and whether it groups to the right.
func (p *parser) binaryAhead() (op Operator, bind int, right bool) {
	t := p.peek()
	if t.kind != tokOp {
		return 0, 0, false
	}
	o := binaryOperators[t.text]
	return o.op, o.bind, o.op == OpPow
}

// fieldExpr reads an expression whose operators bind tighter than min.
func (p *parser) fieldExpr(min int) (FieldExpr, error) {
	if err := p.enter(); err != nil {
		return nil, err
	}
	defer p.leave()
	l, err := p.operand()
	if err != nil {
		return nil, err
	}
	for n := 0; ; n++ {
		op, bind, right := p.binaryAhead()
		if op == 0 || bind <= min {
			return l, nil
		}
		if n > maxDepth {
			return nil, parseErrorf(p.in, p.peek().pos, "query is nested too deeply")
		}
		p.i++
		if right {
			bind--
		}
		r, err := p.fieldExpr(bind)
		if err != nil {
			return nil, err
		}
		l = &Binary{Op: op, L: l, R: r}
	}
}

func (p *parser) operand() (FieldExpr, error) {
	t := p.peek()
	switch {
	case p.accept("("):
		e, err := p.fieldExpr(0)
		if err != nil {
			return nil, err
		}
		return e, p.expect(")")
	case p.accept("-"):
		e, err := p.fieldExpr(bindSum)
		if err != nil {
			return nil, err
		}
		if s, ok := e.(Static); ok && s.typ.numeric() {
			return negate(s)
		}
		return &Unary{Op: OpSub, X: e}, nil
	case p.accept("!"):
		e, err := p.fieldExpr(bindNot)
		if err != nil {
			return nil, err
		}
		return &Unary{Op: OpNot, X: e}, nil
	case t.kind == tokAttr:
		p.i++
		return t.attr, nil
	case p.word("parent"):
		return nil, checkErrorf("parent is not yet supported")
	}
	if in, ok := plainIntrinsics[t.text]; ok && t.kind == tokWord {
		p.i++
		return Attribute{Intrinsic: in, Spelled: t.text}, nil
	}
	return p.static()
}

func negate(s Static) (Static, error) {
	switch s.typ {
	case TypeInt, TypeDuration:
		s.n = -s.n
	case TypeFloat:
		s = FloatOf(-s.Float())
	default:
		return Static{}, checkErrorf("-%v: only numbers have a negative", s)
	}
	return s, nil
}

var words = map[string]Static{
	"nil": {}, "true": BoolOf(true), "false": BoolOf(false),
	"ok": StatusOf(model.StatusOK), "error": StatusOf(model.StatusError), "unset": StatusOf(model.StatusUnset),
	"unspecified": KindOf(model.SpanUnspecified), "internal": KindOf(model.SpanInternal), "server": KindOf(model.SpanServer),
	"client": KindOf(model.SpanClient), "producer": KindOf(model.SpanProducer), "consumer": KindOf(model.SpanConsumer),
	"minInt": IntOf(math.MinInt64), "maxInt": IntOf(math.MaxInt64),
}

// static reads a constant, perhaps with a minus.
func (p *parser) static() (Static, error) {
	t := p.peek()
	if t.kind == tokStatic {
		p.i++
		return t.static, nil
	}
	if s, ok := words[t.text]; ok && t.kind == tokWord {
		p.i++
		return s, nil
	}
	if p.op("-") && p.toks[p.i+1].kind == tokStatic {
		p.i++
		return negate(p.advance().static)
	}
	return Static{}, p.unexpected("a value or an attribute")
}
