package promwrite

import (
	"context"
	"errors"
	"fmt"
	"strings"

	promstorage "github.com/prometheus/prometheus/storage"

	"github.com/oriel-obs/oriel/ingest"
	"github.com/oriel-obs/oriel/internal/fault"
)

// errFuture has the text of Prometheus' receiver.
var errFuture = fmt.Errorf("%w: timestamp is too far in the future", promstorage.ErrOutOfBounds)

// A badHistogram is a native histogram that cannot be made valid.
type badHistogram struct{ err error }

func (e badHistogram) Error() string { return e.err.Error() }

// A refusal fails a whole version 1 request, for a reason to count.
type refusal struct {
	reason string
	err    error
}

func (e refusal) Error() string { return e.err.Error() }

func (e refusal) Unwrap() []error { return []error{e.err, fault.ErrInvalid} }

// malformed is the refusal of a request that cannot be decoded.
func malformed(err error) error { return refusal{ingest.ReasonMalformed, err} }

// reasonOf returns why a storage refused a sample or exemplar, or "" if it is
// the storage that failed.
func reasonOf(err error) string {
	var unmade badHistogram
	switch {
	case errors.Is(err, errFuture):
		return ingest.ReasonTooNew
	case errors.As(err, &unmade):
		return ingest.ReasonMalformed
	}
	return ingest.ReasonOfSample(err)
}

// refusals collects what a request does not get stored.
type refusals struct {
	tallies []tally
	lines   []string // for the sender
	more    int      // errors that lines has no room for
	bytes   int
}

type tally struct {
	signal, reason string
	rows           int
	example        string
}

const (
	signalSamples   = "metrics"
	signalExemplars = "exemplars"
)

// maxErrorBytes keeps a request of a million bad samples from being answered
// with a million lines. Prometheus shows its user the first 1024 bytes.
const maxErrorBytes = 16 << 10

func (r *refusals) add(reason string, rows int, err error) {
	r.count(signalSamples, reason, rows, err)
	r.line(err)
}

func (r *refusals) addExemplar(reason string, err error, silent bool) {
	r.count(signalExemplars, reason, 1, err)
	if !silent {
		r.line(err)
	}
}

func (r *refusals) count(signal, reason string, rows int, err error) {
	for i := range r.tallies {
		if t := &r.tallies[i]; t.signal == signal && t.reason == reason {
			t.rows += rows
			return
		}
	}
	r.tallies = append(r.tallies, tally{signal, reason, rows, err.Error()})
}

// example is that of the samples refused for reason.
func (r *refusals) example(reason string) string {
	for _, t := range r.tallies {
		if t.reason == reason {
			return t.example
		}
	}
	return ""
}

func (r *refusals) line(err error) {
	if r.bytes > maxErrorBytes {
		r.more++
		return
	}
	l := err.Error()
	r.bytes += len(l) + 1
	r.lines = append(r.lines, l)
}

// text is the answer's body: an error a line.
func (r *refusals) text() string {
	if r.more > 0 {
		return fmt.Sprintf("%s\nand %d more", strings.Join(r.lines, "\n"), r.more)
	}
	return strings.Join(r.lines, "\n")
}

func (r *refusals) report(ctx context.Context, a *ingest.Account) {
	for _, t := range r.tallies {
		a.Reject(ctx, protocol, t.signal, t.reason, t.rows, t.example)
	}
}
