package samples

import (
	"sync"

	"github.com/prometheus/prometheus/model/labels"
	promstorage "github.com/prometheus/prometheus/storage"

	"github.com/oriel-obs/oriel/ingest"
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
	ingest.Requests
	o       Options
	batches sync.Pool // of *Batch
}

// NewSink returns a Sink that accounts under protocol.
func NewSink(protocol string, o Options) *Sink {
	s := &Sink{Requests: ingest.Requests{Protocol: protocol, Signal: signal, Limits: o.Limits, Account: o.Account}, o: o}
	s.batches.New = func() any { return newBatch(s) }
	return s
}
