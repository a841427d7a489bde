package main

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
)

// TestSpansThatWaitForSamplingSurviveAKill kills the real process while traces
// wait for their decision, and looks for those that must be kept.
func TestSpansThatWaitForSamplingSurviveAKill(t *testing.T) {
	t.Parallel()
	s := &spanServer{startKilled(t, "self: {enabled: false}\ningest: {spans: {sampling: {enabled: true, probability: 0, decision_wait: 5s}}}\n"), time.Now().Add(-time.Minute)}

	const traces = 200
	failed := func(sp *tracepb.Span) *tracepb.Span {
		sp.Status = &tracepb.Status{Code: tracepb.Status_STATUS_CODE_ERROR}
		return sp
	}
	// The spans of a trace come in three requests, between which the server is
	// killed; of every other trace the last is an error.
	for n := range 3 {
		for i := range uint64(traces) {
			sp := s.span(i+1, n+2, n+1)
			if n == 2 && i%2 == 0 {
				failed(sp)
			}
			require.Zero(t, s.send(t, sp))
		}
		s.kill()
		s.start()
	}
	require.NoError(t, await(func() error { return found(s.tempo, 3*traces/2) }))
}
