package main

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestQuantilesAreOfSortedTimes(t *testing.T) {
	var took []time.Duration
	for i := range 100 {
		took = append(took, time.Duration(100-i)*time.Millisecond)
	}
	require.Equal(t, []float64{51, 96, 100}, quantiles(took))
	require.Equal(t, []float64{7, 7, 7}, quantiles([]time.Duration{7 * time.Millisecond}))
	require.Equal(t, []float64{0, 0, 0}, quantiles(nil))
}

func TestNeighboursFailIfTheStormDoublesTheirLatency(t *testing.T) {
	fast, slow := []time.Duration{time.Millisecond}, []time.Duration{3 * time.Millisecond}
	n := &neighbourhood{o: &options{}, s: &server{target: &target{name: "x"}}, storms: []*storm{{name: "a storm", lasted: time.Second}}, quiet: []*chore{
		{name: "even", took: [][]time.Duration{fast, fast}}, {name: "held up", took: [][]time.Duration{fast, slow}},
	}}
	var out strings.Builder
	require.EqualError(t, n.report(&out), "held up: 95% are answered in 3 ms beside a storm, in 1 ms alone")
	require.Contains(t, out.String(), "| even | 1 | 1 | 1 | 1 | 1 | 1 | 1.00 | 1.00 | 2 |")
}
