package ingest

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/oriel-obs/oriel/internal/quota"
	"github.com/oriel-obs/oriel/storage"
)

// Limits is the `limits` section of oriel.yaml: what a row may look like to be
// taken. Zero turns a limit off.
type Limits struct {
	MaxAge             time.Duration `yaml:"max_age"`               // rows older than this are refused
	MaxFuture          time.Duration `yaml:"max_future"`            // rows further ahead than this are refused
	MaxLineBytes       int           `yaml:"max_line_bytes"`        // log body
	MaxLabels          int           `yaml:"max_labels"`            // labels of a Loki stream, or of a series
	MaxLabelNameBytes  int           `yaml:"max_label_name_bytes"`  // name of such a label
	MaxLabelValueBytes int           `yaml:"max_label_value_bytes"` // value of such a label
	MaxAttrs           int           `yaml:"max_attrs"`             // attributes of one row
	MaxAttrBytes       int           `yaml:"max_attr_bytes"`        // keys and values of one row's attributes together
	MaxBodyBytes       int64         `yaml:"max_body_bytes"`        // one request, compressed or not

	Metric storage.SeriesLimits `yaml:"metric"` // see Series
	Rates  quota.Config         `yaml:"rates"`  // of tenants and tokens
}

// DefaultLimits takes what well-behaved agents send.
func DefaultLimits() Limits {
	return Limits{
		MaxAge:             14 * 24 * time.Hour,
		MaxFuture:          10 * time.Minute,
		MaxLineBytes:       256 << 10,
		MaxLabels:          128,
		MaxLabelNameBytes:  1024,
		MaxLabelValueBytes: 64 << 10,
		MaxAttrs:           1024,
		MaxAttrBytes:       1 << 20,
		MaxBodyBytes:       64 << 20,
		Metric:             storage.DefaultSeriesLimits(),
		Rates:              quota.DefaultConfig(),
	}
}

// Validate returns every problem at once, each prefixed with its key.
func (l Limits) Validate() error {
	var errs []error
	for _, d := range []struct {
		key string
		v   time.Duration
	}{{"max_age", l.MaxAge}, {"max_future", l.MaxFuture}} {
		if d.v < 0 {
			errs = append(errs, fmt.Errorf("%s: %v is negative", d.key, d.v))
		}
	}
	for _, n := range []struct {
		key string
		v   int64
	}{
		{"max_line_bytes", int64(l.MaxLineBytes)},
		{"max_labels", int64(l.MaxLabels)},
		{"max_label_name_bytes", int64(l.MaxLabelNameBytes)},
		{"max_label_value_bytes", int64(l.MaxLabelValueBytes)},
		{"max_attrs", int64(l.MaxAttrs)},
		{"max_attr_bytes", int64(l.MaxAttrBytes)},
	} {
		if n.v < 0 {
			errs = append(errs, fmt.Errorf("%s: %d is negative", n.key, n.v))
		}
	}
	if l.MaxBodyBytes < 1 {
		errs = append(errs, fmt.Errorf("max_body_bytes: %d is not positive", l.MaxBodyBytes))
	}
	section := func(name string, err error) {
		if err != nil {
			for line := range strings.SplitSeq(err.Error(), "\n") {
				errs = append(errs, errors.New(name+"."+line))
			}
		}
	}
	section("metric", l.Metric.Validate())
	section("rates", l.Rates.Validate())
	return errors.Join(errs...)
}

// Series returns what a metric store holds new series to.
func (l Limits) Series() storage.SeriesLimits {
	s := l.Metric
	s.MaxLabels, s.MaxLabelNameBytes, s.MaxLabelValueBytes = l.MaxLabels, l.MaxLabelNameBytes, l.MaxLabelValueBytes
	return s
}

// CheckTime returns "" if a row of time unixNano may come in at now, else the
// reason to count its refusal under: ReasonTooOld or ReasonTooNew.
func (l Limits) CheckTime(unixNano int64, now time.Time) string {
	if l.MaxAge > 0 && unixNano < now.Add(-l.MaxAge).UnixNano() {
		return ReasonTooOld
	}
	if l.MaxFuture > 0 && unixNano > now.Add(l.MaxFuture).UnixNano() {
		return ReasonTooNew
	}
	return ""
}
