package logql

import (
	"cmp"
	"math"
	"slices"

	"github.com/oriel-obs/oriel/storage"
)

// totals makes the points of one series from the numbers of its groups.
type totals struct {
	series
	buckets []storage.Bucket
}

// add takes the buckets of a group. Sums that are no numbers depend on the
// order of what is added.
func (t *totals) add(buckets []storage.Bucket, a *RangeAgg) error {
	for _, b := range buckets {
		if a.Log.Unwrap != nil {
			if b.Numbers == 0 {
				continue
			}
			if math.IsInf(b.Sum, 0) || math.IsNaN(b.Sum) {
				return scanBecause("some values of label %s are not finite", a.Log.Unwrap.Label)
			}
		}
		t.buckets = append(t.buckets, b)
	}
	return nil
}

// evaluate makes the points.
func (t *totals) evaluate(rs *rangeScan) {
	ev, a := rs.ev, rs.agg
	slices.SortStableFunc(t.buckets, func(x, y storage.Bucket) int { return cmp.Compare(x.Start, y.Start) })
	seconds := a.Log.Range.Seconds()
	var rows, bytes int64 // of those from first to last
	first, last := 0, 0
	for step := 0; step < ev.steps; step++ {
		end := ev.start + int64(step)*ev.step - int64(a.Log.Offset) + 1
		for ; last < len(t.buckets) && t.buckets[last].Start < end; last++ {
			rows, bytes = rows+t.buckets[last].Rows, bytes+t.buckets[last].Bytes
		}
		for ; first < last && t.buckets[first].Start < end-int64(a.Log.Range); first++ {
			rows, bytes = rows-t.buckets[first].Rows, bytes-t.buckets[first].Bytes
		}
		if first == last {
			if last == len(t.buckets) {
				return
			}
			next, _ := ev.stepsOf(t.buckets[last].Start+int64(a.Log.Offset), int64(a.Log.Range))
			step = max(step, next-1)
			continue
		}
		var v float64
		switch {
		case a.Log.Unwrap != nil:
			v = numbers(a.Op, t.buckets[first:last])
		case a.Op == OpBytes || a.Op == OpBytesRate:
			v = float64(bytes)
		default:
			v = float64(rows)
		}
		if a.Op == OpRate || a.Op == OpBytesRate {
			v /= seconds
		}
		t.points = append(t.points, point{step, v})
	}
}

// numbers makes one value of the numbers in a window.
func numbers(op RangeOp, buckets []storage.Bucket) float64 {
	all := buckets[0]
	for _, b := range buckets[1:] {
		all.Merge(b)
	}
	switch op {
	case OpMinOver:
		return all.Min
	case OpMaxOver:
		return all.Max
	case OpAvgOver:
		return all.Sum / float64(all.Numbers)
	}
	return all.Sum
}
