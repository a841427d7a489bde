package logrecord

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/oriel-obs/oriel/ingest"
	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/storage"
)

// signal is the account's word for what this package takes.
const signal = "logs"

// Config is the `ingest.records` section of oriel.yaml. What it turns off is
// only what Oriel would add; what was sent is always kept.
type Config struct {
	DiscoverServiceName bool `yaml:"discover_service_name"` // add the label service_name to streams without one
	DiscoverLevel       bool `yaml:"discover_level"`        // add the attribute detected_level to records without it
}

// DefaultConfig discovers both, since Grafana's log drill-down depends on them.
func DefaultConfig() Config {
	return Config{DiscoverServiceName: true, DiscoverLevel: true}
}

// Options are what a Sink needs. Events is required.
type Options struct {
	Events  ingest.EventWriter
	Limits  ingest.Limits
	Account *ingest.Account // nil counts nothing
	Config  Config
}

// A Sink stores the records that one protocol brings.
type Sink struct {
	ingest.Requests
	o Options
}

// NewSink returns a Sink that accounts under protocol.
func NewSink(protocol string, o Options) *Sink {
	return &Sink{ingest.Requests{Protocol: protocol, Signal: signal, Limits: o.Limits, Account: o.Account}, o}
}

// Refuse counts a request of which nothing could be read, and returns err.
func (s *Sink) Refuse(ctx context.Context, err error) error {
	s.Reject(ctx, reasonOf(err), 1, err.Error())
	return err
}

// reasonOf returns the reason to count err under.
func reasonOf(err error) string {
	var refusal *Refusal
	if errors.As(err, &refusal) {
		return refusal.Reason
	}
	return ingest.ReasonOf(err)
}

// Begin returns an empty Batch with room for rows records. now is the time of
// records that have none, and what their age is judged by.
func (s *Sink) Begin(rows int, now time.Time) *Batch {
	return &Batch{sink: s, now: now, rows: model.NewBuilder(model.Logs, rows), streams: map[string]stream{}}
}

// Store appends what b has gathered, of a request of size bytes, and counts
// what was taken and refused. An error means that no record of b is stored.
// b must not be used afterwards.
func (b *Batch) Store(ctx context.Context, size int) error {
	return b.store(ctx, size, func() bool { return false })
}

// store is Store, and asks a store that is busy again for as long as again
// says so.
func (b *Batch) store(ctx context.Context, size int, again func() bool) error {
	s := b.sink
	for _, g := range b.refused {
		s.Reject(ctx, g.Reason, g.rows, g.Text)
	}
	rows := b.rows.Len()
	if rows == 0 {
		return nil
	}
	ctx = s.Arrive(ctx)
	batch := b.rows.Batch()
	err := s.o.Events.Append(ctx, batch)
	for errors.Is(err, storage.ErrBusy) && again() {
		err = s.o.Events.Append(ctx, batch)
	}
	if err != nil {
		s.Reject(ctx, reasonOf(err), rows, err.Error())
		return fmt.Errorf("store log records: %w", err)
	}
	s.Accept(ctx, rows, size)
	return nil
}
