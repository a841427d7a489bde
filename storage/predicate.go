package storage

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/oriel-obs/oriel/model"
)

// A Predicate selects rows. It is two-valued: a row without the field does not
// satisfy Compare, Match, Contains or Exists, whatever the operator; Not of
// such a predicate does keep it. A field with many values satisfies a
// predicate if any of its values does; an array value counts as its elements.
//
// The kinds are And, Or, Not, Compare, Match, Contains and Exists.
type Predicate interface {
	fmt.Stringer
	predicate()
}

// And keeps the rows that every predicate keeps; empty keeps all.
type And []Predicate

// Or keeps the rows that any predicate keeps; empty keeps none.
type Or []Predicate

// Not keeps the rows that P does not keep.
type Not struct{ P Predicate }

// Compare keeps rows whose Field compares with Value under Op. Only stored
// values of Value's own kind compare; the integer 3 does not equal the float 3.
type Compare struct {
	Field Field
	Op    Op
	Value model.Value
}

// Match keeps rows whose string Field matches Regexp anywhere; anchor the
// expression to match the whole.
type Match struct {
	Field  Field
	Regexp *regexp.Regexp
}

// Contains keeps rows whose string Field has Needle as a substring, bytewise,
// or under Unicode case folding with FoldCase.
type Contains struct {
	Field    Field
	Needle   string
	FoldCase bool
}

// Exists keeps rows that have Field.
type Exists struct{ Field Field }

// Op compares two values of one kind.
type Op uint8

// The comparison operators.
const (
	Eq Op = iota + 1
	Ne
	Lt
	Le
	Gt
	Ge
)

// String returns the operator's sign.
func (o Op) String() string {
	if o < Eq || o > Ge {
		return "?"
	}
	return [...]string{"=", "!=", "<", "<=", ">", ">="}[o-Eq]
}

// Holds reports whether the operator is true of a comparison result as from
// model.Value.Compare.
func (o Op) Holds(order int) bool {
	switch o {
	case Eq:
		return order == 0
	case Ne:
		return order != 0
	case Lt:
		return order < 0
	case Le:
		return order <= 0
	case Gt:
		return order > 0
	case Ge:
		return order >= 0
	}
	return false
}

func (And) predicate()      {}
func (Or) predicate()       {}
func (Not) predicate()      {}
func (Compare) predicate()  {}
func (Match) predicate()    {}
func (Contains) predicate() {}
func (Exists) predicate()   {}

func (p And) String() string { return join([]Predicate(p), " and ", "true") }
func (p Or) String() string  { return join([]Predicate(p), " or ", "false") }
func (p Not) String() string { return "not " + p.P.String() }

func (p Compare) String() string {
	return fmt.Sprintf("%v %v %q", p.Field, p.Op, p.Value.Text())
}

func (p Match) String() string { return fmt.Sprintf("%v =~ %q", p.Field, p.Regexp) }

func (p Contains) String() string {
	if p.FoldCase {
		return fmt.Sprintf("%v contains %q ignoring case", p.Field, p.Needle)
	}
	return fmt.Sprintf("%v contains %q", p.Field, p.Needle)
}

func (p Exists) String() string { return p.Field.String() + " exists" }

func join(ps []Predicate, sep, empty string) string {
	if len(ps) == 0 {
		return empty
	}
	parts := make([]string, len(ps))
	for i, p := range ps {
		parts[i] = p.String()
	}
	return "(" + strings.Join(parts, sep) + ")"
}
