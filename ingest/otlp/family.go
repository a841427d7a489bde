package otlp

import (
	"fmt"
	"sync"
	"sync/atomic"
	"time"
	"unicode/utf8"

	"github.com/cespare/xxhash/v2"
	"github.com/prometheus/common/model"
	"github.com/prometheus/otlptranslator"
	"go.opentelemetry.io/collector/pdata/pmetric"
)

// A metricKind is what the name and type of a family depend on.
type metricKind struct {
	name, unit string
	typ        pmetric.MetricType
	monotonic  bool
}

func kindOfMetric(m pmetric.Metric) metricKind {
	k := metricKind{name: m.Name(), unit: m.Unit(), typ: m.Type()}
	if k.typ == pmetric.MetricTypeSum {
		k.monotonic = m.Sum().IsMonotonic()
	}
	return k
}

// A family is what OTLP metrics of one kind become.
type family struct {
	kind metricKind
	err  error // why there is none; the rest is unset

	name, sum, count, bucket string // of the series
	hash                     uint64 // of name
	unit                     string
	typ                      model.MetricType

	seen  atomic.Int64 // when a request last had it, Unix ms
	rival *family      // another kind that has the name, or nil
	told  atomic.Bool  // that there is a rival
}

// collision says that another metric has f's name at now, or "". Both are
// kept: their series differ in labels, or are one.
func (f *family) collision(now time.Time) string {
	if f.rival == nil || now.UnixMilli()-f.rival.seen.Load() > collisionMemory.Milliseconds() {
		return ""
	}
	return fmt.Sprintf("metrics %s and %s are both called %s here", f.kind, f.rival.kind, f.name)
}

// collisionMemory is how long a metric that is sent no more can be said to
// collide: a program may have been updated and renamed it.
const collisionMemory = time.Hour

func (k metricKind) String() string {
	return fmt.Sprintf("%q (unit %q, %s)", cut(k.name, 256), cut(k.unit, 64), k.typ)
}

// families remembers the family of each kind of metric, which costs dozens of
// allocations to name.
type families struct {
	namer otlptranslator.MetricNamer

	mu     sync.RWMutex
	kinds  map[metricKind]*family
	byName map[string]*family // the first of each name
}

// maxFamilies bounds what is remembered. A sender that invents names all the
// time makes it start again.
const maxFamilies = 50_000

func newFamilies(namer otlptranslator.MetricNamer) *families {
	return &families{namer: namer, kinds: map[metricKind]*family{}, byName: map[string]*family{}}
}

// of returns the family of k, seen at now.
func (fs *families) of(k metricKind, now time.Time) *family {
	fs.mu.RLock()
	f := fs.kinds[k]
	fs.mu.RUnlock()
	if f == nil {
		f = fs.add(fs.build(k))
	}
	f.seen.Store(now.UnixMilli())
	return f
}

func (fs *families) add(f *family) *family {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	if known := fs.kinds[f.kind]; known != nil {
		return known
	}
	if len(fs.kinds) >= maxFamilies {
		clear(fs.kinds)
		clear(fs.byName)
	}
	fs.kinds[f.kind] = f
	if f.err != nil {
		return f
	}
	if first := fs.byName[f.name]; first != nil {
		f.rival = first
	} else {
		fs.byName[f.name] = f
	}
	return f
}

func (fs *families) build(k metricKind) *family {
	f := &family{kind: k}
	switch {
	case k.name == "":
		f.err = fmt.Errorf("a metric has no name")
		return f
	case !utf8.ValidString(k.name) || !utf8.ValidString(k.unit):
		f.err = fmt.Errorf("metric %q has a name or unit that is not UTF-8", cut(k.name, 256))
		return f
	}
	m := otlptranslator.Metric{Name: k.name, Unit: k.unit}
	m.Type, f.typ = k.types()
	var err error
	if f.name, err = fs.namer.Build(m); err != nil {
		f.err = fmt.Errorf("metric %q: %w", cut(k.name, 256), err)
		return f
	}
	f.hash = xxhash.Sum64String(f.name)
	units := otlptranslator.UnitNamer{}
	f.unit = units.Build(k.unit)
	switch k.typ {
	case pmetric.MetricTypeHistogram, pmetric.MetricTypeSummary:
		f.sum, f.count, f.bucket = f.name+"_sum", f.name+"_count", f.name+"_bucket"
	}
	return f
}

// types returns what the name depends on, and what the metadata says.
func (k metricKind) types() (otlptranslator.MetricType, model.MetricType) {
	switch k.typ {
	case pmetric.MetricTypeGauge:
		return otlptranslator.MetricTypeGauge, model.MetricTypeGauge
	case pmetric.MetricTypeSum:
		if k.monotonic {
			return otlptranslator.MetricTypeMonotonicCounter, model.MetricTypeCounter
		}
		return otlptranslator.MetricTypeNonMonotonicCounter, model.MetricTypeGauge
	case pmetric.MetricTypeSummary:
		return otlptranslator.MetricTypeSummary, model.MetricTypeSummary
	case pmetric.MetricTypeHistogram:
		return otlptranslator.MetricTypeHistogram, model.MetricTypeHistogram
	case pmetric.MetricTypeExponentialHistogram:
		return otlptranslator.MetricTypeExponentialHistogram, model.MetricTypeHistogram
	}
	return otlptranslator.MetricTypeUnknown, model.MetricTypeUnknown
}
