package samples

import (
	"errors"
	"net/http"
	"sync"

	"github.com/prometheus/prometheus/model/labels"
	promstorage "github.com/prometheus/prometheus/storage"

	"github.com/oriel-obs/oriel/ingest"
	"github.com/oriel-obs/oriel/internal/fault"
	"github.com/oriel-obs/oriel/internal/httpx"
)

// signal is the account's word for what this package takes.
const signal = "metrics"

// Refs remembers the series of hashed labels. metric.Refs implements it.
type Refs interface {
	// Get returns the series last put under hash, if equal says that its
	// labels are the ones that were hashed.
	Get(hash uint64, equal func(labels.Labels) bool) (promstorage.SeriesRef, labels.Labels, bool)

	// Put remembers a series that the open transaction has appended to.
	Put(hash uint64, ref promstorage.SeriesRef, ls labels.Labels)

	// Count adds the look-ups of a request to the statistics.
	Count(hits, misses int)
}

// Options are what a Sink needs.
type Options struct {
	// Store takes the samples. The strings of a sample's metadata may be the
	// request's: an appender may not keep them beyond its transaction. That it
	// implements promstorage.GetRef saves memory.
	Store promstorage.AppendableV2
	Refs  Refs

	Limits  ingest.Limits
	Account *ingest.Account // nil counts nothing
}

// A Sink stores the samples that one protocol brings.
type Sink struct {
	protocol string
	o        Options
	batches  sync.Pool // of *Batch
}

// NewSink returns a Sink that accounts under protocol.
func NewSink(protocol string, o Options) *Sink {
	s := &Sink{protocol: protocol, o: o}
	s.batches.New = func() any { return newBatch(s) }
	return s
}

// Limits are those the Sink applies.
func (s *Sink) Limits() ingest.Limits { return s.o.Limits }

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
	s.Reject(requestReason(err), 1, err.Error())
	return err
}

// Reject counts rows that never became samples.
func (s *Sink) Reject(reason string, rows int, example string) {
	s.o.Account.Reject(s.protocol, signal, reason, rows, example)
}

// requestReason returns the reason to count err, of a request, under.
func requestReason(err error) string {
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
