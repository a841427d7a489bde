package otlp

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/plog/plogotlp"

	"github.com/oriel-obs/oriel/model"
)

// wireLogs returns requests that are read from the wire; with odd, those that
// pdata reads.
func wireLogs(t testing.TB, odd bool) map[string][]byte {
	bodies := map[string][]byte{}
	add := func(name string, change func(plog.Logs, plog.LogRecord)) {
		ld := plog.NewLogs()
		rl := ld.ResourceLogs().AppendEmpty()
		rl.SetSchemaUrl("https://schema")
		rl.Resource().Attributes().PutStr("service.name", "api")
		rl.Resource().Attributes().PutStr("host.name", "h1")
		rl.Resource().Attributes().PutEmptyMap("os").PutInt("version", 7)
		sl := rl.ScopeLogs().AppendEmpty()
		sl.Scope().SetName("lib")
		sl.Scope().Attributes().PutBool("kind", true)
		r := sl.LogRecords().AppendEmpty()
		r.SetTimestamp(timestamp(0))
		r.Body().SetStr("hello")
		change(ld, r)
		body, err := plogotlp.NewExportRequestFromLogs(ld).MarshalProto()
		require.NoError(t, err)
		bodies[name] = body
	}
	raw := func(name string, record []byte) { bodies[name] = wrap(record, 2, 2, 1) }
	if odd {
		add("an attribute that is a map", func(_ plog.Logs, r plog.LogRecord) { r.Attributes().PutEmptyMap("m").PutStr("k", "v") })
		add("an attribute that is a list", func(_ plog.Logs, r plog.LogRecord) { r.Attributes().PutEmptySlice("l") })
		add("an attribute of bytes", func(_ plog.Logs, r plog.LogRecord) { r.Attributes().PutEmptyBytes("b").FromRaw([]byte("x")) })
		add("a body that is a map", func(_ plog.Logs, r plog.LogRecord) { r.Body().SetEmptyMap().PutStr("k", "v") })
		add("a body that is a number", func(_ plog.Logs, r plog.LogRecord) { r.Body().SetInt(7) })
		raw("a field that is not known", wrap([]byte("x"), 13))
		raw("two bodies", append(wrap([]byte("a"), 1, 5), wrap([]byte("b"), 1, 5)...))
		raw("a value of two kinds", wrap(append(wrap([]byte("a"), 1), 0x18, 7), 2, 6))
		raw("a trace id of a wrong length", wrap([]byte("short"), 9))
		raw("a body that is a varint", []byte{5 << 3, 7})
		raw("a record that breaks off", []byte{1<<3 | 1, 7})
		bodies["records of old"] = wrap(nil, 2, deprecatedScope, 1)
		bodies["no message"] = []byte{0xff}
		return bodies
	}
	add("a plain record", func(plog.Logs, plog.LogRecord) {})
	add("every field", func(_ plog.Logs, r plog.LogRecord) {
		r.SetObservedTimestamp(timestamp(time.Second))
		r.SetSeverityNumber(plog.SeverityNumberError)
		r.SetSeverityText("E\xff")
		r.SetFlags(plog.DefaultLogRecordFlags.WithIsSampled(true))
		r.SetDroppedAttributesCount(3)
		r.SetTraceID([16]byte{1, 2})
		r.SetSpanID([8]byte{3})
		r.SetEventName("exception")
		r.Body().SetStr("b\xffad")
		a := r.Attributes()
		a.PutStr("s", "x\xff")
		a.PutStr("s", "twice")
		a.PutStr("", "nameless")
		a.PutStr("0-é", "")
		a.PutInt("i", -7)
		a.PutDouble("d", 0.5)
		a.PutBool("b", false)
		a.PutEmpty("none")
		a.PutStr("host.name", "h2")
	})
	add("a record without body, time and attributes", func(_ plog.Logs, r plog.LogRecord) { plog.NewLogRecord().MoveTo(r) })
	add("several resources, scopes and records", func(ld plog.Logs, _ plog.LogRecord) {
		for range 2 {
			ld.ResourceLogs().At(0).CopyTo(ld.ResourceLogs().AppendEmpty())
		}
		more := ld.ResourceLogs().At(1).ScopeLogs()
		more.At(0).LogRecords().At(0).CopyTo(more.At(0).LogRecords().AppendEmpty())
		more.AppendEmpty().LogRecords().AppendEmpty().Body().SetStr("other scope")
		more.AppendEmpty()
		ld.ResourceLogs().AppendEmpty()
	})
	add("records beyond the limits", func(ld plog.Logs, r plog.LogRecord) {
		all := ld.ResourceLogs().At(0).ScopeLogs().At(0).LogRecords()
		all.AppendEmpty().SetTimestamp(1)
		all.AppendEmpty().Body().SetStr(strings.Repeat("x", 2000))
		many := all.AppendEmpty().Attributes()
		for i := range 30 {
			many.PutInt(strings.Repeat("k", i+1), int64(i))
		}
		r.CopyTo(all.AppendEmpty())
	})
	add("a label beyond the limit", func(ld plog.Logs, _ plog.LogRecord) {
		ld.ResourceLogs().At(0).Resource().Attributes().PutStr("service.name", strings.Repeat("x", 3000))
	})
	bodies["nothing"] = nil
	plain := bodies["a plain record"]
	bodies["the resource behind its records"] = append(wrap(append(wrap(wrap([]byte("late"), 1, 5), 2, 2), wrap(nil, 1)...), 1), plain...)
	return bodies
}

func wireRig(t testing.TB) *rig {
	return newRig(t, func(o *Options) {
		o.Limits.MaxAttrs, o.Limits.MaxLineBytes, o.Limits.MaxLabelValueBytes = 20, 1000, 2048
	})
}

func TestUsualRecordsAreReadFromTheWire(t *testing.T) {
	for name, body := range wireLogs(t, false) {
		require.True(t, compareWire(t, wireRig(t), body), name)
	}
	for name, body := range wireLogs(t, true) {
		require.False(t, compareWire(t, wireRig(t), body), name)
	}
}

// compareWire reports whether body is read from the wire, which must then be
// as pdata reads it.
func compareWire(t *testing.T, r *rig, body []byte) bool {
	got, refused, ok := r.logsOnWire(body)
	if !ok {
		return false
	}
	req, err := decode(plogotlp.NewExportRequest, logsRequest, bytes.Clone(body), false)
	require.NoError(t, err)
	want, wantRefused := r.logBatch(req.Logs())
	require.Equal(t, wantRefused, refused)
	require.Equal(t, want, got)
	require.NoError(t, got.Check())
	return true
}

func FuzzLogsOnWire(f *testing.F) {
	for _, odd := range []bool{false, true} {
		for _, body := range wireLogs(f, odd) {
			f.Add(body)
		}
	}
	r := wireRig(f)
	f.Fuzz(func(t *testing.T, body []byte) { compareWire(t, r, body) })
}

// gRPC takes the bytes of a request back once it is decoded.
func TestRecordsOverGRPCKeepTheirText(t *testing.T) {
	r := newRig(t)
	body := wireLogs(t, false)["every field"]
	in := &grpcRequest{sig: r.signals[0]}
	require.NoError(t, in.UnmarshalProto(body))
	clear(body)
	out, err := in.run(t.Context())
	require.NoError(t, err)
	require.Equal(t, 1, out.accepted)
	rows := r.rows(t, model.Logs)
	require.Equal(t, "b\uFFFDad", rows[0].Body)
	require.Equal(t, "exception", rows[0].Attrs["event_name"])
}

func BenchmarkLogs(b *testing.B) {
	body := benchLogs(b)
	r := newRig(b)
	b.Run("wire", func(b *testing.B) {
		b.SetBytes(int64(len(body)))
		b.ReportAllocs()
		for b.Loop() {
			if batch, _, ok := r.logsOnWire(body); !ok || batch.Len() != benchRows {
				b.Fatal("not read")
			}
		}
	})
	b.Run("pdata", func(b *testing.B) {
		b.SetBytes(int64(len(body)))
		b.ReportAllocs()
		for b.Loop() {
			req, err := decode(plogotlp.NewExportRequest, logsRequest, body, false)
			if err != nil {
				b.Fatal(err)
			}
			r.logBatch(req.Logs())
		}
	})
}
