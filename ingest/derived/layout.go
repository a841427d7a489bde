package derived

import (
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/metadata"
)

// Overflow is the value of labels that stand for all label sets beyond
// Timing.MaxLabelSets.
const Overflow = "__overflow__"

// A Layout names what every Set of a Book holds.
type Layout struct {
	Counters   []Family // Set.Add
	Gauges     []Family // always 1, as metrics of the info kind are
	Histograms []Family // Book.Observe, in seconds or what else counts in billionths
	Form       Form     // of all histograms
}

// A Family is the metadata of a metric family. Unit may be empty.
type Family struct{ Name, Help, Unit string }

// Form says how histograms are written: in classic buckets, as a native
// histogram, or both.
type Form struct {
	Classic bool      `yaml:"classic"` // series of buckets, _sum and _count
	Native  bool      `yaml:"native"`  // a native histogram
	Buckets []float64 `yaml:"buckets"` // upper bounds of the classic buckets, in seconds, ascending
}

// Validate returns every problem at once, each prefixed with its key.
func (f Form) Validate() error {
	var errs []error
	if !f.Classic && !f.Native {
		errs = append(errs, errors.New("classic and native: histograms need one of them"))
	}
	if f.Classic && len(f.Buckets) == 0 {
		errs = append(errs, errors.New("buckets: must not be empty"))
	}
	for i, b := range f.Buckets {
		if math.IsNaN(b) || b <= 0 || b > maxBound {
			errs = append(errs, fmt.Errorf("buckets[%d]: %g is not within 0 and %g seconds", i, b, float64(maxBound)))
		}
		if i > 0 && b <= f.Buckets[i-1] {
			errs = append(errs, fmt.Errorf("buckets[%d]: %g is not above the bound before, %g", i, b, f.Buckets[i-1]))
		}
	}
	return errors.Join(errs...)
}

// maxBound keeps bounds within what int64 nanoseconds can say.
const maxBound = 1e9

// Timing says when sets are written, and when and how many of them there are.
type Timing struct {
	Interval     time.Duration `yaml:"interval"`       // between two samples of a series
	StaleAfter   time.Duration `yaml:"stale_after"`    // a label set ends when nothing was added for so long
	MaxLabelSets int           `yaml:"max_label_sets"` // at a time; what is of others counts under the label value __overflow__
	MaxDelay     time.Duration `yaml:"max_delay"`      // spans that ended longer ago are not counted; 0 counts all
}

// DefaultTiming follows Prometheus' usual scrape interval and Tempo's usual
// time of staleness.
func DefaultTiming() Timing {
	return Timing{Interval: 15 * time.Second, StaleAfter: 15 * time.Minute, MaxLabelSets: 5000, MaxDelay: time.Hour}
}

// Validate returns every problem at once, each prefixed with its key.
func (t Timing) Validate() error {
	var errs []error
	if t.Interval < time.Second || t.Interval > 2*time.Minute {
		errs = append(errs, fmt.Errorf("interval: %v is not within 1s and 2m", t.Interval))
	}
	if t.StaleAfter < time.Minute {
		errs = append(errs, fmt.Errorf("stale_after: %v is below 1m", t.StaleAfter))
	}
	if t.MaxLabelSets < 1 {
		errs = append(errs, fmt.Errorf("max_label_sets: %d is not positive", t.MaxLabelSets))
	}
	if t.MaxDelay < 0 {
		errs = append(errs, fmt.Errorf("max_delay: %v is negative", t.MaxDelay))
	}
	return errors.Join(errs...)
}

// Counts reports whether a span that ended at end, in nanoseconds, counts at
// now: what is as far in the future as MaxDelay allows in the past does.
func (t Timing) Counts(end, now int64) bool {
	d := int64(t.MaxDelay)
	return d == 0 || end >= now-d && end <= now+d
}

// A part says what of a Set a series holds.
type part uint8

const (
	counter part = iota
	gauge
	bucket // of a classic histogram, up to a bound
	sum
	count
	native
)

// A column is one series of each set.
type column struct {
	part   part
	index  int // of the counter or histogram
	bound  int // of a bucket, its number
	family string
	suffix string
	le     string
	meta   metadata.Metadata
}

func (c *column) labels(base labels.Labels) labels.Labels {
	b := labels.NewBuilder(base)
	b.Set(model.MetricNameLabel, c.family+c.suffix)
	b.Set(model.BucketLabel, c.le)
	return b.Labels()
}

// columns lists the series of a set; the buckets of a histogram are together
// and ascend.
func (l *Layout) columns() []column {
	var out []column
	for i, f := range l.Counters {
		out = append(out, column{part: counter, index: i, family: f.Name, meta: metadata.Metadata{Type: model.MetricTypeCounter, Help: f.Help}})
	}
	for _, f := range l.Gauges {
		out = append(out, column{part: gauge, family: f.Name, meta: metadata.Metadata{Type: model.MetricTypeGauge, Help: f.Help}})
	}
	for i, f := range l.Histograms {
		c := column{index: i, family: f.Name, meta: metadata.Metadata{Type: model.MetricTypeHistogram, Help: f.Help, Unit: f.Unit}}
		if l.Form.Classic {
			c.part, c.suffix = bucket, "_bucket"
			for n := range len(l.Form.Buckets) + 1 {
				c.bound, c.le = n, "+Inf"
				if n < len(l.Form.Buckets) {
					c.le = labels.FormatOpenMetricsFloat(l.Form.Buckets[n])
				}
				out = append(out, c)
			}
			c.le = ""
			c.part, c.suffix = sum, "_sum"
			out = append(out, c)
			c.part, c.suffix = count, "_count"
			out = append(out, c)
		}
		if l.Form.Native {
			c.part, c.suffix = native, ""
			out = append(out, c)
		}
	}
	return out
}
