package otlp

import (
	"context"
	"fmt"
	"maps"
	"math"
	"slices"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/metadata"
	promstorage "github.com/prometheus/prometheus/storage"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/pmetric"

	"github.com/oriel-obs/oriel/ingest"
)

// A translator appends the points of one request as samples. What cannot be
// stored it counts and passes over, point by point. It is used again for the
// next request.
type translator struct {
	trans  *translation
	limits ingest.Limits
	refs   Refs
	equal  func(labels.Labels) bool // t.same, made once

	// Of the request.
	app      *appender
	get      promstorage.GetRef // nil if the store cannot look series up
	out      *outcome
	now      time.Time
	warnings map[string]int      // by category
	collided map[string]struct{} // labels of several attributes
	infos    map[infoKey]struct{}
	hits     int
	misses   int

	context resourceContext
	min     pcommon.Timestamp // of the resource's points that were taken
	max     pcommon.Timestamp

	family *family
	opts   promstorage.AOptions

	// Of the point.
	at       pcommon.Timestamp
	sample   sample // the one at hand
	keys     []string
	values   []string
	plain    *template
	specific *template // of its series that have le or quantile
	hash     uint64
	checked  bool

	// Of the series.
	tmpl          *template
	name, special string

	builder labels.ScratchBuilder
	scratch labels.Labels
	buf     []byte
	ints    map[int64]string
	bounds  boundTexts
}

func newTranslator(rc *Receiver) *translator {
	t := &translator{
		trans:    rc.trans,
		limits:   rc.limits,
		refs:     rc.refs,
		warnings: map[string]int{},
		collided: map[string]struct{}{},
		infos:    map[infoKey]struct{}{},
		context:  resourceContext{trans: rc.trans, templates: map[string]*template{}},
		builder:  labels.NewScratchBuilder(16),
		ints:     map[int64]string{},
	}
	t.equal = t.same
	return t
}

// metrics appends md. The error is the store's, or that ctx has ended.
func (t *translator) metrics(ctx context.Context, md pmetric.Metrics) error {
	for _, rm := range md.ResourceMetrics().All() {
		t.resource(rm.Resource().Attributes())
		t.min, t.max = math.MaxUint64, 0
		for _, sm := range rm.ScopeMetrics().All() {
			t.scope(sm)
			for _, m := range sm.Metrics().All() {
				if ctx.Err() != nil {
					return ctx.Err()
				}
				t.metric(m)
				if t.app.err != nil {
					return t.app.err
				}
			}
		}
		t.targetInfo(rm.Resource().Attributes())
		if t.app.err != nil {
			return t.app.err
		}
	}
	if n := len(t.collided); n > 0 {
		t.warnings[warnLabelCollision] += n
	}
	for _, category := range slices.Sorted(maps.Keys(t.warnings)) {
		t.out.warn("warning: %d times %s", t.warnings[category], category)
	}
	return nil
}

func (t *translator) metric(m pmetric.Metric) {
	f := t.trans.families.of(kindOfMetric(m), t.now)
	if f.err != nil {
		t.out.refuse(ingest.ReasonTranslate, pointsOf(m), "%v", f.err)
		return
	}
	if pointsOf(m) == 0 {
		t.out.warn("metric %q has no data points", cut(m.Name(), 256))
		return
	}
	delta := false
	switch temporality, needed := temporalityOf(m); {
	case !needed, temporality == pmetric.AggregationTemporalityCumulative:
	case temporality == pmetric.AggregationTemporalityDelta:
		delta = true
	default:
		t.out.refuse(ingest.ReasonTranslate, pointsOf(m), "invalid temporality and type combination for metric %q", cut(m.Name(), 256))
		return
	}
	if why := f.collision(t.now); why != "" {
		t.warnings[warnNameCollision]++
		if !f.told.Swap(true) {
			t.out.warn("%s; both are kept", why)
		}
	}
	t.family = f
	t.opts = promstorage.AOptions{
		Metadata:         metadata.Metadata{Type: f.typ, Unit: f.unit, Help: mend(m.Description())},
		MetricFamilyName: f.name,
	}
	t.app.family(delta)
	switch m.Type() {
	case pmetric.MetricTypeGauge:
		eachPoint(t, m.Gauge().DataPoints(), t.gauge)
	case pmetric.MetricTypeSum:
		eachPoint(t, m.Sum().DataPoints(), t.sum)
	case pmetric.MetricTypeHistogram:
		if t.trans.nhcb {
			eachPoint(t, m.Histogram().DataPoints(), t.customHistogram)
			return
		}
		eachPoint(t, m.Histogram().DataPoints(), t.histogram)
	case pmetric.MetricTypeExponentialHistogram:
		eachPoint(t, m.ExponentialHistogram().DataPoints(), t.exponential)
	case pmetric.MetricTypeSummary:
		eachPoint(t, m.Summary().DataPoints(), t.summary)
	}
}

// The categories of oriel_otlp_translation_warnings_total.
const (
	warnNameCollision  = "name_collision"
	warnLabelCollision = "label_name_collision"
	warnZeroCount      = "histogram_zero_count_non_zero_sum"
	warnDeltaGap       = "delta_gap"
	warnDeltaOverlap   = "delta_overlap"
)

// points are pdata's slices of data points.
type points[P any] interface {
	Len() int
	At(i int) P
}

// eachPoint calls f until the store fails.
func eachPoint[P any](t *translator, ps points[P], f func(P)) {
	for i := 0; i < ps.Len() && t.app.err == nil; i++ {
		f(ps.At(i))
	}
}

// bad counts a point of the metric at hand that cannot be stored.
func (t *translator) bad(reason, kind, why string) {
	t.out.refuse(reason, 1, "point of %s %q %s", kind, cut(t.family.kind.name, 256), why)
}

// begin takes in the point of attrs at the time at, and returns false if it
// cannot be stored. What it is given are the parts of a point rather than one:
// an interface of it would be an allocation.
func (t *translator) begin(at, start pcommon.Timestamp, attrs pcommon.Map, special string) bool {
	if reason, why := t.timeFault(at); reason != "" {
		t.bad(reason, "metric", why)
		return false
	}
	if n := attrs.Len(); t.limits.MaxLabels > 0 && n > t.limits.MaxLabels {
		t.bad(ingest.ReasonLabels, "metric", fmt.Sprintf("has %d attributes, limit %d", n, t.limits.MaxLabels))
		return false
	}
	if err := t.point(attrs, special); err != nil {
		t.bad(ingest.ReasonLabels, "metric", fmt.Sprintf("has an attribute that cannot be a label: %v", err))
		return false
	}
	t.at = at
	t.sample = sample{st: millis(start), t: millis(at), opts: t.opts}
	return true
}

// end notes that the point at hand has samples, for target_info.
func (t *translator) end() { t.min, t.max = min(t.min, t.at), max(t.max, t.at) }

// reset makes t ready for a request.
func (t *translator) reset(app *appender, out *outcome, now time.Time) {
	t.app, t.out, t.now = app, out, now
	t.get, _ = app.AppenderV2.(promstorage.GetRef)
	t.hits, t.misses = 0, 0
	clear(t.warnings)
	clear(t.collided)
	clear(t.infos)
}

// release forgets the request, whose strings would otherwise live on.
func (t *translator) release() {
	t.refs.Count(t.hits, t.misses)
	t.forgetTemplates()
	clear(t.keys)
	clear(t.values)
	clear(t.context.promoted)
	clear(t.context.overrides)
	t.app, t.get, t.out, t.family, t.tmpl = nil, nil, nil, nil, nil
	t.sample, t.opts, t.name, t.special = sample{}, promstorage.AOptions{}, "", ""
}
