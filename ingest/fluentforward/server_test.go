package fluentforward_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"io"
	"net"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/tinylib/msgp/msgp"
	"go.uber.org/goleak"

	"github.com/oriel-obs/oriel/ingest"
	"github.com/oriel-obs/oriel/ingest/fluentforward"
	"github.com/oriel-obs/oriel/ingest/logrecord"
	"github.com/oriel-obs/oriel/ingest/logrecord/logrecordtest"
	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/storage"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// serve runs a server until the test ends and returns a connection to it.
func serve(t testing.TB, o logrecord.Options) net.Conn {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- fluentforward.New(l, fluentforward.DefaultConfig(), o).Run(ctx) }()
	conn, err := net.Dial("tcp", l.Addr().String())
	require.NoError(t, err)
	require.NoError(t, conn.SetDeadline(time.Now().Add(20*time.Second)))
	t.Cleanup(func() {
		_ = conn.Close()
		cancel()
		require.NoError(t, <-ended)
	})
	return conn
}

// pack returns values in MessagePack; msgp.Raw goes in as it is.
func pack(values ...any) msgp.Raw {
	var b []byte
	for _, v := range values {
		if raw, ok := v.(msgp.Raw); ok {
			b = append(b, raw...)
			continue
		}
		var err error
		if b, err = msgp.AppendIntf(b, v); err != nil {
			panic(err)
		}
	}
	return b
}

// array returns the array of values.
func array(values ...any) msgp.Raw {
	return append(msgp.AppendArrayHeader(nil, uint32(len(values))), pack(values...)...)
}

type record = map[string]any

// eventTime is 1 s and 5 ns, in the protocol's extension.
var eventTime = msgp.Raw{0xd7, 0, 0, 0, 0, 1, 0, 0, 0, 5}

// acked sends m, which has the chunk "c1", and waits for its acknowledgement.
func acked(t *testing.T, conn net.Conn, m msgp.Raw) {
	t.Helper()
	_, err := conn.Write(m)
	require.NoError(t, err)
	want := pack(record{"ack": "c1"})
	got := make([]byte, len(want))
	_, err = io.ReadFull(conn, got)
	require.NoError(t, err)
	require.Equal(t, []byte(want), got)
}

var chunk = record{"chunk": "c1"}

func zipped(b []byte) []byte {
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	z.Write(b)
	z.Close()
	return out.Bytes()
}

func TestEveryMode(t *testing.T) {
	entries := pack(array(1, record{"log": "one"}), array(eventTime, record{"log": "two"}))
	want := []string{`1970-01-01T00:00:01.000000005Z {tag="app"}: two`, `1970-01-01T00:00:01Z {tag="app"}: one`}
	for name, m := range map[string]msgp.Raw{
		"forward":                   array("app", array(array(1, record{"log": "one"}), array(eventTime, record{"log": "two"})), chunk),
		"packed forward":            array("app", []byte(entries), chunk),
		"packed forward in text":    array("app", string(entries), chunk),
		"compressed packed forward": array("app", zipped(entries), record{"chunk": "c1", "compressed": "gzip", "size": 2}),
		"Fluent Bit's entries":      array("app", array(array(array(1, record{}), record{"log": "one"}), array(array(eventTime, record{}), record{"log": "two"})), record{"chunk": "c1", "fluent_signal": 0}),
	} {
		t.Run(name, func(t *testing.T) {
			s := logrecordtest.New()
			acked(t, serve(t, s.Options()), m)
			require.ElementsMatch(t, want, s.Rows(t), "what is acknowledged is stored")
		})
	}
	t.Run("message", func(t *testing.T) {
		s := logrecordtest.New()
		conn := serve(t, s.Options())
		_, err := conn.Write(pack(nil, array("app", 1, record{"log": "one"}))) // a heartbeat before it
		require.NoError(t, err)
		acked(t, conn, array("app", eventTime, record{"log": "two"}, chunk))
		require.ElementsMatch(t, want, s.Rows(t))
	})
}

func TestRecords(t *testing.T) {
	s := logrecordtest.New()
	acked(t, serve(t, s.Options()), array("kube.api", array(
		array(1, record{
			"log": []byte("bytes are text\n"), "stream": "stdout", "n": 7, "big": uint64(1 << 63), "f": 1.5, "ok": true, "nil": nil, "list": []any{1, "a"},
			"kubernetes": record{"namespace_name": "shop", "container_name": "api", "labels": record{"app": "x"}},
		}),
		array(2, record{"a": record{"b": 1}}),
		array(1.5, record{"message": "m", "log": "l"}),
	), chunk))
	require.Equal(t, []string{
		`1970-01-01T00:00:01.5Z {tag="kube.api"} message=m: l`,
		`1970-01-01T00:00:01Z {k8s_container_name="api", k8s_namespace_name="shop", tag="kube.api"} big=9223372036854775808 f=1.5 kubernetes.labels.app=x list=[1,"a"] n=7 ok=true stream=stdout: bytes are text` + "\n",
		`1970-01-01T00:00:02Z {tag="kube.api"} a.b=1: {"a":{"b":1}}`,
	}, sorted(s.Rows(t)))
}

func sorted(rows []string) []string {
	if len(rows) > 1 && rows[0] > rows[1] {
		rows[0], rows[1] = rows[1], rows[0]
	}
	return rows
}

func TestWhatIsNoMessageEndsTheConnectionAndIsCounted(t *testing.T) {
	deep := bytes.Repeat([]byte{0x91}, 100)
	for name, m := range map[string][]byte{
		"a number":                    pack(7),
		"an array of one":             array("app"),
		"a tag that is a number":      array(7, 1, record{}),
		"packed entries that are not": array("app", []byte{0xc1}, chunk),
		"entries that break off":      array("app", []byte(array(1, record{"a": "b"}))[:3], chunk),
		"an entry of one":             array("app", array(array(1)), chunk),
		"a time that is text":         array("app", array(array("noon", record{})), chunk),
		"not gzip":                    array("app", []byte("x"), record{"compressed": "gzip"}),
		"another compression":         array("app", []byte("x"), record{"compressed": "zstd"}),
		"metrics":                     array("app", []byte("x"), record{"fluent_signal": 1}),
		"no MessagePack":              []byte("\xc1\xc1"),
		"nested too deep":             deep,
		"an array of 4 billion":       {0xdd, 0xff, 0xff, 0xff, 0xff, 0xa1, 'x', 0xc1},
	} {
		t.Run(name, func(t *testing.T) {
			s := logrecordtest.New()
			conn := serve(t, s.Options())
			_, err := conn.Write(m)
			require.NoError(t, err)
			_, err = conn.Read(make([]byte, 1))
			require.Error(t, err)
			require.Equal(t, map[string]int64{"malformed": 1}, s.Refused())
			require.Empty(t, s.Rows(t))
		})
	}
}

func TestOneBadRecordDoesNotStopTheOthers(t *testing.T) {
	s := logrecordtest.New()
	o := s.Options()
	o.Limits.MaxLineBytes = 3
	acked(t, serve(t, o), array("app", array(array(1, record{"log": "one"}), array(1, 7), array(1, record{"log": "long"})), chunk))
	require.Len(t, s.Rows(t), 1)
	require.Equal(t, map[string]int64{"malformed": 1, "too_large": 1}, s.Refused())
}

func TestAMessageOverTheLimitIsNotHeld(t *testing.T) {
	for name, m := range map[string]msgp.Raw{
		"announced":     {0x92, 0xa1, 'x', 0xc6, 0xff, 0xff, 0xff, 0xff},
		"compressed":    array("app", zipped(make([]byte, 1<<20)), record{"compressed": "gzip"}),
		"in many parts": array("app", array(array(1, record{"a": string(make([]byte, 9000))}), array(1, record{"a": string(make([]byte, 9000))}))),
	} {
		t.Run(name, func(t *testing.T) {
			s := logrecordtest.New()
			o := s.Options()
			o.Limits.MaxBodyBytes = 10_000
			conn := serve(t, o)
			_, err := conn.Write(append(m, make([]byte, 10_001)...))
			require.NoError(t, err)
			_, err = io.ReadAll(conn)
			_ = err // a reset, or the end
			require.Equal(t, map[string]int64{"too_large": 1}, s.Refused())
		})
	}
}

type failing struct{}

func (failing) Append(context.Context, *model.Batch) error { return storage.ErrReadOnly }

func TestWhatIsNotStoredIsNotAcknowledged(t *testing.T) {
	s := logrecordtest.New()
	o := s.Options()
	o.Events = failing{}
	conn := serve(t, o)
	_, err := conn.Write(array("app", 1, record{"log": "one"}, chunk))
	require.NoError(t, err)
	got, _ := io.ReadAll(conn)
	require.Empty(t, got)
	require.Equal(t, map[string]int64{"storage": 1}, s.Refused())
}

func TestConfigNamesWhatIsWrong(t *testing.T) {
	require.NoError(t, fluentforward.DefaultConfig().Validate())
	require.ErrorContains(t, fluentforward.Config{Listen: "24224", IdleTimeout: -1}.Validate(),
		"listen: address 24224: missing port in address\nmax_connections: 0 is not positive\nmax_connections_per_peer: 0 is not positive\nidle_timeout: -1ns is negative")
}

// A few kilobytes can hold very many entries: their rows must not all be in
// memory at once.
func TestManySmallEntriesAreStoredInParts(t *testing.T) {
	const entries = 150_000
	sink := logrecordtest.New()
	o := sink.Options()
	most := &widest{EventWriter: o.Events}
	o.Events = most
	conn := serve(t, o)
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	one := array(time.Now().Unix(), record{})
	for range entries {
		_, err := z.Write(one)
		require.NoError(t, err)
	}
	require.NoError(t, z.Close())
	require.Less(t, packed.Len(), 16<<10)
	acked(t, conn, array("app", packed.Bytes(), record{"compressed": "gzip", "chunk": "c1"}))
	require.EqualValues(t, entries, most.rows.Load())
	require.LessOrEqual(t, most.widest.Load(), int64(1<<16))
}

// A widest notes how many rows came, and how many at once.
type widest struct {
	ingest.EventWriter
	rows, widest atomic.Int64
}

func (w *widest) Append(ctx context.Context, b *model.Batch) error {
	w.rows.Add(int64(b.Len()))
	w.widest.Store(max(w.widest.Load(), int64(b.Len())))
	return w.EventWriter.Append(ctx, b)
}
