package main

import (
	"io"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestAYearHasEverySeriesAndFewMotions(t *testing.T) {
	o, err := parseOptions([]string{"year", "-targets", "oriel-year", "-series", "5000"}, io.Discard)
	require.NoError(t, err)
	old := oldStore(o, t.TempDir())
	require.Len(t, old.Series, 5000)
	require.Less(t, len(old.Motions), 500)
	require.Equal(t, 365*nightAndDay, old.End.Sub(old.Start))
	used := map[int]int{}
	for _, s := range old.Series {
		used[s.Motion]++
	}
	require.Len(t, used, len(old.Motions), "each motion is some series'")
}

func TestCountersOfAYearAreResetNowAndThen(t *testing.T) {
	o, err := parseOptions([]string{"year", "-targets", "oriel-year", "-series", "10000"}, io.Discard)
	require.NoError(t, err)
	old := oldStore(o, t.TempDir())
	resets := 0
	for _, s := range old.Series {
		if s.Labels.Get("__name__") != "node_cpu_seconds_total" || s.Labels.Get("instance") != "10.0.0.1:9100" {
			continue
		}
		last := 0.0
		for range 20_000 {
			v := old.Motions[s.Motion]()
			if v < last {
				resets++
			}
			last = v
		}
	}
	require.Positive(t, resets)
}
