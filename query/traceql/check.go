package traceql

import (
	"regexp"
	"strings"

	"github.com/oriel-obs/oriel/model"
)

// A regexpMatch is a compiled, anchored regular expression.
type regexpMatch struct{ *regexp.Regexp }

func compileRegexp(text string) (*regexpMatch, error) {
	// Alone first: errors quote what the user wrote, and a stray bracket cannot
	// close ours.
	if _, err := regexp.Compile(text); err != nil {
		return nil, checkErrorf("invalid regular expression %q: %v", text, err)
	}
	re, err := regexp.Compile("^(?s:" + text + ")$")
	if err != nil {
		return nil, checkErrorf("invalid regular expression %q: %v", text, err)
	}
	return &regexpMatch{re}, nil
}

// typeAny is what attributes may be.
const typeAny = Type(255)

// check returns why a query makes no sense, and compiles its expressions.
func check(q *Query) error {
	if q.Metrics != nil {
		return checkMetric(q.Metrics)
	}
	return checkPipeline(q.Search)
}

func checkPipeline(p *Pipeline) error {
	for _, s := range p.Stages {
		if err := checkStage(s); err != nil {
			return err
		}
	}
	return nil
}

func checkStage(s Stage) error {
	switch s := s.(type) {
	case *Filter:
		return checkFilter(s)
	case *SpansetOp:
		if err := checkStage(s.L); err != nil {
			return err
		}
		return checkStage(s.R)
	case *Pipeline:
		return checkPipeline(s)
	case *ScalarFilter:
		return checkScalarFilter(s)
	case *By:
		if _, err := typeOf(s.Expr); err != nil {
			return err
		}
		if !refersToSpan(s.Expr) {
			return checkErrorf("by(%s) does not refer to the span", PrintExpr(s.Expr))
		}
	case *Select:
		for _, a := range s.Attrs {
			if _, err := typeOf(a); err != nil {
				return err
			}
		}
	}
	return nil
}

func checkFilter(f *Filter) error {
	if f.Expr == nil {
		return nil
	}
	t, err := typeOf(f.Expr)
	if err != nil {
		return err
	}
	if t != TypeBool && t != typeAny {
		return checkErrorf("span filter field expressions must resolve to a boolean: { %s }", PrintExpr(f.Expr))
	}
	return nil
}

func checkScalarFilter(s *ScalarFilter) error {
	a, ok := s.L.(*Aggregate)
	if !ok {
		return checkErrorf("arithmetic on aggregates, or a comparison that does not begin with one, is not yet supported: %s", printStage(s))
	}
	if _, err := constant(s.R); err != nil {
		return err
	}
	if a.Expr == nil {
		return nil
	}
	t, err := typeOf(a.Expr)
	if err != nil {
		return err
	}
	if t != typeAny && !t.numeric() {
		return checkErrorf("aggregate field expressions must resolve to a number type: %s", printScalar(a))
	}
	if !refersToSpan(a.Expr) {
		return checkErrorf("aggregate field expressions must reference the span: %s", printScalar(a))
	}
	return nil
}

func refersToSpan(e FieldExpr) bool {
	switch e := e.(type) {
	case Attribute:
		return true
	case *Binary:
		return refersToSpan(e.L) || refersToSpan(e.R)
	case *Unary:
		return refersToSpan(e.X)
	}
	return false
}

var intrinsicTypes = [intrinsics]Type{
	IntrinsicDuration: TypeDuration, IntrinsicName: TypeString, IntrinsicStatus: TypeStatus, IntrinsicStatusMessage: TypeString,
	IntrinsicKind: TypeKind, IntrinsicSpanID: TypeString, IntrinsicParentID: TypeString, IntrinsicChildCount: TypeInt,
	IntrinsicNestedSetLeft: TypeInt, IntrinsicNestedSetRight: TypeInt, IntrinsicNestedSetParent: TypeInt,
	IntrinsicTraceDuration: TypeDuration, IntrinsicRootName: TypeString, IntrinsicRootService: TypeString, IntrinsicTraceID: TypeString,
	IntrinsicEventName: TypeString, IntrinsicEventTime: TypeDuration, IntrinsicLinkTraceID: TypeString, IntrinsicLinkSpanID: TypeString,
	IntrinsicScopeName: TypeString, IntrinsicScopeVersion: TypeString,
}

// typeOf returns the type of an expression's values, or typeAny.
func typeOf(e FieldExpr) (Type, error) {
	switch e := e.(type) {
	case Static:
		return e.typ, nil
	case Attribute:
		if e.Parent {
			return 0, checkErrorf("%v: parent attributes are not yet supported", e)
		}
		if e.Intrinsic != NoIntrinsic {
			return intrinsicTypes[e.Intrinsic], nil
		}
		return typeAny, nil
	case *Unary:
		t, err := typeOf(e.X)
		if err != nil {
			return 0, err
		}
		if e.Op == OpNot && t != TypeBool && t != typeAny || e.Op == OpSub && !t.numeric() && t != typeAny {
			return 0, checkErrorf("illegal operation for the given type: %s", PrintExpr(e))
		}
		return t, nil
	case *Binary:
		return typeOfBinary(e)
	}
	return 0, checkErrorf("unknown expression")
}

func typeOfBinary(e *Binary) (Type, error) {
	l, err := typeOf(e.L)
	if err != nil {
		return 0, err
	}
	r, err := typeOf(e.R)
	if err != nil {
		return 0, err
	}
	illegal := func() (Type, error) {
		return 0, checkErrorf("illegal operation for the given types: %s", PrintExpr(e))
	}
	fits := func(t Type) bool { return l == t || l == typeAny }
	switch {
	case e.Op == OpAnd || e.Op == OpOr:
		if !fits(TypeBool) || r != TypeBool && r != typeAny {
			return illegal()
		}
		return TypeBool, nil
	case e.Op == OpMatch || e.Op == OpNotMatch:
		text, ok := e.R.(Static)
		if !fits(TypeString) || !ok || text.typ != TypeString {
			return illegal()
		}
		e.re, err = compileRegexp(text.s)
		return TypeBool, err
	case e.Op.arithmetic():
		if l != typeAny && !l.numeric() || r != typeAny && !r.numeric() {
			return illegal()
		}
		switch {
		case l == TypeFloat || r == TypeFloat:
			return TypeFloat, nil
		case l == TypeDuration || r == TypeDuration:
			return TypeDuration, nil
		}
		return TypeInt, nil
	}
	return TypeBool, checkComparison(e, l, r)
}

func checkComparison(e *Binary, l, r Type) error {
	padTraceIDs(e)
	if l == TypeNil || r == TypeNil {
		if e.Op != OpEq && e.Op != OpNe {
			return checkErrorf("nil has no order: %s", PrintExpr(e))
		}
		for _, x := range []FieldExpr{e.L, e.R} {
			if a, ok := x.(Attribute); ok && e.Op == OpEq && !mayBeNil(a) {
				return checkErrorf("%v is never nil: %s", a, PrintExpr(e))
			}
		}
		return nil
	}
	same := l == r || l.numeric() && r.numeric()
	if l != typeAny && r != typeAny && !same {
		return checkErrorf("binary operations must operate on the same type: %s", PrintExpr(e))
	}
	equality := e.Op == OpEq || e.Op == OpNe
	for _, t := range []Type{l, r} {
		if (t == TypeBool || t == TypeStatus || t == TypeKind) && !equality {
			return checkErrorf("illegal operation for the given types: %s", PrintExpr(e))
		}
	}
	return nil
}

// padTraceIDs makes an id that a query compares a trace id with as long as
// stored ones are: answers leave leading zeros out.
func padTraceIDs(e *Binary) {
	pad := func(a, lit FieldExpr) FieldExpr {
		attr, ok := a.(Attribute)
		s, isStatic := lit.(Static)
		if !ok || !isStatic || attr.Intrinsic != IntrinsicTraceID && attr.Intrinsic != IntrinsicLinkTraceID {
			return lit
		}
		if id, err := model.ParseTraceID(s.s); err == nil && s.s == strings.ToLower(s.s) {
			return StringOf(id.String())
		}
		return lit
	}
	e.R = pad(e.L, e.R)
	e.L = pad(e.R, e.L)
}

func mayBeNil(a Attribute) bool {
	return a.Intrinsic == NoIntrinsic && a.key() != Attribute{Scope: ScopeResource, Name: serviceName}
}

func checkMetric(e MetricExpr) error {
	switch e := e.(type) {
	case *MetricPipeline:
		if err := checkPipeline(e.Pipeline); err != nil {
			return err
		}
		return checkMetricFn(e.Fn)
	case *MetricMath:
		for _, side := range []MetricExpr{e.L, e.R} {
			if s, ok := side.(Static); ok && s.typ != TypeInt && s.typ != TypeFloat {
				return checkErrorf("%v: only a number may be combined with series", s)
			}
			if isCompare(side) {
				return checkErrorf("compare() cannot be part of arithmetic")
			}
			if err := checkMetric(side); err != nil {
				return err
			}
		}
	case *MetricStages:
		if isCompare(e.Expr) {
			return checkErrorf("compare() takes no second stage")
		}
		for _, s := range e.Stages {
			if s.Fn != "" && s.K < 1 {
				return checkErrorf("%s(%d): limit must be greater than 0", s.Fn, s.K)
			}
		}
		return checkMetric(e.Expr)
	case Static:
		if !e.typ.numeric() {
			return checkErrorf("%v is not a number", e)
		}
	}
	return nil
}

func isCompare(e MetricExpr) bool {
	p, ok := e.(*MetricPipeline)
	return ok && p.Fn.Name == "compare"
}

// maxGroups is how many attributes a metrics function may group by.
const maxGroups = 5

func checkMetricFn(fn *MetricFn) error {
	if len(fn.By) > maxGroups {
		return checkErrorf("%s groups by %d attributes; the limit is %d", fn.Name, len(fn.By), maxGroups)
	}
	attrs := fn.By
	if fn.Attr != nil {
		attrs = append([]Attribute{*fn.Attr}, attrs...)
	}
	for _, a := range attrs {
		if _, err := typeOf(a); err != nil {
			return err
		}
	}
	for _, q := range fn.Quantiles {
		if q < 0 || q > 1 {
			return checkErrorf("quantile must be between 0 and 1: %v", q)
		}
	}
	if fn.Selection == nil {
		return nil
	}
	if fn.TopN < 1 {
		return checkErrorf("compare() top number of values must be greater than 0")
	}
	if (fn.Start != 0 || fn.End != 0) && fn.End <= fn.Start {
		return checkErrorf("compare() end must be after its start")
	}
	return checkFilter(fn.Selection)
}

// serviceName is the attribute that names a resource's service.
const serviceName = "service.name"
