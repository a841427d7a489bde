package otelmodel

import (
	"context"
	"fmt"
	"time"

	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/oriel-obs/oriel/ingest"
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
	ingest.Requests
	o Options
}

// NewSink returns a Sink that accounts under protocol.
func NewSink(protocol string, o Options) *Sink {
	if o.Now == nil {
		o.Now = time.Now
	}
	return &Sink{ingest.Requests{Protocol: protocol, Signal: model.Spans.String(), Limits: o.Limits, Account: o.Account}, o}
}

// Now is the time that spans without one get.
func (s *Sink) Now() time.Time { return s.o.Now() }

// Store appends the spans of td, of a request of size bytes, and counts what
// was stored and what was not. refused are spans of the request that never came
// into td; all that was refused is returned. An error means that no span is
// stored.
func (s *Sink) Store(ctx context.Context, td ptrace.Traces, refused Refusals, size int) (stored int, all Refusals, err error) {
	b, more := Spans(td, s.Limits, s.Now())
	for _, r := range more {
		refused.Add(r.Reason, r.Rows, "%s", r.Example)
	}
	for _, r := range refused {
		s.Reject(ctx, r.Reason, r.Rows, r.Example)
	}
	rows := b.Len()
	if rows == 0 {
		return 0, refused, nil
	}
	ctx = s.Arrive(ctx)
	if err := s.o.Events.Append(ctx, b); err != nil {
		s.Reject(ctx, ingest.ReasonOf(err), rows, err.Error())
		return 0, refused, fmt.Errorf("store spans: %w", err)
	}
	s.Accept(ctx, rows, size)
	return rows, refused, nil
}
