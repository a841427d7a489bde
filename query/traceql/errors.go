package traceql

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/oriel-obs/oriel/internal/fault"
)

// A ParseError says where a query breaks TraceQL's grammar. It is a
// fault.ErrInvalid.
type ParseError struct {
	Line, Col int // from 1; columns count characters
	Msg       string
}

// Error returns the form Tempo's clients know: "parse error at line 1, col 3: ...".
func (e *ParseError) Error() string {
	return fmt.Sprintf("parse error at line %d, col %d: %s", e.Line, e.Col, e.Msg)
}

// Unwrap returns fault.ErrInvalid.
func (e *ParseError) Unwrap() error { return fault.ErrInvalid }

func parseErrorf(in string, pos int, format string, args ...any) error {
	before := in[:min(pos, len(in))]
	line := 1 + strings.Count(before, "\n")
	if i := strings.LastIndexByte(before, '\n'); i >= 0 {
		before = before[i+1:]
	}
	return &ParseError{Line: line, Col: 1 + utf8.RuneCountInString(before), Msg: fmt.Sprintf(format, args...)}
}

// A CheckError says why a query that parses makes no sense, or asks for what
// TraceQL reserves but does not define yet. It is a fault.ErrInvalid.
type CheckError struct{ Msg string }

// Error returns the reason as a plain sentence.
func (e *CheckError) Error() string { return e.Msg }

// Unwrap returns fault.ErrInvalid.
func (e *CheckError) Unwrap() error { return fault.ErrInvalid }

func checkErrorf(format string, args ...any) error {
	return &CheckError{Msg: fmt.Sprintf(format, args...)}
}
