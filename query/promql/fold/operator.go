package fold

import (
	"math"

	"github.com/prometheus/prometheus/promql/parser"
)

// An operator is one of arithmetic or comparison, between two floats.
type operator struct {
	op       parser.ItemType
	yesNo    bool // the value is 1 or 0, for what a comparison says; else it filters
	nameless bool // what comes out is another metric
}

// operatorOf returns the operator of e, false if it is none of floats.
func operatorOf(e *parser.BinaryExpr) (operator, bool) {
	o := operator{op: e.Op, yesNo: e.ReturnBool}
	switch e.Op {
	case parser.ADD, parser.SUB, parser.MUL, parser.DIV, parser.POW, parser.MOD, parser.ATAN2:
		o.nameless = true
	case parser.EQLC, parser.NEQ, parser.GTR, parser.LSS, parser.GTE, parser.LTE:
		o.nameless = e.ReturnBool
	default:
		return o, false
	}
	return o, true
}

// apply returns the value of l and r, or absent; kept is what a comparison lets
// through.
func (o operator) apply(l, r, kept float64) float64 {
	var yes bool
	switch o.op {
	case parser.ADD:
		return l + r
	case parser.SUB:
		return l - r
	case parser.MUL:
		return l * r
	case parser.DIV:
		return l / r
	case parser.POW:
		return math.Pow(l, r)
	case parser.MOD:
		return math.Mod(l, r)
	case parser.ATAN2:
		return math.Atan2(l, r)
	case parser.EQLC:
		yes = l == r
	case parser.NEQ:
		yes = l != r
	case parser.GTR:
		yes = l > r
	case parser.LSS:
		yes = l < r
	case parser.GTE:
		yes = l >= r
	case parser.LTE:
		yes = l <= r
	}
	switch {
	case o.yesNo && yes:
		return 1
	case o.yesNo:
		return 0
	case yes:
		return kept
	}
	return absent
}

// A withScalar is an operator between series and a number.
type withScalar struct {
	operator
	of     node
	number float64
	left   bool // the number is on the left
}

func (w *withScalar) distinct() bool { return w.of.distinct() }

func (w *withScalar) each(ev *evaluation, yield func(*series) error) error {
	return w.of.each(ev, func(s *series) error {
		some := false
		for i, v := range s.values {
			if isAbsent(v) {
				continue
			}
			if w.left {
				s.values[i] = w.apply(w.number, v, v)
			} else {
				s.values[i] = w.apply(v, w.number, v)
			}
			some = some || !isAbsent(s.values[i])
		}
		if !some {
			return nil
		}
		s.nameless = s.nameless || w.nameless
		return yield(s)
	})
}
