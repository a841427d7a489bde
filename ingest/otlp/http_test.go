package otlp

import (
	"bytes"
	"compress/flate"
	"compress/zlib"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/s2"
	"github.com/klauspost/compress/zstd"
	"github.com/pierrec/lz4/v4"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/plog/plogotlp"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	statuspb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"github.com/oriel-obs/oriel/ingest"
	"github.com/oriel-obs/oriel/internal/fault"
	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/storage"
)

var paths = []string{
	"/v1/logs", "/v1/metrics", "/v1/traces", "/otlp/v1/logs", "/otlp/v1/metrics", "/otlp/v1/traces", "/api/v1/otlp/v1/metrics",
}

// oneLog is a request of one record.
func oneLog(t testing.TB) []byte {
	t.Helper()
	ld := plog.NewLogs()
	rl := ld.ResourceLogs().AppendEmpty()
	rl.Resource().Attributes().PutStr("service.name", "api")
	r := rl.ScopeLogs().AppendEmpty().LogRecords().AppendEmpty()
	r.Body().SetStr("hello")
	b, err := plogotlp.NewExportRequestFromLogs(ld).MarshalProto()
	require.NoError(t, err)
	return b
}

func TestEmptyRequestIsFullSuccessInItsOwnType(t *testing.T) {
	for _, path := range paths {
		for _, tt := range []struct{ media, in, want string }{
			{"application/x-protobuf", "", ""},
			{"application/json", "{}", "{}"},
			{"application/json; charset=utf-8", "{}", "{}"},
		} {
			t.Run(path+" "+tt.media, func(t *testing.T) {
				w := newRig(t).do(http.MethodPost, path, []byte(tt.in), "Content-Type", tt.media)
				require.Equal(t, 200, w.Code)
				require.Equal(t, strings.Split(tt.media, ";")[0], w.Header().Get("Content-Type"))
				require.Equal(t, tt.want, w.Body.String())
			})
		}
	}
}

func TestOtherMethodsAndTypesGetThePlainTextOfTheCollector(t *testing.T) {
	r := newRig(t)
	for _, path := range paths {
		w := r.do(http.MethodGet, path, nil)
		require.Equal(t, 405, w.Code)
		require.Equal(t, "405 method not allowed, supported: [POST]", w.Body.String())
		require.Equal(t, "text/plain", w.Header().Get("Content-Type"))
		require.Equal(t, "POST", w.Header().Get("Allow"))
		for _, media := range []string{"", "text/plain", "application/protobuf", "application/json;;", "\x00"} {
			w = r.do(http.MethodPost, path, nil, "Content-Type", media)
			require.Equal(t, 415, w.Code, media)
			require.Equal(t, "415 unsupported media type, supported: [application/json, application/x-protobuf]", w.Body.String())
			require.Equal(t, "text/plain", w.Header().Get("Content-Type"))
		}
	}
	require.Equal(t, map[string]int64{ingest.ReasonMediaType: int64(5 * len(paths))}, r.reasons())
	require.Equal(t, 404, r.do(http.MethodPost, "/v1development/profiles", nil, "Content-Type", mediaJSON).Code)
}

func TestContentEncodings(t *testing.T) {
	body := oneLog(t)
	with := func(f func(w io.Writer) io.WriteCloser) []byte {
		var b bytes.Buffer
		w := f(&b)
		_, err := w.Write(body)
		require.NoError(t, err)
		require.NoError(t, w.Close())
		return b.Bytes()
	}
	tests := []struct {
		encoding string
		body     []byte
		status   int
	}{
		{"", body, 200},
		{"identity", body, 200},
		{"gzip", with(func(w io.Writer) io.WriteCloser { return gzip.NewWriter(w) }), 200},
		{"zstd", with(func(w io.Writer) io.WriteCloser { z, _ := zstd.NewWriter(w); return z }), 200},
		{"deflate", with(func(w io.Writer) io.WriteCloser { return zlib.NewWriter(w) }), 200},
		{"zlib", with(func(w io.Writer) io.WriteCloser { return zlib.NewWriter(w) }), 200},
		{"deflate", with(func(w io.Writer) io.WriteCloser { z, _ := flate.NewWriter(w, 1); return z }), 200},
		{"snappy", s2.EncodeSnappy(nil, body), 200},
		{"snappy", with(func(w io.Writer) io.WriteCloser { return s2.NewWriter(w, s2.WriterSnappyCompat()) }), 200},
		{"lz4", with(func(w io.Writer) io.WriteCloser { return lz4.NewWriter(w) }), 200},
		{"br", body, 400},
		{"gzip", body, 400},
		{"zstd", []byte("no zstd"), 400},
		{"lz4", []byte("no lz4 here"), 400},
	}
	for i, tt := range tests {
		t.Run(fmt.Sprint(i, tt.encoding, tt.status), func(t *testing.T) {
			r := newRig(t)
			w := r.do(http.MethodPost, "/v1/logs", tt.body, "Content-Type", mediaProtobuf, "Content-Encoding", tt.encoding)
			require.Equal(t, tt.status, w.Code, w.Body)
			if tt.status == 200 {
				require.Len(t, r.rows(t, model.Logs), 1)
				require.Equal(t, int64(len(body)), r.account.Accepted()[0].Bytes)
				return
			}
			require.Empty(t, r.rows(t, model.Logs))
			require.Equal(t, map[string]int64{ingest.ReasonMalformed: 1}, r.reasons())
			if tt.encoding == "br" {
				require.Contains(t, w.Body.String(), "unsupported Content-Encoding: br")
			}
		})
	}
}

func TestTooLargeBeforeOrAfterDecompressionIs413(t *testing.T) {
	small := func(o *Options) { o.Limits.MaxBodyBytes = 1000 }
	var z bytes.Buffer
	g := gzip.NewWriter(&z)
	_, _ = g.Write(make([]byte, 1<<20))
	_ = g.Close()
	require.Less(t, z.Len(), 1200)
	for _, tt := range []struct {
		body     []byte
		encoding string
	}{{make([]byte, 1001), ""}, {z.Bytes(), "gzip"}, {s2.Encode(nil, make([]byte, 1001)), "snappy"}} {
		r := newRig(t, small)
		w := r.do(http.MethodPost, "/v1/traces", tt.body, "Content-Type", mediaProtobuf, "Content-Encoding", tt.encoding)
		require.Equal(t, 413, w.Code)
		var s statuspb.Status
		require.NoError(t, proto.Unmarshal(w.Body.Bytes(), &s))
		require.EqualValues(t, 8, s.Code)
		require.Empty(t, s.Details, "RetryInfo would ask for the same again")
		require.Equal(t, map[string]int64{ingest.ReasonTooLarge: 1}, r.reasons())
	}
}

func TestUndecodableIs400WithStatusInTheRequestsType(t *testing.T) {
	for _, path := range paths {
		r := newRig(t)
		w := r.do(http.MethodPost, path, []byte{0x0a, 0xff}, "Content-Type", mediaProtobuf)
		require.Equal(t, 400, w.Code)
		require.Equal(t, mediaProtobuf, w.Header().Get("Content-Type"))
		var s statuspb.Status
		require.NoError(t, proto.Unmarshal(w.Body.Bytes(), &s))
		require.EqualValues(t, 3, s.Code)
		require.Contains(t, s.Message, "decode protobuf")

		w = r.do(http.MethodPost, path, []byte(`{"resourceLogs":[`), "Content-Type", "application/json;charset=utf-8")
		if w.Code == 200 { // an unknown field there, cut off
			t.Fatalf("%s takes truncated JSON", path)
		}
		require.Equal(t, 400, w.Code)
		require.Equal(t, mediaJSON, w.Header().Get("Content-Type"))
		require.NoError(t, protojson.Unmarshal(w.Body.Bytes(), &s))
		require.EqualValues(t, 3, s.Code)
		require.Equal(t, map[string]int64{ingest.ReasonMalformed: 2}, r.reasons())
	}
}

func TestStoreFailuresAreToldToRetry(t *testing.T) {
	tests := []struct {
		name   string
		err    error
		http   int
		code   int32
		reason string
	}{
		{"read-only", storage.ErrReadOnly, 503, 14, ingest.ReasonStorage},
		{"closed", storage.ErrClosed, 503, 14, ingest.ReasonStorage},
		{"busy", storage.ErrBusy, 429, 8, ingest.ReasonOverload},
		{"an unknown failure", errors.New("disk on fire"), 503, 14, ingest.ReasonStorage},
		{"a timeout", fault.ErrTimeout, 504, 4, ingest.ReasonStorage},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := newRig(t, func(o *Options) { o.Events = failingEvents{tt.err} })
			for _, media := range []string{mediaProtobuf, mediaJSON} {
				body := oneLog(t)
				if media == mediaJSON {
					body = []byte(`{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":{"stringValue":"x"}}]}]}]}`)
				}
				w := r.do(http.MethodPost, "/v1/logs", body, "Content-Type", media)
				require.Equal(t, tt.http, w.Code)
				if tt.http != 504 {
					require.Equal(t, "5", w.Header().Get("Retry-After"))
				}
				var s statuspb.Status
				if media == mediaJSON {
					require.NoError(t, protojson.Unmarshal(w.Body.Bytes(), &s))
				} else {
					require.NoError(t, proto.Unmarshal(w.Body.Bytes(), &s))
				}
				require.Equal(t, tt.code, s.Code)
				require.Len(t, s.Details, 1)
				var info errdetails.RetryInfo
				require.NoError(t, s.Details[0].UnmarshalTo(&info))
				require.Equal(t, retryDelay, info.RetryDelay.AsDuration())
			}
			require.Equal(t, map[string]int64{tt.reason: 2}, r.reasons())
			require.Empty(t, r.account.Accepted())
		})
	}
}

func TestPartialSuccessNamesCountsAndReasons(t *testing.T) {
	r := newRig(t)
	w := r.postJSON("/v1/logs", fmt.Sprintf(`{"resourceLogs":[{"scopeLogs":[{"logRecords":[
		{"timeUnixNano":"%d","body":{"stringValue":"good"}},
		{"timeUnixNano":"1000","body":{"stringValue":"1970"}},
		{"timeUnixNano":"4102444800000000000","body":{"stringValue":"2100"}},
		{"timeUnixNano":"18446744073709551615","body":{"stringValue":"2554"}}]}]}]}`, at(0)))
	require.Equal(t, 200, w.Code)
	var got struct {
		PartialSuccess struct {
			RejectedLogRecords json.RawMessage
			ErrorMessage       string
		}
	}
	require.NoError(t, json.Unmarshal(w.Body.Bytes(), &got))
	require.Equal(t, `"3"`, string(got.PartialSuccess.RejectedLogRecords), "int64 is a string in JSON")
	require.Contains(t, got.PartialSuccess.ErrorMessage, "1 rejected as too_old: log record of 1970-01-01T00:00:00.000001Z")
	require.Contains(t, got.PartialSuccess.ErrorMessage, "2 rejected as too_new: log record of 2100-01-01T00:00:00Z")
	require.Equal(t, map[string]int64{ingest.ReasonTooOld: 1, ingest.ReasonTooNew: 2}, r.reasons())
	require.EqualValues(t, 1, r.account.Accepted()[0].Rows)
	require.Equal(t, protocolHTTP, r.account.Accepted()[0].Protocol)
	require.Len(t, r.rows(t, model.Logs), 1)

	w = r.do(http.MethodPost, "/v1/logs", oldLog(t), "Content-Type", mediaProtobuf)
	resp := plogotlp.NewExportResponse()
	require.NoError(t, resp.UnmarshalProto(w.Body.Bytes()))
	require.EqualValues(t, 1, resp.PartialSuccess().RejectedLogRecords())
}

func oldLog(t testing.TB) []byte {
	t.Helper()
	ld := plog.NewLogs()
	ld.ResourceLogs().AppendEmpty().ScopeLogs().AppendEmpty().LogRecords().AppendEmpty().SetTimestamp(1)
	b, err := plogotlp.NewExportRequestFromLogs(ld).MarshalProto()
	require.NoError(t, err)
	return b
}

func TestMessageIsBoundedAndUTF8(t *testing.T) {
	o := &outcome{}
	o.refuse("a", 1, "%s\xff", strings.Repeat("é", 3000))
	o.refuse("b", 2, "x")
	o.refuse("a", 2, "never seen")
	require.Equal(t, 5, o.rejected())
	require.LessOrEqual(t, len(o.message()), maxMessage)
	require.True(t, strings.HasPrefix(o.message(), "3 rejected as a: é"))
	require.NotContains(t, o.message(), "\uFFFD")
}
