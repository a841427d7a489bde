package ingest

import (
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"
)

func TestSendersAreNamedTheLastFirst(t *testing.T) {
	a := NewAccount(prometheus.NewRegistry())
	at := time.Unix(1_700_000_000, 0).UTC()
	come := func(signal, protocol, tenant, service string, rows int64, seconds int) {
		now := at.Add(time.Duration(seconds) * time.Second)
		a.enter(&arrival{}, []tally{{source: a.sources.find(sourceKey{signal, protocol, tenant, service}, now), rows: rows}}, now)
	}
	come("metrics", "remote_write", "", "node", 1200, 1)
	come("logs", "loki", "acme", "cart", 3, 2)
	come("metrics", "remote_write", "", "node", 4, 3)
	come("spans", "otlp_http", "", "", 9, 4)  // names no service
	come("logs", "loki", "", "refused", 0, 5) // nothing of it was taken
	come("metrics", "remote_write", "", "db", 7, 1)

	require.Equal(t, []Sender{
		{"remote_write", "metrics", "", "node", 1204, at.Add(3 * time.Second)},
		{"loki", "logs", "acme", "cart", 3, at.Add(2 * time.Second)},
		{"remote_write", "metrics", "", "db", 7, at.Add(time.Second)},
	}, a.Senders(10))
	require.Len(t, a.Senders(1), 1)
	require.Empty(t, NewAccount(prometheus.NewRegistry()).Senders(10))
}
