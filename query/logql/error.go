package logql

import (
	"fmt"

	"github.com/oriel-obs/oriel/internal/fault"
)

// A ParseError is a query that is not LogQL. It is fault.ErrInvalid.
type ParseError struct {
	Line, Col int // from 1, col in bytes; 0 when the fault has no single place
	Msg       string
}

// Error words the failure as Loki does.
func (e *ParseError) Error() string {
	if e.Line == 0 {
		return "parse error : " + e.Msg
	}
	return fmt.Sprintf("parse error at line %d, col %d: %s", e.Line, e.Col, e.Msg)
}

// Unwrap gives the kind of failure.
func (e *ParseError) Unwrap() error { return fault.ErrInvalid }

// evalError is a query that cannot be evaluated on the data it met.
type evalError struct{ msg string }

func (e *evalError) Error() string { return e.msg }

// Unwrap gives the kind of failure.
func (e *evalError) Unwrap() error { return fault.ErrInvalid }

func evalErrorf(format string, args ...any) error {
	return &evalError{msg: fmt.Sprintf(format, args...)}
}

// limitError is a query that costs more than a limit allows.
type limitError struct{ msg string }

func (e *limitError) Error() string { return e.msg }

// Unwrap gives the kind of failure.
func (e *limitError) Unwrap() error { return fault.ErrLimit }

func limitErrorf(format string, args ...any) error {
	return &limitError{msg: fmt.Sprintf(format, args...)}
}
