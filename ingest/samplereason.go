package ingest

import (
	"errors"

	"github.com/prometheus/prometheus/model/histogram"
	promstorage "github.com/prometheus/prometheus/storage"

	"github.com/oriel-obs/oriel/storage"
)

// ReasonOfSample returns the reason to count a sample under whose append gave
// err, or "" if err is not about the sample but of the store.
func ReasonOfSample(err error) string {
	var invalid histogram.Error
	switch {
	case errors.Is(err, storage.ErrSeriesLimit):
		return ReasonSeriesLimit
	case errors.Is(err, storage.ErrLabelLimit):
		return ReasonLabels
	case errors.Is(err, promstorage.ErrOutOfOrderSample), errors.Is(err, promstorage.ErrOutOfOrderExemplar):
		return ReasonOutOfOrder
	case errors.Is(err, promstorage.ErrTooOldSample), errors.Is(err, promstorage.ErrOutOfBounds):
		return ReasonTooOld
	case errors.Is(err, promstorage.ErrDuplicateSampleForTimestamp):
		return ReasonDuplicate
	case errors.Is(err, promstorage.ErrExemplarLabelLength):
		return ReasonTooLarge
	case errors.As(err, &invalid):
		return ReasonMalformed
	}
	return ""
}
