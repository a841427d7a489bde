package otlp

import (
	"fmt"
	"math"
	"time"
	"unicode/utf8"

	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/storage/remote/otlptranslator/prometheusremotewrite"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/pmetric"

	"github.com/oriel-obs/oriel/ingest"
)

// A screen takes out of a request the metrics and data points that cannot be
// stored, and counts them, since the translation would give up a whole metric
// for one bad point. It moves delta metrics into a request of their own.
type screen struct {
	limits ingest.Limits
	trans  *translation
	now    time.Time
	out    *outcome
	delta  pmetric.Metrics // with cumulative temporality, as their sums will have

	zero     zeroThresholds    // of exponential histograms that stay
	metric   string            // being screened
	min, max pcommon.Timestamp // of all points that stay
}

func (s *screen) metrics(md pmetric.Metrics) {
	s.min = math.MaxUint64
	for _, rm := range md.ResourceMetrics().All() {
		s.attributes(rm.Resource().Attributes(), "resource")
		deltaResource := pmetric.NewResourceMetrics()
		for _, sm := range rm.ScopeMetrics().All() {
			s.attributes(sm.Scope().Attributes(), "scope")
			deltaScope := pmetric.NewScopeMetrics()
			sm.Metrics().RemoveIf(func(m pmetric.Metric) bool {
				if !s.keep(m) {
					return true
				}
				if temporalityOf(m) != pmetric.AggregationTemporalityDelta {
					return false
				}
				setCumulative(m)
				m.MoveTo(deltaScope.Metrics().AppendEmpty())
				return true
			})
			if deltaScope.Metrics().Len() > 0 {
				sm.Scope().CopyTo(deltaScope.Scope())
				deltaScope.SetSchemaUrl(sm.SchemaUrl())
				deltaScope.MoveTo(deltaResource.ScopeMetrics().AppendEmpty())
			}
		}
		if deltaResource.ScopeMetrics().Len() > 0 {
			rm.Resource().CopyTo(deltaResource.Resource())
			deltaResource.SetSchemaUrl(rm.SchemaUrl())
			deltaResource.MoveTo(s.delta.ResourceMetrics().AppendEmpty())
		}
	}
}

// maxTargetInfoSpan bounds the time over which target_info is repeated every
// few minutes. It matters when limits.max_age is off.
const maxTargetInfoSpan = 31 * 24 * time.Hour

// wide reports whether the points that stay are too far apart for target_info.
func (s *screen) wide() bool {
	return s.max > s.min && uint64(s.max-s.min) > uint64(maxTargetInfoSpan)
}

// attributes mends those of a resource or scope, which belong to many points,
// and takes out the ones that cannot become labels.
func (s *screen) attributes(attrs pcommon.Map, of string) {
	attrs.RemoveIf(func(k string, v pcommon.Value) bool {
		if v.Type() == pcommon.ValueTypeStr && !utf8.ValidString(v.Str()) {
			v.SetStr(mend(v.Str()))
		}
		err := s.trans.labelError(k)
		if err == nil && !utf8.ValidString(k) {
			err = fmt.Errorf("label name %q is not UTF-8", k)
		}
		if err != nil {
			s.out.warnings = append(s.out.warnings, fmt.Sprintf("%s attribute left out: %v", of, err))
		}
		return err != nil
	})
}

// keep reports whether m has anything to store, having taken out the points
// that cannot be.
func (s *screen) keep(m pmetric.Metric) bool {
	s.metric = m.Name()
	if err := s.nameError(m); err != nil {
		s.out.refuse(ingest.ReasonTranslate, pointsOf(m), "%v", err)
		return false
	}
	if !utf8.ValidString(m.Description()) {
		m.SetDescription(mend(m.Description()))
	}
	if pointsOf(m) == 0 {
		s.out.warnings = append(s.out.warnings, fmt.Sprintf("metric %q has no data points", cut(m.Name(), 256)))
		return false
	}
	switch m.Type() {
	case pmetric.MetricTypeGauge:
		m.Gauge().DataPoints().RemoveIf(s.badNumber)
	case pmetric.MetricTypeSum:
		m.Sum().DataPoints().RemoveIf(s.badNumber)
	case pmetric.MetricTypeHistogram:
		m.Histogram().DataPoints().RemoveIf(s.badHistogram)
	case pmetric.MetricTypeExponentialHistogram:
		m.ExponentialHistogram().DataPoints().RemoveIf(s.badExponential)
	case pmetric.MetricTypeSummary:
		m.Summary().DataPoints().RemoveIf(func(p pmetric.SummaryDataPoint) bool { return s.bad(p) })
	}
	return pointsOf(m) > 0
}

func (s *screen) nameError(m pmetric.Metric) error {
	if m.Name() == "" {
		return fmt.Errorf("a metric has no name")
	}
	if !utf8.ValidString(m.Name()) || !utf8.ValidString(m.Unit()) {
		return fmt.Errorf("metric %q has a name or unit that is not UTF-8", cut(m.Name(), 256))
	}
	if _, err := s.trans.metric.Build(prometheusremotewrite.TranslatorMetricFromOtelMetric(m)); err != nil {
		return fmt.Errorf("metric %q: %w", cut(m.Name(), 256), err)
	}
	switch m.Type() {
	case pmetric.MetricTypeSum, pmetric.MetricTypeHistogram, pmetric.MetricTypeExponentialHistogram:
		if t := temporalityOf(m); t != pmetric.AggregationTemporalityCumulative && t != pmetric.AggregationTemporalityDelta {
			return fmt.Errorf("invalid temporality and type combination for metric %q", cut(m.Name(), 256))
		}
	}
	return nil
}

// A point is what all kinds of data point have.
type point interface {
	Timestamp() pcommon.Timestamp
	Attributes() pcommon.Map
}

// bad reports whether p cannot be stored, and counts it then.
func (s *screen) bad(p point) bool {
	if reason, why := s.check(p); reason != "" {
		s.out.refuse(reason, 1, "point of metric %q %s", cut(s.metric, 256), why)
		return true
	}
	s.min, s.max = min(s.min, p.Timestamp()), max(s.max, p.Timestamp())
	return false
}

func (s *screen) check(p point) (reason, why string) {
	t := p.Timestamp()
	if t == 0 {
		return ingest.ReasonMalformed, "has no timestamp"
	}
	if reason := s.limits.CheckTime(nanos(t), s.now); reason != "" {
		return reason, "is of " + timeText(nanos(t))
	}
	if n := p.Attributes().Len(); s.limits.MaxLabels > 0 && n > s.limits.MaxLabels {
		return ingest.ReasonLabels, fmt.Sprintf("has %d attributes, limit %d", n, s.limits.MaxLabels)
	}
	for k, v := range p.Attributes().All() {
		if why := s.checkLabel(k, v); why != "" {
			return ingest.ReasonLabels, why
		}
	}
	return "", ""
}

// checkLabel says why an attribute cannot become a label, or "".
func (s *screen) checkLabel(k string, v pcommon.Value) string {
	if n := s.limits.MaxLabelNameBytes; n > 0 && len(k) > n {
		return fmt.Sprintf("has an attribute name of %d bytes, limit %d", len(k), n)
	}
	if !utf8.ValidString(k) {
		return fmt.Sprintf("has an attribute name that is not UTF-8: %q", k)
	}
	if err := s.trans.labelError(k); err != nil {
		return fmt.Sprintf("has an attribute that cannot be a label: %v", err)
	}
	var value string
	switch v.Type() {
	case pcommon.ValueTypeStr:
		value = v.Str()
	case pcommon.ValueTypeMap, pcommon.ValueTypeSlice, pcommon.ValueTypeBytes:
		value = v.AsString()
	default:
		return ""
	}
	if n := s.limits.MaxLabelValueBytes; n > 0 && len(value) > n {
		return fmt.Sprintf("has a value of %d bytes for attribute %q, limit %d", len(value), k, n)
	}
	if !utf8.ValidString(value) {
		return fmt.Sprintf("has a value that is not UTF-8 for attribute %q", k)
	}
	return ""
}

func (s *screen) badNumber(p pmetric.NumberDataPoint) bool {
	if s.bad(p) {
		return true
	}
	screenExemplars(p.Exemplars(), byTime)
	return false
}

func (s *screen) badHistogram(p pmetric.HistogramDataPoint) bool {
	bounds, counts := p.ExplicitBounds(), p.BucketCounts()
	why := ""
	if counts.Len() > 0 && counts.Len() != bounds.Len()+1 || counts.Len() == 0 && bounds.Len() > 0 {
		why = fmt.Sprintf("has %d bounds and %d bucket counts", bounds.Len(), counts.Len())
	}
	for i := 1; i < bounds.Len() && why == ""; i++ {
		if !(bounds.At(i-1) < bounds.At(i)) {
			why = fmt.Sprintf("has bound %v after %v", bounds.At(i), bounds.At(i-1))
		}
	}
	if why != "" {
		s.out.refuse(ingest.ReasonMalformed, 1, "point of histogram %q %s", cut(s.metric, 256), why)
		return true
	}
	if s.bad(p) {
		return true
	}
	screenExemplars(p.Exemplars(), byValue)
	return false
}

// maxBucketIndex is beyond every float64 at scale 20, the finest that SDKs use.
// Translation computes bucket indexes in 32 bits.
const maxBucketIndex = 1 << 30

func (s *screen) badExponential(p pmetric.ExponentialHistogramDataPoint) bool {
	if p.Scale() < histogram.ExponentialSchemaMin {
		s.out.refuse(ingest.ReasonTranslate, 1, "point of exponential histogram %q has scale %d, least is %d",
			cut(s.metric, 256), p.Scale(), histogram.ExponentialSchemaMin)
		return true
	}
	for _, b := range []pmetric.ExponentialHistogramDataPointBuckets{p.Positive(), p.Negative()} {
		first, n := int64(b.Offset()), int64(b.BucketCounts().Len())
		if first < -maxBucketIndex || first+n > maxBucketIndex {
			s.out.refuse(ingest.ReasonMalformed, 1, "point of exponential histogram %q has buckets from %d to %d", cut(s.metric, 256), first, first+n)
			return true
		}
	}
	if s.bad(p) {
		return true
	}
	s.zero.keep(p)
	screenExemplars(p.Exemplars(), byTime)
	return false
}
