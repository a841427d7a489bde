package self_test

import (
	"context"

	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/model/labels"
	promstorage "github.com/prometheus/prometheus/storage"
)

// nowhere is a metric store that keeps nothing.
type nowhere struct{}

func (nowhere) AppenderV2(context.Context) promstorage.AppenderV2 { return nowhere{} }

func (nowhere) Append(promstorage.SeriesRef, labels.Labels, int64, int64, float64, *histogram.Histogram, *histogram.FloatHistogram, promstorage.AOptions) (promstorage.SeriesRef, error) {
	return 0, nil
}

func (nowhere) Commit() error   { return nil }
func (nowhere) Rollback() error { return nil }
