package ingest_test

import (
	"errors"
	"fmt"
	"io"
	"testing"

	"github.com/prometheus/prometheus/model/histogram"
	promstorage "github.com/prometheus/prometheus/storage"
	"github.com/stretchr/testify/require"

	"github.com/oriel-obs/oriel/ingest"
	"github.com/oriel-obs/oriel/internal/fault"
	"github.com/oriel-obs/oriel/storage"
)

func TestReasonsOfSamples(t *testing.T) {
	for err, reason := range map[error]string{
		promstorage.ErrOutOfOrderSample:                 ingest.ReasonOutOfOrder,
		promstorage.ErrOutOfOrderExemplar:               ingest.ReasonOutOfOrder,
		promstorage.ErrTooOldSample:                     ingest.ReasonTooOld,
		promstorage.ErrOutOfBounds:                      ingest.ReasonTooOld,
		promstorage.ErrDuplicateSampleForTimestamp:      ingest.ReasonDuplicate,
		promstorage.ErrExemplarLabelLength:              ingest.ReasonTooLarge,
		histogram.ErrHistogramCountMismatch:             ingest.ReasonMalformed,
		fmt.Errorf("x: %w", storage.ErrSeriesLimit):     ingest.ReasonSeriesLimit,
		fmt.Errorf("x: %w", storage.ErrLabelLimit):      ingest.ReasonLabels,
		io.ErrShortWrite:                                "",
		errors.Join(fault.ErrInvalid, io.ErrNoProgress): "",
	} {
		require.Equal(t, reason, ingest.ReasonOfSample(fmt.Errorf("wrapped: %w", err)), err)
	}
}

func TestLimitsOfMetricsNameTheirKeys(t *testing.T) {
	l := ingest.DefaultLimits()
	require.NoError(t, l.Validate())
	l.Metric = storage.SeriesLimits{MaxSeries: -1, MaxSeriesPerMetric: -1, WarnAt: 2}
	for _, key := range []string{"metric.max_series: ", "metric.max_series_per_metric: ", "metric.warn_at: "} {
		require.ErrorContains(t, l.Validate(), key)
	}
}
