package otlp

import (
	"fmt"
	"math"
	"unicode/utf8"

	"github.com/prometheus/prometheus/model/histogram"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/pmetric"

	"github.com/oriel-obs/oriel/ingest"
)

// timeFault returns the reason to refuse a point at the time at, and why in
// words, or "".
func (t *translator) timeFault(at pcommon.Timestamp) (reason, why string) {
	if at == 0 {
		return ingest.ReasonMalformed, "has no timestamp"
	}
	if reason := t.limits.CheckTime(nanos(at), t.now); reason != "" {
		return reason, "is of " + timeText(nanos(at))
	}
	return "", ""
}

// check reports whether the attributes of the point at hand can be labels, and
// refuses the point if not. Only a series that was not met before needs it.
func (t *translator) check() bool {
	if t.checked {
		return true
	}
	for i, k := range t.keys {
		if why := t.labelFault(k, t.values[i]); why != "" {
			t.bad(ingest.ReasonLabels, "metric", why)
			return false
		}
	}
	t.checked = true
	return true
}

// labelFault says why an attribute cannot become a label, or "".
func (t *translator) labelFault(k, v string) string {
	if n := t.limits.MaxLabelNameBytes; n > 0 && len(k) > n {
		return fmt.Sprintf("has an attribute name of %d bytes, limit %d", len(k), n)
	}
	if !utf8.ValidString(k) {
		return fmt.Sprintf("has an attribute name that is not UTF-8: %q", k)
	}
	if n := t.limits.MaxLabelValueBytes; n > 0 && len(v) > n {
		return fmt.Sprintf("has a value of %d bytes for attribute %q, limit %d", len(v), k, n)
	}
	if !utf8.ValidString(v) {
		return fmt.Sprintf("has a value that is not UTF-8 for attribute %q", k)
	}
	return ""
}

// boundsFault says why p has no meaning, or "".
func boundsFault(p pmetric.HistogramDataPoint) string {
	bounds, counts := p.ExplicitBounds(), p.BucketCounts()
	if counts.Len() > 0 && counts.Len() != bounds.Len()+1 || counts.Len() == 0 && bounds.Len() > 0 {
		return fmt.Sprintf("has %d bounds and %d bucket counts", bounds.Len(), counts.Len())
	}
	for i := range bounds.Len() {
		if math.IsNaN(bounds.At(i)) || i > 0 && !(bounds.At(i-1) < bounds.At(i)) {
			return fmt.Sprintf("has bound %v after %v", bounds.At(i), bounds.At(max(i-1, 0)))
		}
	}
	return ""
}

// maxBucketIndex is beyond every float64 at scale 20, the finest that SDKs use.
// Bucket indexes are computed in 32 bits.
const maxBucketIndex = 1 << 30

// exponentialFault returns the reason to refuse p for its buckets, and why in
// words, or "".
func exponentialFault(p pmetric.ExponentialHistogramDataPoint) (reason, why string) {
	if p.Scale() < histogram.ExponentialSchemaMin {
		return ingest.ReasonTranslate, fmt.Sprintf("has scale %d, least is %d", p.Scale(), histogram.ExponentialSchemaMin)
	}
	for _, b := range [...]pmetric.ExponentialHistogramDataPointBuckets{p.Positive(), p.Negative()} {
		first, n := int64(b.Offset()), int64(b.BucketCounts().Len())
		if first < -maxBucketIndex || first+n > maxBucketIndex {
			return ingest.ReasonMalformed, fmt.Sprintf("has buckets from %d to %d", first, first+n)
		}
	}
	return "", ""
}
