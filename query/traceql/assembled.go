package traceql

import (
	"cmp"
	"slices"

	"github.com/oriel-obs/oriel/model"
)

// Assemble makes traces of all spans of b, which need not be stored, in the
// order in which they first occur.
func Assemble(b *model.Batch) []*Trace {
	spans := spansOf(b)
	var ids []model.TraceID
	seen := map[model.TraceID]bool{}
	for i := range spans {
		slices.SortStableFunc(spans[i].Attrs, func(x, y model.Attr) int { return cmp.Compare(x.Key, y.Key) })
		if id := spans[i].TraceID; !seen[id] {
			seen[id] = true
			ids = append(ids, id)
		}
	}
	a := &assembler{}
	a.begin(ids)
	a.add(spans)
	return a.traces()
}
