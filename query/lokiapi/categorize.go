package lokiapi

import (
	"cmp"
	"slices"

	"github.com/oriel-obs/oriel/query/logql"
)

// regroup puts lines together whose labels of the stream alone are the same.
func regroup(streams []logql.Stream, forward bool) []logql.Stream {
	index := map[string]int{}
	var out []logql.Stream
	var key []byte
	for _, s := range streams {
		for _, en := range s.Entries {
			own := logql.Line{Labels: s.Labels, Entry: en}.Stream()
			key = own.Bytes(key)
			i, ok := index[string(key)]
			if !ok {
				i = len(out)
				index[string(key)] = i
				out = append(out, logql.Stream{Labels: own})
			}
			out[i].Entries = append(out[i].Entries, en)
		}
	}
	for _, s := range out {
		slices.SortStableFunc(s.Entries, func(a, b logql.Entry) int {
			if forward {
				return cmp.Compare(a.Time, b.Time)
			}
			return cmp.Compare(b.Time, a.Time)
		})
	}
	return out
}
