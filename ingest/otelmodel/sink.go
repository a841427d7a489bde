package otelmodel

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/oriel-obs/oriel/ingest"
	"github.com/oriel-obs/oriel/internal/fault"
	"github.com/oriel-obs/oriel/internal/httpx"
	"github.com/oriel-obs/oriel/model"
)

// Options are what a Sink needs. Events is required.
type Options struct {
	Events  ingest.EventWriter
	Limits  ingest.Limits
	Account *ingest.Account  // nil counts nothing
	Now     func() time.Time // nil is time.Now
}

// A Sink stores the spans that one protocol brings. It is safe for concurrent
// use.
type Sink struct {
	protocol string
	o        Options
}

// NewSink returns a Sink that accounts under protocol.
func NewSink(protocol string, o Options) *Sink {
	if o.Now == nil {
		o.Now = time.Now
	}
	return &Sink{protocol: protocol, o: o}
}

// Limits are those the Sink applies.
func (s *Sink) Limits() ingest.Limits { return s.o.Limits }

// Now is the time that spans without one get.
func (s *Sink) Now() time.Time { return s.o.Now() }

// ReadBody returns the decompressed body of r, within the limits. A failure is
// counted.
func (s *Sink) ReadBody(r *http.Request) ([]byte, error) {
	body, err := httpx.ReadBody(r, s.o.Limits.MaxBodyBytes)
	if err != nil {
		return nil, s.Refuse(err)
	}
	return body, nil
}

// Refuse counts a request of which nothing could be read, and returns err.
func (s *Sink) Refuse(err error) error {
	s.reject(reasonOf(err), 1, err.Error())
	return err
}

func (s *Sink) reject(reason string, rows int, example string) {
	s.o.Account.Reject(s.protocol, model.Spans.String(), reason, rows, example)
}

func reasonOf(err error) string {
	switch {
	case httpx.Status(err) == http.StatusRequestEntityTooLarge:
		return ingest.ReasonTooLarge
	case errors.Is(err, fault.ErrUnsupported):
		return ingest.ReasonMediaType
	case errors.Is(err, fault.ErrInvalid):
		return ingest.ReasonMalformed
	case errors.Is(err, fault.ErrOverloaded):
		return ingest.ReasonOverload
	}
	return ingest.ReasonStorage
}

// Store appends the spans of td, of a request of size bytes, and counts what
// was stored and what was not. refused are spans of the request that never came
// into td; all that was refused is returned. An error means that no span is
// stored.
func (s *Sink) Store(ctx context.Context, td ptrace.Traces, refused Refusals, size int) (stored int, all Refusals, err error) {
	b, more := Spans(td, s.o.Limits, s.o.Now())
	for _, r := range more {
		refused.Add(r.Reason, r.Rows, "%s", r.Example)
	}
	for _, r := range refused {
		s.reject(r.Reason, r.Rows, r.Example)
	}
	rows := b.Len()
	if rows == 0 {
		return 0, refused, nil
	}
	if err := s.o.Events.Append(ctx, b); err != nil {
		s.reject(reasonOf(err), rows, err.Error())
		return 0, refused, fmt.Errorf("store spans: %w", err)
	}
	s.o.Account.Accept(s.protocol, model.Spans.String(), rows, size)
	return rows, refused, nil
}
