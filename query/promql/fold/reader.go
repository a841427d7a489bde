package fold

import (
	"math"
	"slices"

	promstorage "github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/tsdb/chunkenc"
)

// farAway is later than any sample.
const farAway = math.MaxInt64

// A bulk is an iterator that can hand out several floats at once: those after the
// one that it is at, the last of which it then is at. There are none where it has
// to be asked for the next. The slices are its own until it is asked again.
type bulk interface {
	Floats() (times []int64, values []float64)
}

// A reader reads the floats of a series, and those of the next.
type reader struct {
	t   int64 // of the sample it is at, farAway after the last
	v   float64
	err error // errUnfit at a histogram

	it     chunkenc.Iterator
	bulk   bulk // it, if it is one
	times  []int64
	values []float64 // at times
	at     int       // the next of these
}

// open goes to before the first sample of a series.
func (r *reader) open(s promstorage.Series) {
	r.it = s.Iterator(r.it)
	r.bulk, _ = r.it.(bulk)
	r.t, r.err = -farAway, nil
	r.times, r.values, r.at = nil, nil, 0
}

func (r *reader) next() {
	if i := r.at; i < len(r.times) {
		r.t, r.v, r.at = r.times[i], r.values[i], i+1
		return
	}
	r.more()
}

// upTo takes the samples that are at hand up to maxt. The reader is at the last of
// them then, but for t and v, which next sets.
func (r *reader) upTo(maxt int64) ([]int64, []float64) {
	times := r.times[r.at:]
	n := len(times)
	if n > 0 && times[n-1] > maxt {
		n, _ = slices.BinarySearch(times, maxt+1)
	}
	r.at += n
	return times[:n], r.values[r.at-n : r.at]
}

// more goes to the next sample when none is at hand.
func (r *reader) more() {
	if r.bulk != nil {
		r.at = 0
		if r.times, r.values = r.bulk.Floats(); len(r.times) > 0 {
			r.next()
			return
		}
	}
	r.found(r.it.Next())
}

// seek goes to the first sample at t or later.
func (r *reader) seek(t int64) {
	for r.at < len(r.times) {
		if r.next(); r.t >= t {
			return
		}
	}
	r.found(r.it.Seek(t))
}

func (r *reader) found(kind chunkenc.ValueType) {
	if kind == chunkenc.ValFloat {
		r.t, r.v = r.it.At()
		return
	}
	r.t = farAway
	r.err = errUnfit
	if kind == chunkenc.ValNone {
		r.err = r.it.Err()
	}
}
