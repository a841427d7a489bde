package statsd

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"time"

	"github.com/cespare/xxhash/v2"
	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/metadata"
	stale "github.com/prometheus/prometheus/model/value"

	"github.com/oriel-obs/oriel/ingest/samples"
	"github.com/oriel-obs/oriel/internal/nativehist"
)

// A metric is what values of one name, kind and set of labels add up to.
type metric struct {
	kind  kind
	ttl   time.Duration // 0 for ever
	scale float64       // of values
	first time.Time     // when it was first seen; zero once that is stored
	seen  time.Time
	help  string

	v       float64 // of counters and gauges
	members map[uint64]struct{}
	observer

	series []samples.Series
}

// An observer is where observations go.
type observer interface {
	observe(v float64, n uint64)
	// store appends the series, as suffixed by its constructor.
	store(b *samples.Batch, t int64, series []samples.Series)
}

// maxMembers bounds the members of a set within one interval.
const maxMembers = 1 << 20

// add takes one value. The error says why it does not.
func (m *metric) add(x *value, now time.Time) error {
	m.seen = now
	switch x.kind {
	case counter:
		m.v += x.v * m.scale / x.rate
	case gauge:
		v := x.v * m.scale
		if x.sign {
			v += m.v
		}
		m.v = v
	case set:
		if len(m.members) >= maxMembers {
			return fmt.Errorf("set with more than %d members", maxMembers)
		}
		if m.members == nil {
			m.members = map[uint64]struct{}{}
		}
		m.members[xxhash.Sum64(x.item)] = struct{}{}
	case timer:
		m.observe(x.v*m.scale/1000, uint64(math.Round(1/x.rate)))
	default:
		m.observe(x.v*m.scale, uint64(math.Round(1/x.rate)))
	}
	return nil
}

// store appends what m adds up to at t, in ms.
func (m *metric) store(b *samples.Batch, t int64) {
	b.Meta = metadata.Metadata{Help: m.help}
	switch m.kind {
	case counter:
		b.Meta.Type = model.MetricTypeCounter
		if !m.first.IsZero() {
			// Readers see the first value as an increase.
			b.Append(&m.series[0], m.first.UnixMilli()-1, 0, nil)
			m.first = time.Time{}
		}
		b.Append(&m.series[0], t, m.v, nil)
	case gauge:
		b.Meta.Type = model.MetricTypeGauge
		b.Append(&m.series[0], t, m.v, nil)
	case set:
		b.Meta.Type = model.MetricTypeGauge
		b.Append(&m.series[0], t, float64(len(m.members)), nil)
		clear(m.members)
	default:
		m.observer.store(b, t, m.series)
	}
}

// end appends staleness markers at t, in ms.
func (m *metric) end(b *samples.Batch, t int64) {
	b.Meta = metadata.Metadata{}
	for i := range m.series {
		b.Append(&m.series[i], t, math.Float64frombits(stale.StaleNaN), nil)
	}
}

// suffixed returns the series of name with suffix, ls, and another label if
// extra has one.
func suffixed(ls labels.Labels, suffix string, extra ...string) samples.Series {
	b := labels.NewBuilder(ls)
	b.Set(model.MetricNameLabel, ls.Get(model.MetricNameLabel)+suffix)
	for i := 0; i+1 < len(extra); i += 2 {
		b.Set(extra[i], extra[i+1])
	}
	return samples.Series{Labels: b.Labels()}
}

// A native observer is a native histogram.
type native struct{ h *nativehist.Histogram }

// nativeSchema makes buckets that are 9% wide.
const nativeSchema = 3

func newNative(ls labels.Labels) (observer, []samples.Series) {
	return native{nativehist.New(nativeSchema, nativehist.MaxBuckets)}, []samples.Series{{Labels: ls}}
}

func (o native) observe(v float64, n uint64) { o.h.Observe(v, n) }

func (o native) store(b *samples.Batch, t int64, series []samples.Series) {
	b.Meta.Type = model.MetricTypeHistogram
	b.Append(&series[0], t, 0, o.h.Snapshot())
}

// A classic observer is a histogram with buckets.
type classic struct {
	bounds []float64 // of all buckets but the last
	counts []uint64  // one more
	sum    float64
}

func newClassic(ls labels.Labels, bounds []float64) (observer, []samples.Series) {
	bounds = slices.DeleteFunc(slices.Compact(slices.Sorted(slices.Values(bounds))), func(v float64) bool { return math.IsInf(v, 1) })
	var series []samples.Series
	for _, le := range bounds {
		series = append(series, suffixed(ls, "_bucket", model.BucketLabel, number(le)))
	}
	series = append(series, suffixed(ls, "_bucket", model.BucketLabel, "+Inf"), suffixed(ls, "_sum"), suffixed(ls, "_count"))
	return &classic{bounds: bounds, counts: make([]uint64, len(bounds)+1)}, series
}

func (o *classic) observe(v float64, n uint64) {
	i, _ := slices.BinarySearch(o.bounds, v)
	o.counts[i] += n
	o.sum += v * float64(n)
}

func (o *classic) store(b *samples.Batch, t int64, series []samples.Series) {
	b.Meta = metadata.Metadata{} // the family is not any series' name
	total := uint64(0)
	for i, n := range o.counts {
		total += n
		b.Append(&series[i], t, float64(total), nil)
	}
	b.Append(&series[len(series)-2], t, o.sum, nil)
	b.Append(&series[len(series)-1], t, float64(total), nil)
}

// A summary observer has quantiles of the last minutes.
type summary struct {
	quantiles []float64
	s         prometheus.Summary
	count     uint64
	sum       float64
}

func newSummary(ls labels.Labels, o prometheus.SummaryOpts) (observer, []samples.Series) {
	x := &summary{s: prometheus.NewSummary(o)}
	var series []samples.Series
	for q := range o.Objectives {
		x.quantiles = append(x.quantiles, q)
	}
	slices.Sort(x.quantiles)
	for _, q := range x.quantiles {
		series = append(series, suffixed(ls, "", "quantile", number(q)))
	}
	return x, append(series, suffixed(ls, "_sum"), suffixed(ls, "_count"))
}

// maxRepeats bounds how often a sampled value counts for the quantiles.
const maxRepeats = 100

func (o *summary) observe(v float64, n uint64) {
	for range min(n, maxRepeats) {
		o.s.Observe(v)
	}
	o.count += n
	o.sum += v * float64(n)
}

func (o *summary) store(b *samples.Batch, t int64, series []samples.Series) {
	b.Meta = metadata.Metadata{}
	var m dto.Metric
	if err := o.s.Write(&m); err == nil { // it is of its labels only, of which there are none
		for i, q := range m.GetSummary().GetQuantile() { // sorted
			b.Append(&series[i], t, q.GetValue(), nil)
		}
	}
	b.Append(&series[len(series)-2], t, o.sum, nil)
	b.Append(&series[len(series)-1], t, float64(o.count), nil)
}

func number(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }
