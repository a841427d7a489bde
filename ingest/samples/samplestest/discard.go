package samplestest

import (
	"context"

	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/model/labels"
	promstorage "github.com/prometheus/prometheus/storage"
)

// Discard is a store that keeps nothing, for benchmarks of decoders.
type Discard struct{}

// AppenderV2 implements promstorage.AppendableV2.
func (d Discard) AppenderV2(context.Context) promstorage.AppenderV2 { return d }

// Append implements promstorage.AppenderV2.
func (Discard) Append(promstorage.SeriesRef, labels.Labels, int64, int64, float64, *histogram.Histogram, *histogram.FloatHistogram, promstorage.AOptions) (promstorage.SeriesRef, error) {
	return 1, nil
}

// Commit implements promstorage.AppenderV2.
func (Discard) Commit() error { return nil }

// Rollback implements promstorage.AppenderV2.
func (Discard) Rollback() error { return nil }
