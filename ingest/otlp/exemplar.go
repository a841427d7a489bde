package otlp

import (
	"slices"
	"unicode/utf8"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/pmetric"
)

// screenExemplars takes out what cannot be an exemplar and sorts the rest as
// the translation and the store expect, whatever the sender's order.
func screenExemplars(es pmetric.ExemplarSlice, less func(a, b pmetric.Exemplar) bool) {
	if es.Len() == 0 {
		return
	}
	es.RemoveIf(func(e pmetric.Exemplar) bool {
		return e.ValueType() == pmetric.ExemplarValueTypeEmpty || !validText(e.FilteredAttributes())
	})
	order := make([]pmetric.Exemplar, es.Len())
	for i, e := range es.All() {
		order[i] = e
	}
	compare := func(a, b pmetric.Exemplar) int {
		switch {
		case less(a, b):
			return -1
		case less(b, a):
			return 1
		}
		return 0
	}
	if slices.IsSortedFunc(order, compare) {
		return
	}
	slices.SortStableFunc(order, compare)
	sorted := pmetric.NewExemplarSlice()
	for _, e := range order {
		e.MoveTo(sorted.AppendEmpty())
	}
	es.RemoveIf(func(pmetric.Exemplar) bool { return true })
	sorted.MoveAndAppendTo(es)
}

func byTime(a, b pmetric.Exemplar) bool { return a.Timestamp() < b.Timestamp() }

// byValue puts exemplars in the order of the buckets they fall into.
func byValue(a, b pmetric.Exemplar) bool {
	if x, y := exemplarValue(a), exemplarValue(b); x != y {
		return x < y
	}
	return byTime(a, b)
}

func exemplarValue(e pmetric.Exemplar) float64 {
	if e.ValueType() == pmetric.ExemplarValueTypeInt {
		return float64(e.IntValue())
	}
	return e.DoubleValue()
}

func validText(m pcommon.Map) bool {
	for k, v := range m.All() {
		if !utf8.ValidString(k) || v.Type() == pcommon.ValueTypeStr && !utf8.ValidString(v.Str()) {
			return false
		}
	}
	return true
}
