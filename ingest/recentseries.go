package ingest

import (
	"sync/atomic"
	"time"

	promstorage "github.com/prometheus/prometheus/storage"
)

// recentSeries knows, of as many series as it has room for, which source sends
// them and how new their newest sample is, by the reference of the series. It
// is safe for concurrent use.
type recentSeries [recentSlots]recentOne

// recentSlots is how many series are followed. The others cost a look at their
// labels for each sample, and nobody knows whether that is late.
const recentSlots = 1 << 17

// staleSeries is how much newer a sample must be than the newest of another
// series to take its slot: two that are sent side by side would otherwise
// change places all the time.
const staleSeries = int64(10 * time.Minute / time.Millisecond)

// A recentOne lies in the slot itself: a pointer to it would be one more wait
// for memory with every sample.
type recentOne struct {
	ref    atomic.Uint64 // 0 for none, taking while the others are written
	newest atomic.Int64  // ms
	source atomic.Pointer[source]
}

const taking = ^uint64(0)

// at is the slot of a series. The store numbers series one after the other.
func (r *recentSeries) at(ref promstorage.SeriesRef) *recentOne { return &r[ref%recentSlots] }

// of is the source that sends the series ref, nil if it is not followed.
func (o *recentOne) of(ref promstorage.SeriesRef) *source {
	if o.ref.Load() != uint64(ref) {
		return nil
	}
	src := o.source.Load()
	if o.ref.Load() != uint64(ref) {
		return nil
	}
	return src
}

// follow has the series ref, whose newest sample is of time t, in the slot, if
// the one that is there has not been sent for long.
func (o *recentOne) follow(ref promstorage.SeriesRef, src *source, t int64) {
	held := o.ref.Load()
	if held == taking || held != 0 && o.newest.Load() >= t-staleSeries || !o.ref.CompareAndSwap(held, taking) {
		return
	}
	o.source.Store(src)
	o.newest.Store(t)
	o.ref.Store(uint64(ref))
}
