package lokipush

import (
	"context"
	"fmt"
	"strings"

	"github.com/oriel-obs/oriel/ingest"
	"github.com/oriel-obs/oriel/internal/fault"
)

// A requestError refuses a whole request in Loki's words; text is the body of
// the response.
type requestError struct {
	reason string // for the account
	kind   error  // of package fault
	text   string
}

func (e *requestError) Error() string { return e.text }

func (e *requestError) Unwrap() error { return e.kind }

// malformed refuses a body that does not decode.
func malformed(format string, args ...any) error {
	return &requestError{reason: ingest.ReasonMalformed, kind: fault.ErrInvalid, text: fmt.Sprintf(format, args...)}
}

// refusals gathers the entries of a request that are not stored, by reason.
type refusals struct {
	groups []refusal
}

// A refusal is a number of entries refused for one reason.
type refusal struct {
	reason  string
	rows    int
	example string // of the first entry
}

// add refuses rows entries. why is called once per reason.
func (r *refusals) add(reason string, rows int, why func() string) {
	for i := range r.groups {
		if g := &r.groups[i]; g.reason == reason {
			g.rows += rows
			return
		}
	}
	r.groups = append(r.groups, refusal{reason: reason, rows: rows, example: why()})
}

// report counts every refusal and returns the error to answer with, nil when
// nothing was refused.
func (r *refusals) report(ctx context.Context, a *ingest.Account) error {
	if len(r.groups) == 0 {
		return nil
	}
	texts := make([]string, 0, len(r.groups))
	for _, g := range r.groups {
		// A stream without entries has nothing to count, yet is an error.
		a.Reject(ctx, protocol, signal, g.reason, max(g.rows, 1), g.example)
		if g.rows > 1 {
			g.example = fmt.Sprintf("%d errors like: %s", g.rows, g.example)
		}
		texts = append(texts, g.example)
	}
	return &requestError{reason: r.groups[0].reason, kind: fault.ErrInvalid, text: strings.Join(texts, "; ")}
}
