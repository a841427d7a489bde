package otlp

import (
	"math"
	"strconv"

	"github.com/prometheus/common/model"
	promexemplar "github.com/prometheus/prometheus/model/exemplar"
	"github.com/prometheus/prometheus/model/value"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/pmetric"

	"github.com/oriel-obs/oriel/ingest"
)

var staleNaN = math.Float64frombits(value.StaleNaN)

// millis converts ts; points beyond what nanoseconds can say were refused.
func millis(ts pcommon.Timestamp) int64 { return int64(ts) / 1e6 }

// gauge appends p without its exemplars, as Prometheus does: there they are of
// counters and histograms.
func (t *translator) gauge(p pmetric.NumberDataPoint) { t.number(p, nil) }

func (t *translator) sum(p pmetric.NumberDataPoint) { t.number(p, t.exemplars(p.Exemplars(), byTime)) }

func (t *translator) number(p pmetric.NumberDataPoint, es []promexemplar.Exemplar) {
	if !t.begin(p.Timestamp(), p.StartTimestamp(), p.Attributes(), "") {
		return
	}
	s := &t.sample
	s.opts.Exemplars = es
	switch {
	case p.Flags().NoRecordedValue():
		s.v = staleNaN
	case p.ValueType() == pmetric.NumberDataPointValueTypeInt:
		s.v = float64(p.IntValue())
	default:
		s.v = p.DoubleValue()
	}
	if t.append(t.family.name, seriesPlain, 0, "", s) {
		t.end()
	}
}

// histogram appends p as a classic histogram. Least and greatest value have no
// series of their own.
func (t *translator) histogram(p pmetric.HistogramDataPoint) {
	if why := boundsFault(p); why != "" {
		t.bad(ingest.ReasonMalformed, "histogram", why)
		return
	}
	if !t.begin(p.Timestamp(), p.StartTimestamp(), p.Attributes(), model.BucketLabel) {
		return
	}
	s := &t.sample
	value := func(v float64) float64 { return v }
	if p.Flags().NoRecordedValue() {
		value = func(float64) float64 { return staleNaN }
	}
	if p.HasSum() {
		if s.v = value(p.Sum()); !t.append(t.family.sum, seriesSum, 0, "", s) {
			return
		}
	}
	if s.v = value(float64(p.Count())); !t.append(t.family.count, seriesCount, 0, "", s) {
		return
	}
	t.end()
	es := t.exemplars(p.Exemplars(), byValue)
	bounds, counts := p.ExplicitBounds(), p.BucketCounts()
	var below uint64
	for i := range bounds.Len() {
		bound := bounds.At(i)
		if math.IsInf(bound, 1) {
			break // that is what comes last in any case
		}
		below += counts.At(i)
		n := 0
		for n < len(es) && !(es[n].Value > bound) {
			n++
		}
		s.v, s.opts.Exemplars, es = value(float64(below)), es[:n:n], es[n:]
		if !t.append(t.family.bucket, seriesSpecial, math.Float64bits(bound), t.bounds.text(i, bound), s) {
			return
		}
	}
	s.v, s.opts.Exemplars = value(float64(p.Count())), es
	t.append(t.family.bucket, seriesSpecial, math.Float64bits(math.Inf(1)), "+Inf", s)
}

func (t *translator) summary(p pmetric.SummaryDataPoint) {
	if !t.begin(p.Timestamp(), p.StartTimestamp(), p.Attributes(), model.QuantileLabel) {
		return
	}
	s := &t.sample
	value := func(v float64) float64 { return v }
	if p.Flags().NoRecordedValue() {
		value = func(float64) float64 { return staleNaN }
	}
	if s.v = value(p.Sum()); !t.append(t.family.sum, seriesSum, 0, "", s) {
		return
	}
	if s.v = value(float64(p.Count())); !t.append(t.family.count, seriesCount, 0, "", s) {
		return
	}
	t.end()
	for i := range p.QuantileValues().Len() {
		q := p.QuantileValues().At(i)
		s.v = value(q.Value())
		if !t.append(t.family.name, seriesSpecial, math.Float64bits(q.Quantile()), t.bounds.text(i, q.Quantile()), s) {
			return
		}
	}
}

// boundTexts remembers how the bounds of a histogram are written, by position:
// points that follow one another mostly have the same.
type boundTexts []struct {
	bound float64
	text  string
}

func (b *boundTexts) text(i int, bound float64) string {
	for len(*b) <= i {
		*b = append(*b, struct {
			bound float64
			text  string
		}{math.NaN(), ""})
	}
	e := &(*b)[i]
	if e.bound != bound {
		e.bound, e.text = bound, strconv.FormatFloat(bound, 'f', -1, 64)
	}
	return e.text
}
