package otlp

import (
	"encoding/hex"
	"slices"
	"unicode/utf8"

	promexemplar "github.com/prometheus/prometheus/model/exemplar"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/pmetric"
)

// exemplars translates es, in the order that the store expects whatever the
// sender's. Those that cannot be kept are counted.
func (t *translator) exemplars(es pmetric.ExemplarSlice, compare func(a, b promexemplar.Exemplar) int) []promexemplar.Exemplar {
	if es.Len() == 0 {
		return nil
	}
	out := make([]promexemplar.Exemplar, 0, es.Len())
	for _, e := range es.All() {
		if e.ValueType() == pmetric.ExemplarValueTypeEmpty || !validText(e.FilteredAttributes()) {
			t.app.metrics.exemplarsDropped.Inc()
			continue
		}
		out = append(out, t.exemplar(e))
	}
	slices.SortStableFunc(out, compare)
	return out
}

// maxExemplarRunes is OpenMetrics' bound on names and values of an exemplar.
const maxExemplarRunes = 128

func (t *translator) exemplar(e pmetric.Exemplar) promexemplar.Exemplar {
	ts := millis(e.Timestamp())
	x := promexemplar.Exemplar{Ts: ts, HasTs: ts != 0, Value: e.DoubleValue()}
	if e.ValueType() == pmetric.ExemplarValueTypeInt {
		x.Value = float64(e.IntValue())
	}
	t.builder.Reset()
	n := 0
	if id := e.TraceID(); !id.IsEmpty() {
		t.builder.Add("trace_id", hex.EncodeToString(id[:]))
		n += len("trace_id") + 2*len(id)
	}
	if id := e.SpanID(); !id.IsEmpty() {
		t.builder.Add("span_id", hex.EncodeToString(id[:]))
		n += len("span_id") + 2*len(id)
	}
	attrs := e.FilteredAttributes()
	for k, v := range attrs.All() {
		n += utf8.RuneCountInString(k) + utf8.RuneCountInString(t.text(v))
	}
	if n <= maxExemplarRunes {
		for k, v := range attrs.All() {
			t.builder.Add(k, t.text(v))
		}
	}
	t.builder.Sort()
	x.Labels = t.builder.Labels()
	return x
}

func byTime(a, b promexemplar.Exemplar) int { return int(min(max(a.Ts-b.Ts, -1), 1)) }

// byValue puts exemplars in the order of the buckets they fall into.
func byValue(a, b promexemplar.Exemplar) int {
	switch {
	case a.Value < b.Value:
		return -1
	case a.Value > b.Value:
		return 1
	}
	return byTime(a, b)
}

func validText(m pcommon.Map) bool {
	for k, v := range m.All() {
		if !utf8.ValidString(k) || v.Type() == pcommon.ValueTypeStr && !utf8.ValidString(v.Str()) {
			return false
		}
	}
	return true
}
