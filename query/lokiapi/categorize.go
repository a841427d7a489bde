package lokiapi

import (
	"cmp"
	"slices"

	"github.com/prometheus/prometheus/model/labels"

	"github.com/oriel-obs/oriel/query/logql"
)

// regroup puts lines together whose labels of the stream alone are the same.
func regroup(streams []logql.Stream, forward bool) []logql.Stream {
	index := map[string]int{}
	var out []logql.Stream
	var key []byte
	for _, s := range streams {
		for _, en := range s.Entries {
			own := streamLabels(s.Labels, en)
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

// streamLabels returns the labels of a line that are its stream's.
func streamLabels(all labels.Labels, en logql.Entry) labels.Labels {
	if en.Metadata.Len() == 0 && en.Parsed.Len() == 0 {
		return all
	}
	b := labels.NewScratchBuilder(all.Len())
	all.Range(func(l labels.Label) {
		if !en.Metadata.Has(l.Name) && !en.Parsed.Has(l.Name) {
			b.Add(l.Name, l.Value)
		}
	})
	return b.Labels()
}
