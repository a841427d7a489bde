//go:build e2e

package e2e

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// A senderServer is a server that every sender of these tests can reach.
type senderServer struct {
	oriel
	influx, statsd, pushgateway, graphite string // host:port
}

func startForSenders(t *testing.T) senderServer {
	t.Helper()
	s := senderServer{influx: freeAddr(t), statsd: freeAddr(t), pushgateway: freeAddr(t), graphite: freeAddr(t)}
	config := filepath.Join(t.TempDir(), "oriel.yaml")
	require.NoError(t, os.WriteFile(config, fmt.Appendf(nil, `
ingest:
  statsd: {listen: %q, flush_interval: 1s}
  graphite: {listen: %q}
compat_listeners: {influxdb: %q, pushgateway: %q}
`, s.statsd, s.graphite, s.influx, s.pushgateway), 0o644))
	s.oriel = startOriel(t, "serve", false, "--config", config)
	return s
}

// requireValues waits until every query has its value.
func (s senderServer) requireValues(t *testing.T, values map[string]string) {
	t.Helper()
	for query, want := range values {
		await(t, func() error {
			got, err := value(s.url, query)
			if err == nil && got != want {
				err = fmt.Errorf("%s is %s, want %s", query, got, want)
			}
			return err
		})
	}
}

// InfluxDB's client libraries for Node.js, of both APIs.
func TestInfluxClients(t *testing.T) {
	t.Parallel()
	s := startForSenders(t)
	host, port, err := net.SplitHostPort(s.influx)
	require.NoError(t, err)
	nodeProgram(t, "influx.mjs", "INFLUX_HOST="+host, "INFLUX_PORT="+port)
	s.requireValues(t, map[string]string{
		`count(orders_v1_paid{db="shop"})`:                            "1000",
		`orders_v1_paid{customer="c 42,="}`:                           "42",
		`sum(orders_v1_open)`:                                         "500",
		`count(orders_v2{db="shop"})`:                                 "1000",
		`orders_v2{customer="c 999,="}`:                               "499.5",
		`sum(orders_v2_items)`:                                        "499500",
		`oriel_ingest_rejected_total{protocol="influx"} or vector(0)`: "0",
	})
}

// hot-shots, over UDP and TCP.
func TestHotShots(t *testing.T) {
	t.Parallel()
	s := startForSenders(t)
	nodeProgram(t, "statsd.mjs", "STATSD_PORT="+port(t, s.statsd))
	for _, p := range []string{"udp", "tcp"} {
		s.requireValues(t, map[string]string{
			`e2e_` + p + `_orders{env="e2e"}`:                "1000",
			`max_over_time(e2e_` + p + `_customers[5m])`:     "70",
			`histogram_count(e2e_` + p + `_time)`:            "1000",
			`histogram_sum(e2e_` + p + `_time)`:              "499.5",
			`histogram_count(e2e_` + p + `_size{env="e2e"})`: "1000",
			`e2e_` + p + `_open`:                             "3",
		})
	}
}

// prom-client's Pushgateway.
func TestPromClientPushes(t *testing.T) {
	t.Parallel()
	s := startForSenders(t)
	nodeProgram(t, "pushgateway.mjs", "PUSHGATEWAY=http://"+s.pushgateway)
	s.requireValues(t, map[string]string{
		`e2e_pushed_total{job="nightly/backup",instance="db 1"}`:   "8",
		`e2e_pushed_seconds_bucket{job="nightly/backup",le="0.5"}`: "1",
		`count(push_time_seconds) or vector(0)`:                    "1",
	})
}
