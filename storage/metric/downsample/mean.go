package downsample

import (
	"github.com/prometheus/prometheus/model/value"
	"github.com/prometheus/prometheus/tsdb/chunkenc"
)

// A bulk is an iterator that hands out several floats at once: those after the
// one that it is at, the last of which it then is at. There are none where Next
// is to be called. The slices are its own until it is moved.
type bulk interface {
	Floats() (times []int64, values []float64)
}

// A meanIterator gives the mean of the samples of each bucket.
type meanIterator struct {
	made
	raw     chunkenc.Iterator
	bucket  int64
	surplus int64 // what is given is as much earlier

	// What is not counted yet: floats that raw has given at once, or else, unless
	// next is ValNone, the sample that raw stands on.
	times  []int64
	values []float64
	next   chunkenc.ValueType
	ended  bool
}

func (it *meanIterator) reset(raw chunkenc.Iterator, bucket, surplus int64) {
	*it = meanIterator{raw: raw, bucket: bucket, surplus: surplus}
}

// more looks for samples that are not counted yet.
func (it *meanIterator) more() bool {
	if len(it.times) > 0 || it.next != chunkenc.ValNone {
		return true
	}
	if b, ok := it.raw.(bulk); ok {
		it.times, it.values = b.Floats()
	}
	if len(it.times) == 0 {
		it.next = it.raw.Next()
	}
	it.ended = len(it.times) == 0 && it.next == chunkenc.ValNone
	return !it.ended
}

func (it *meanIterator) Next() chunkenc.ValueType {
	var (
		all aggregate
		n   float64
		at  int64 // the time of the mean
		end int64 // of the bucket, if n is not 0
	)
	for !it.ended && it.more() { // at the end the bucket may go on after what was asked for: its time stays that of its last sample
		if n > 0 && it.time() > end {
			at = end
			break
		}
		if len(it.times) == 0 {
			if s := sampleOf(it.raw, it.next); !s.isStale() {
				all.merge(aggregateOf(s))
				n, at, end = n+1, s.t, windowEnd(s.t, it.bucket)
			}
			it.next = chunkenc.ValNone
			continue
		}
		i := 0
		for ; i < len(it.times) && (n == 0 || it.times[i] <= end); i++ {
			if value.IsStaleNaN(it.values[i]) {
				continue
			}
			all.addFloat(it.values[i])
			at = it.times[i]
			if n++; n == 1 {
				end = windowEnd(at, it.bucket)
			}
		}
		it.times, it.values = it.times[i:], it.values[i:]
	}
	if n == 0 {
		return chunkenc.ValNone
	}
	it.sample = all.mean(n, at-it.surplus)
	return it.kind()
}

// time is that of the next sample that is not counted yet.
func (it *meanIterator) time() int64 {
	if len(it.times) > 0 {
		return it.times[0]
	}
	return it.raw.AtT()
}

func (it *meanIterator) Seek(t int64) chunkenc.ValueType { //nolint:govet // the Seek of tsdb, not of io.Seeker
	begin := windowEnd(t+it.surplus, it.bucket) - it.bucket + 1
	for len(it.times) > 0 && it.times[0] < begin {
		it.times, it.values = it.times[1:], it.values[1:]
	}
	if !it.ended && len(it.times) == 0 && (it.next == chunkenc.ValNone || it.raw.AtT() < begin) {
		it.next = it.raw.Seek(begin)
		it.ended = it.next == chunkenc.ValNone
	}
	for kind := it.Next(); kind != chunkenc.ValNone; kind = it.Next() {
		if it.t >= t {
			return kind
		}
	}
	return chunkenc.ValNone
}

func (it *meanIterator) Err() error { return it.raw.Err() }
