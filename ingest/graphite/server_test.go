package graphite_test

import (
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/oriel-obs/oriel/ingest/graphite"
	"github.com/oriel-obs/oriel/ingest/samples/samplestest"
	"github.com/oriel-obs/oriel/internal/lines"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// start serves c and returns the addresses of TCP and UDP.
func start(t testing.TB, s *samplestest.Store, c graphite.Config) (tcp, udp string) {
	t.Helper()
	require.NoError(t, c.Validate())
	sockets, err := lines.Listen("127.0.0.1:0", "")
	require.NoError(t, err)
	srv, err := graphite.New(sockets, c, s.Options())
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- srv.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		require.NoError(t, <-done)
	})
	return sockets.Addrs()[0].String(), sockets.Addrs()[1].String()
}

func send(t testing.TB, network, addr, text string) {
	t.Helper()
	c, err := net.Dial(network, addr)
	require.NoError(t, err)
	_, err = fmt.Fprint(c, text)
	require.NoError(t, err)
	require.NoError(t, c.Close())
}

func await(t testing.TB, ok func() bool) {
	t.Helper()
	require.Eventually(t, ok, 10*time.Second, time.Millisecond)
}

func TestALineIsASample(t *testing.T) {
	tests := []struct {
		name, line, want string
	}{
		{"path", "servers.web1.cpu 0.5 1700000000", `servers_web1_cpu 0.5 1700000000000`},
		{"tags", "disk.used;host=web1;rack=a.1 42 1700000000", `disk_used{host="web1", rack="a.1"} 42 1700000000000`},
		{"parts of a second", "m 1 1700000000.25", `m 1 1700000000250`},
		{"tabs and blanks", "m\t 1   1700000000  ", `m 1 1700000000000`},
		{"exponent", "m 1e3 1700000000\r", `m 1000 1700000000000`},
		{"infinite", "m -Inf 1700000000", `m -Inf 1700000000000`},
		{"an empty tag is none", "m;a= 1 1700000000", `m 1 1700000000000`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := samplestest.New()
			tcp, udp := start(t, s, graphite.DefaultConfig())
			send(t, "tcp", tcp, tt.line+"\n")
			await(t, func() bool { return s.Accepted() == 1 })
			send(t, "udp", udp, tt.line)
			await(t, func() bool { return s.Accepted() == 2 })
			require.Equal(t, []string{tt.want, tt.want}, s.Rows())
			require.Empty(t, s.Refused())
		})
	}
}

func TestALineWithoutATimeIsOfNow(t *testing.T) {
	for _, line := range []string{"m 1\n", "m 1 -1\n", "m 1 N\n"} {
		s := samplestest.New()
		tcp, _ := start(t, s, graphite.DefaultConfig())
		before := time.Now().UnixMilli()
		send(t, "tcp", tcp, line)
		await(t, func() bool { return s.Accepted() == 1 })
		var at int64
		_, err := fmt.Sscanf(s.Rows()[0], "m 1 %d", &at)
		require.NoError(t, err)
		require.GreaterOrEqual(t, at, before)
	}
}

func TestAFaultyLineIsCountedAndTheNextTaken(t *testing.T) {
	tests := []struct{ line, want string }{
		{"m", "malformed 1: line \"m\": not `path value time`"},
		{"m 1 2 3", "malformed 1: line \"m 1 2 3\": not `path value time`"},
		{"m one 1700000000", `malformed 1: line "m one 1700000000": value "one" is no number`},
		{"m nan 1700000000", `malformed 1: line "m nan 1700000000": value "nan" is no number`},
		{"m 1 noon", `malformed 1: line "m 1 noon": "noon" is no time`},
		{"m 1 1e30", `malformed 1: line "m 1 1e30": "1e30" is no time`},
		{"m;tag 1 1", `malformed 1: line "m;tag 1 1": tag "tag" is not name=value`},
		{";a=b 1 1", `invalid_labels 1: metric without a name`},
		{strings.Repeat("x", 300), "too_large 1: line is longer than max_line_bytes, 256: \"" + strings.Repeat("x", 64) + "\""},
	}
	for _, tt := range tests {
		s := samplestest.New()
		c := graphite.DefaultConfig()
		c.MaxLineBytes = 256
		tcp, _ := start(t, s, c)
		send(t, "tcp", tcp, tt.line+"\nfine 1 1700000000\n")
		await(t, func() bool { return s.Accepted() == 1 })
		require.Equal(t, []string{"fine 1 1700000000000"}, s.Rows())
		require.Equal(t, []string{tt.want}, s.Refused())
	}
}

func TestMappingRulesNameAndLabel(t *testing.T) {
	file := filepath.Join(t.TempDir(), "mapping.yml")
	require.NoError(t, os.WriteFile(file, []byte(`
mappings:
  - {match: servers.*.cpu, name: cpu, labels: {server: $1}}
  - {match: noise.*, name: noise, action: drop}
`), 0o644))
	c := graphite.DefaultConfig()
	c.MappingFile = file
	const text = "servers.a.cpu;az=1 1 1\nservers.b.cpu 2 1\nservers.a.cpu;az=1 3 2\nnoise.x 1 1\nother.x 4 1\n"
	s := samplestest.New()
	tcp, _ := start(t, s, c)
	send(t, "tcp", tcp, text)
	await(t, func() bool { return s.Accepted() == 4 })
	require.Equal(t, []string{`cpu{az="1", server="a"} 1 1000`, `cpu{az="1", server="a"} 3 2000`, `cpu{server="b"} 2 1000`, `other_x 4 1000`}, s.Rows())
	require.Equal(t, []string{`unmapped 1: the mapping file leaves it out: "noise.x"`}, s.Refused())

	c.StrictMatch = true
	s = samplestest.New()
	tcp, _ = start(t, s, c)
	send(t, "tcp", tcp, text)
	await(t, func() bool { return s.Accepted() == 3 })
	require.Equal(t, []string{`unmapped 2: the mapping file leaves it out: "noise.x"`}, s.Refused())
}

func TestConfigurationsThatCannotWorkAreRefused(t *testing.T) {
	c := graphite.DefaultConfig()
	c.Listen, c.StrictMatch, c.MaxLineBytes, c.IdleTimeout = "x", true, 1, -1
	require.EqualError(t, c.Validate(), "listen: address x: missing port in address\nstrict_match: needs a mapping_file\nmax_line_bytes: 1 is less than 256\nidle_timeout: -1ns is negative")
}
