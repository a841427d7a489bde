package main

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Every key takes durations as 14d and sizes as 64MiB, whatever it is in Go.
func TestDurationsAndSizesHaveOneSpelling(t *testing.T) {
	c, err := load(t, `
limits: {max_age: 14d, max_body_bytes: 64MiB, rates: {tenants: {a: {bytes_per_second: 2MiB, query_timeout: "1m30s"}}}}
query:
  timeout: '1h30m' # as in Go
  max_memory: "1GiB" # ä
storage: {event: {retention: 3w, max_bytes: 100GiB}, metric: {retention: 1y, retention_size: 50GiB}}
ingest: {statsd: {ttl: 0, idle_timeout: 0}, graphite: {idle_timeout: 1d}}
auth: {sessions: {idle: 7d, absolute: 30d}}
`)
	require.NoError(t, err)
	const day = 24 * time.Hour
	require.Equal(t, 14*day, c.Limits.MaxAge)
	require.EqualValues(t, 64<<20, c.Limits.MaxBodyBytes)
	require.EqualValues(t, 2<<20, c.Limits.Rates.Tenants["a"].Bytes)
	require.Equal(t, 90*time.Second, c.Limits.Rates.Tenants["a"].Timeout)
	require.Equal(t, 90*time.Minute, c.Query.Timeout)
	require.EqualValues(t, 1<<30, c.Query.MaxMemory)
	require.EqualValues(t, 100<<30, c.Storage.Event.MaxBytes)
	require.Equal(t, 21*day, time.Duration(c.Storage.Event.Retention))
	require.Zero(t, c.Ingest.StatsD.TTL)
	require.Zero(t, c.Ingest.StatsD.IdleTimeout)
	require.Equal(t, day, c.Ingest.Graphite.IdleTimeout)
	require.Equal(t, 7*day, c.Auth.Sessions.Idle)
}

// The page shows limits as people write them.
func TestLimitsInForceAreSpelledAsPeopleWriteThem(t *testing.T) {
	c, err := load(t, "limits: {max_age: 336h, max_future: 90s, rates: {burst: 1500ms, tenants: {a: {query_timeout: 2h}}}}\n")
	require.NoError(t, err)
	limits := (&app{cfg: c}).limitsInForce()
	require.Equal(t, "14d", limits["max_age"])
	require.Equal(t, "1m30s", limits["max_future"])
	rates := limits["rates"].(map[string]any)
	require.Equal(t, "1s500ms", rates["burst"])
	require.Equal(t, "2h", rates["tenants"].(map[string]any)["a"].(map[string]any)["query_timeout"])
	require.Equal(t, "1.5µs", spelledDuration(1500*time.Nanosecond))
}

func TestRespellingChangesNothingElse(t *testing.T) {
	for _, text := range []string{
		"", "a: [1\n", "query: {timeout: 2m, max_lines: 5}\n",
		"query: {max_lines: 64MiB}\n",                     // counts lines
		"query: {timeout: 14x, max_memory: [1GiB]}\n",     // faults, told by the decoder
		"web: {external_url: 14d}\n",                      // a text
		"alertmanager: {route: {repeat_interval: 14d}}\n", // Alertmanager's
		"storage: {event: {retention: 14d}}\n",            // taken as it is
	} {
		require.Equal(t, text, withPlainUnits(text))
	}
	require.Equal(t, "x: 1\nquery:\n  timeout:   336h0m0s  # 14d\n", withPlainUnits("x: 1\nquery:\n  timeout:   14d  # 14d\n"))
}
