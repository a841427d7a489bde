package otelmodel

import (
	"fmt"
	"unicode/utf8"

	"github.com/oriel-obs/oriel/internal/fault"
)

// A Refusal says why rows of a request are not stored.
type Refusal struct {
	Reason  string // ingest.Reason…
	Rows    int
	Example string // what is wrong with one of them, for the sender's owner
}

// Refusals has one entry for each reason.
type Refusals []Refusal

// Add counts rows refused for reason. The first example of each reason is
// kept.
func (rs *Refusals) Add(reason string, rows int, format string, args ...any) {
	for i := range *rs {
		if (*rs)[i].Reason == reason {
			(*rs)[i].Rows += rows
			return
		}
	}
	*rs = append(*rs, Refusal{reason, rows, fmt.Sprintf(format, args...)})
}

// Error says how many of the rows of a request were refused, and why the first
// was; stored is how many were not. There must be one at least.
func (rs Refusals) Error(stored int) error {
	first := rs[0]
	return fmt.Errorf("%d of %d spans refused (%s: %s): %w", rs.Rows(), stored+rs.Rows(), first.Reason, cut(first.Example, 1024), fault.ErrInvalid)
}

// Rows returns how many rows are refused, for whatever reason.
func (rs Refusals) Rows() int {
	n := 0
	for _, r := range rs {
		n += r.Rows
	}
	return n
}

// cut shortens s to at most n bytes, at the start of a character.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}
