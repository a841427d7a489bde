package httpx

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/oriel-obs/oriel/internal/fault"
)

func TestTimesAreRFC3339OrNanoseconds(t *testing.T) {
	at := time.Date(2026, 11, 23, 8, 0, 0, 250_000_000, time.UTC)
	for _, text := range []string{"2026-11-23T08:00:00.25Z", "2026-11-23T09:00:00.25+01:00", "1795420800250000000"} {
		got, err := Time("start", text)
		require.NoError(t, err)
		require.True(t, at.Equal(got), "%s: %v", text, got)
	}
	for _, text := range []string{"", "now", "2026-11-23", "1e18"} {
		_, err := Time("start", text)
		require.ErrorIs(t, err, fault.ErrInvalid)
		require.ErrorContains(t, err, "start: ")
	}
	got, err := TimeOr(at, "end", "")
	require.NoError(t, err)
	require.Equal(t, at, got)
}
