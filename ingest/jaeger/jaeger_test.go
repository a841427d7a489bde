package jaeger_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/apache/thrift/lib/go/thrift"
	"github.com/go-chi/chi/v5"
	jaegermodel "github.com/jaegertracing/jaeger-idl/model/v1"
	"github.com/jaegertracing/jaeger-idl/thrift-gen/agent"
	thriftjaeger "github.com/jaegertracing/jaeger-idl/thrift-gen/jaeger"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protowire"

	"github.com/oriel-obs/oriel/ingest"
	"github.com/oriel-obs/oriel/ingest/jaeger"
	"github.com/oriel-obs/oriel/ingest/otelmodel"
	"github.com/oriel-obs/oriel/internal/fault"
	"github.com/oriel-obs/oriel/internal/rawgrpc"
	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/storage"
	"github.com/oriel-obs/oriel/storage/storagetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var now = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

type rig struct {
	*jaeger.Receiver
	events  *storagetest.Memory
	account *ingest.Account
}

func newRig(t testing.TB) *rig {
	t.Helper()
	r := &rig{events: &storagetest.Memory{}, account: ingest.NewAccount(prometheus.NewRegistry())}
	r.Receiver = receiver(r.events, r.account)
	return r
}

func receiver(w ingest.EventWriter, account *ingest.Account) *jaeger.Receiver {
	return jaeger.New(otelmodel.Options{
		Events: w, Limits: ingest.DefaultLimits(), Account: account, Now: func() time.Time { return now },
	})
}

type failing struct{ err error }

func (f failing) Append(context.Context, *model.Batch) error { return f.err }

// A row is a stored span in a form that is easy to compare.
type row struct {
	model.Span
	Resource map[string]string
	Attrs    map[string]string
}

func (r *rig) rows(t testing.TB) []row {
	t.Helper()
	var out []row
	for b, err := range r.events.Scan(context.Background(), storage.Scan{Signal: model.Spans, Range: model.AllTime()}) {
		require.NoError(t, err)
		for i := range b.Len() {
			x := row{Span: b.SpanAt(i), Resource: map[string]string{}, Attrs: map[string]string{}}
			for _, a := range b.Stream(i).Attrs {
				x.Resource[a.Key] = a.Value.Text()
			}
			for _, c := range b.Attrs {
				if v := c.At(i); !v.IsNone() {
					x.Attrs[c.Key] = v.Text()
				}
			}
			out = append(out, x)
		}
	}
	return out
}

func text(key, value string) *thriftjaeger.Tag {
	return &thriftjaeger.Tag{Key: key, VType: thriftjaeger.TagType_STRING, VStr: &value}
}

func number(key string, n int64) *thriftjaeger.Tag {
	return &thriftjaeger.Tag{Key: key, VType: thriftjaeger.TagType_LONG, VLong: &n}
}

func yes(key string) *thriftjaeger.Tag {
	ok := true
	return &thriftjaeger.Tag{Key: key, VType: thriftjaeger.TagType_BOOL, VBool: &ok}
}

func batch() *thriftjaeger.Batch {
	return &thriftjaeger.Batch{
		Process: &thriftjaeger.Process{ServiceName: "shop", Tags: []*thriftjaeger.Tag{text("hostname", "h1")}},
		Spans: []*thriftjaeger.Span{{
			TraceIdHigh: 1, TraceIdLow: 2, SpanId: 3, ParentSpanId: 4, OperationName: "buy", Flags: 1,
			StartTime: now.UnixMicro(), Duration: 5,
			Tags: []*thriftjaeger.Tag{text("span.kind", "server"), yes("error"), number("http.status_code", 500)},
			Logs: []*thriftjaeger.Log{{Timestamp: now.UnixMicro(), Fields: []*thriftjaeger.Tag{text("event", "retry"), number("n", 2)}}},
			References: []*thriftjaeger.SpanRef{
				{RefType: thriftjaeger.SpanRefType_CHILD_OF, TraceIdHigh: 1, TraceIdLow: 2, SpanId: 4},
				{RefType: thriftjaeger.SpanRefType_FOLLOWS_FROM, TraceIdLow: 9, SpanId: 8},
			},
		}},
	}
}

func requireBuy(t *testing.T, got row) {
	t.Helper()
	require.Equal(t, "00000000000000010000000000000002", got.TraceID.String())
	require.Equal(t, "0000000000000003", got.SpanID.String())
	require.Equal(t, "0000000000000004", got.ParentID.String())
	require.Equal(t, "buy", got.Name)
	require.Equal(t, model.SpanServer, got.Kind)
	require.Equal(t, model.StatusError, got.Status)
	require.Equal(t, now.UnixNano(), got.Start)
	require.Equal(t, int64(5*time.Microsecond), got.Duration)
	require.Equal(t, map[string]string{"service.name": "shop", "host.name": "h1"}, got.Resource)
	require.Equal(t, map[string]string{"http.status_code": "500"}, got.Attrs)
	require.Equal(t, []model.Event{{Time: now.UnixNano(), Name: "retry", Attrs: []model.Attr{{Key: "n", Value: model.Int(2)}}}}, got.Events)
	require.Len(t, got.Links, 1)
	require.Equal(t, "0000000000000008", got.Links[0].SpanID.String())
}

func binaryBody(t testing.TB, b *thriftjaeger.Batch) []byte {
	t.Helper()
	buf := thrift.NewTMemoryBuffer()
	require.NoError(t, b.Write(context.Background(), thrift.NewTBinaryProtocolConf(buf, nil)))
	return buf.Bytes()
}

func post(rc *jaeger.Receiver, mediaType string, body []byte) *httptest.ResponseRecorder {
	mux := chi.NewRouter()
	rc.Mount(mux)
	req := httptest.NewRequest(http.MethodPost, "/jaeger/api/traces?format=jaeger.thrift", bytes.NewReader(body))
	req.Header.Set("Content-Type", mediaType)
	w := httptest.NewRecorder()
	mux.ServeHTTP(w, req)
	return w
}

func TestThriftOverHTTP(t *testing.T) {
	for _, mediaType := range []string{"application/x-thrift", "application/vnd.apache.thrift.binary; charset=utf-8"} {
		r := newRig(t)
		w := post(r.Receiver, mediaType, binaryBody(t, batch()))
		require.Equal(t, http.StatusAccepted, w.Code, w.Body)
		rows := r.rows(t)
		require.Len(t, rows, 1)
		requireBuy(t, rows[0])
		require.Equal(t, "jaeger_http", r.account.Accepted()[0].Protocol)
	}
}

func TestRequestsThatAreRefused(t *testing.T) {
	claims := append([]byte{15, 0, 2, 12}, 0x7f, 0xff, 0xff, 0xff) // spans: a list of 2³¹−1 structs
	for _, tt := range []struct {
		name, mediaType string
		body            []byte
		says            string
	}{
		{"another content type", "application/json", []byte("{}"), "unsupported content type: application/json"},
		{"no content type", "", nil, "cannot parse content type"},
		{"no thrift", "application/x-thrift", []byte("hello"), "cannot unmarshal thrift"},
		{"nothing", "application/x-thrift", nil, "cannot unmarshal thrift"},
		{"a list that claims too much", "application/x-thrift", claims, "cannot unmarshal thrift"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := newRig(t)
			w := post(r.Receiver, tt.mediaType, tt.body)
			require.Equal(t, http.StatusBadRequest, w.Code)
			require.Contains(t, w.Body.String(), tt.says)
			require.Equal(t, ingest.ReasonMalformed, r.account.Rejections()[0].Reason)
		})
	}
}

func TestSpansOutsideTheLimitsAreCountedAndTheOthersStored(t *testing.T) {
	r := newRig(t)
	b := batch()
	old, nameless := *b.Spans[0], *b.Spans[0]
	old.StartTime = 1
	nameless.SpanId = 0
	b.Spans = append(b.Spans, &old, &nameless)
	require.Equal(t, http.StatusAccepted, post(r.Receiver, "application/x-thrift", binaryBody(t, b)).Code)
	require.Len(t, r.rows(t), 1)
	reasons := map[string]int64{}
	for _, x := range r.account.Rejections() {
		reasons[x.Reason] = x.Rows
	}
	require.Equal(t, map[string]int64{ingest.ReasonTooOld: 1, ingest.ReasonNoID: 1}, reasons)
}

// The translator's work grows with the square of the number of tags.
func TestSpansOfTooManyTagsAreRefusedUntranslated(t *testing.T) {
	var tags []*thriftjaeger.Tag
	var protoTags []jaegermodel.KeyValue
	for i := range 2000 {
		tags = append(tags, number(fmt.Sprint("k", i), 1))
		protoTags = append(protoTags, jaegermodel.Int64(fmt.Sprint("k", i), 1))
	}
	for name, crowd := range map[string]func(*thriftjaeger.Batch){
		"span":    func(b *thriftjaeger.Batch) { b.Spans[1].Tags = tags },
		"log":     func(b *thriftjaeger.Batch) { b.Spans[1].Logs = []*thriftjaeger.Log{{Fields: tags}} },
		"process": func(b *thriftjaeger.Batch) { b.Process.Tags = tags },
	} {
		r, b := newRig(t), batch()
		b.Spans = append(b.Spans, batch().Spans[0])
		crowd(b)
		require.Equal(t, http.StatusAccepted, post(r.Receiver, "application/x-thrift", binaryBody(t, b)).Code)
		refused := r.account.Rejections()
		require.Len(t, refused, 1, name)
		require.Equal(t, ingest.ReasonLabels, refused[0].Reason)
		require.Equal(t, 2, len(r.rows(t))+int(refused[0].Rows), name)
	}
	for name, b := range map[string]*jaegermodel.Batch{
		"span":             {Spans: []*jaegermodel.Span{{Tags: protoTags}}},
		"its own process":  {Spans: []*jaegermodel.Span{{Process: &jaegermodel.Process{Tags: protoTags}}}},
		"the same process": {Process: &jaegermodel.Process{Tags: protoTags}, Spans: []*jaegermodel.Span{{}}},
		"log":              {Spans: []*jaegermodel.Span{{Logs: []jaegermodel.Log{{Fields: protoTags}}}}},
	} {
		r := newRig(t)
		body, err := b.Marshal()
		require.NoError(t, err)
		require.NoError(t, r.PostSpans(t.Context(), protowire.AppendBytes(protowire.AppendTag(nil, 1, protowire.BytesType), body)))
		require.Equal(t, ingest.ReasonLabels, r.account.Rejections()[0].Reason, name)
	}
}

func TestAgentHoldsSoManyBytesAndNoMore(t *testing.T) {
	a := newRig(t).Agent(nil, nil)
	packet := make([]byte, 65_000)
	held := 0
	for a.Queue(packet) {
		held += len(packet)
	}
	require.LessOrEqual(t, held, 32<<20)
	require.Greater(t, held, 31<<20)
}

// More packets may wait than are stored at once.
func TestAgentStoresEveryPacketThatWaits(t *testing.T) {
	r := newRig(t)
	a := r.Agent(nil, nil)
	packet := emitBatch(t, "emitBatch", binaryProtocol)
	const packets = 700
	for range packets {
		require.True(t, a.Queue(packet))
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	require.NoError(t, a.Run(ctx))
	require.Len(t, r.rows(t), packets)
}

func TestStoreThatFailsIs500(t *testing.T) {
	account := ingest.NewAccount(prometheus.NewRegistry())
	w := post(receiver(failing{errors.New("disk on fire")}, account), "application/x-thrift", binaryBody(t, batch()))
	require.Equal(t, http.StatusInternalServerError, w.Code)
	require.Equal(t, ingest.ReasonStorage, account.Rejections()[0].Reason)
}

func TestSampling(t *testing.T) {
	mux := chi.NewRouter()
	newRig(t).Mount(mux)
	for path, want := range map[string]int{
		"/jaeger/sampling?service=x": http.StatusOK, "/jaeger/api/sampling?service=x": http.StatusOK, "/jaeger/sampling": http.StatusBadRequest,
	} {
		w := httptest.NewRecorder()
		mux.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
		require.Equal(t, want, w.Code, path)
		if want == http.StatusOK {
			require.JSONEq(t, `{"strategyType":"PROBABILISTIC","probabilisticSampling":{"samplingRate":1}}`, w.Body.String())
		}
	}
}

// call serves rc and calls one method of it.
func call(t *testing.T, rc *jaeger.Receiver, method string, in []byte) ([]byte, error) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	srv := grpc.NewServer(rc.GRPCOptions()...)
	rc.RegisterGRPC(srv)
	served := make(chan error, 1)
	go func() { served <- srv.Serve(l) }()
	defer func() {
		srv.Stop()
		require.NoError(t, <-served)
	}()
	conn, err := grpc.NewClient(l.Addr().String(), grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithDefaultCallOptions(grpc.ForceCodecV2(rawgrpc.Codec{})))
	require.NoError(t, err)
	defer conn.Close()
	frame, out := rawgrpc.Frame(in), rawgrpc.Frame{}
	err = conn.Invoke(t.Context(), method, &frame, &out)
	return out, err
}

const postSpans = "/jaeger.api_v2.CollectorService/PostSpans"

func postSpansRequest(t testing.TB) []byte {
	t.Helper()
	b := &jaegermodel.Batch{
		Process: jaegermodel.NewProcess("shop", []jaegermodel.KeyValue{jaegermodel.String("hostname", "h1")}),
		Spans: []*jaegermodel.Span{{
			TraceID: jaegermodel.NewTraceID(1, 2), SpanID: 3, OperationName: "buy", Flags: 1, StartTime: now, Duration: 5 * time.Microsecond,
			Tags: []jaegermodel.KeyValue{
				jaegermodel.String("span.kind", "server"), jaegermodel.Bool("error", true), jaegermodel.Int64("http.status_code", 500),
			},
			Logs: []jaegermodel.Log{{Timestamp: now, Fields: []jaegermodel.KeyValue{jaegermodel.String("event", "retry"), jaegermodel.Int64("n", 2)}}},
			References: []jaegermodel.SpanRef{
				jaegermodel.NewChildOfRef(jaegermodel.NewTraceID(1, 2), 4), jaegermodel.NewFollowsFromRef(jaegermodel.NewTraceID(0, 9), 8),
			},
		}},
	}
	body, err := b.Marshal()
	require.NoError(t, err)
	return protowire.AppendBytes(protowire.AppendTag(nil, 1, protowire.BytesType), body)
}

func TestPostSpans(t *testing.T) {
	r := newRig(t)
	out, err := call(t, r.Receiver, postSpans, postSpansRequest(t))
	require.NoError(t, err)
	require.Empty(t, out)
	rows := r.rows(t)
	require.Len(t, rows, 1)
	requireBuy(t, rows[0])
	require.Equal(t, "jaeger_grpc", r.account.Accepted()[0].Protocol)
}

func TestPostSpansRefuses(t *testing.T) {
	for name, in := range map[string][]byte{"no protobuf": []byte("\x0a\xff"), "no batch": []byte("\x0a\x02\x0a\xff")} {
		r := newRig(t)
		_, err := call(t, r.Receiver, postSpans, in)
		require.Equal(t, codes.InvalidArgument, status.Code(err), name)
		require.Equal(t, ingest.ReasonMalformed, r.account.Rejections()[0].Reason)
	}
	account := ingest.NewAccount(prometheus.NewRegistry())
	_, err := call(t, receiver(failing{fault.ErrOverloaded}, account), postSpans, postSpansRequest(t))
	require.Equal(t, codes.ResourceExhausted, status.Code(err))
	require.Equal(t, ingest.ReasonOverload, account.Rejections()[0].Reason)
}

func TestSamplingOverGRPC(t *testing.T) {
	out, err := call(t, newRig(t).Receiver, "/jaeger.api_v2.SamplingManager/GetSamplingStrategy", nil)
	require.NoError(t, err)
	require.Equal(t, "\x12\x09\x09\x00\x00\x00\x00\x00\x00\xf0\x3f", string(out))
}

func emitBatch(t testing.TB, name string, protocol func(thrift.TTransport, *thrift.TConfiguration) thrift.TProtocol) []byte {
	t.Helper()
	ctx := context.Background()
	buf := thrift.NewTMemoryBuffer()
	p := protocol(buf, nil)
	require.NoError(t, p.WriteMessageBegin(ctx, name, thrift.ONEWAY, 1))
	require.NoError(t, (&agent.AgentEmitBatchArgs{Batch: batch()}).Write(ctx, p))
	require.NoError(t, p.WriteMessageEnd(ctx))
	return buf.Bytes()
}

func compactProtocol(tr thrift.TTransport, c *thrift.TConfiguration) thrift.TProtocol {
	return thrift.NewTCompactProtocolConf(tr, c)
}

func binaryProtocol(tr thrift.TTransport, c *thrift.TConfiguration) thrift.TProtocol {
	return thrift.NewTBinaryProtocolConf(tr, c)
}

func TestPacketsOfTheAgent(t *testing.T) {
	r := newRig(t)
	open := func() net.PacketConn {
		c, err := net.ListenPacket("udp", "127.0.0.1:0")
		require.NoError(t, err)
		return c
	}
	ofCompact, ofBinary := open(), open()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	done := make(chan error, 1)
	go func() { done <- r.Agent(ofCompact, ofBinary).Run(ctx) }()
	send := func(to net.PacketConn, packet []byte) {
		c, err := net.Dial("udp", to.LocalAddr().String())
		require.NoError(t, err)
		defer c.Close()
		_, err = c.Write(packet)
		require.NoError(t, err)
	}
	send(ofCompact, emitBatch(t, "emitBatch", compactProtocol))
	send(ofBinary, emitBatch(t, "emitBatch", binaryProtocol))
	send(ofCompact, emitBatch(t, "emitZipkinBatch", compactProtocol))
	send(ofBinary, []byte("hello"))
	require.Eventually(t, func() bool {
		refused := int64(0)
		for _, x := range r.account.Rejections() {
			refused += x.Rows
		}
		taken := r.account.Accepted()
		return refused == 2 && len(taken) == 1 && taken[0].Rows == 2
	}, 5*time.Second, time.Millisecond)
	cancel()
	require.NoError(t, <-done)
	for _, got := range r.rows(t) {
		requireBuy(t, got)
	}
}

func TestConfig(t *testing.T) {
	require.NoError(t, jaeger.Config{}.Validate())
	require.ErrorContains(t, jaeger.Config{GRPCListen: "x", BinaryListen: "y"}.Validate(), "grpc_listen: address x: missing port in address\nbinary_listen")
	c := jaeger.Config{CompactListen: "127.0.0.1:1"}.Compat()
	require.Equal(t, jaeger.Config{GRPCListen: "127.0.0.1:14250", CompactListen: "127.0.0.1:1", BinaryListen: "127.0.0.1:6832"}, c)
}

// Whatever comes is answered.
func FuzzSpans(f *testing.F) {
	f.Add(uint8(0), binaryBody(f, batch()))
	f.Add(uint8(1), emitBatch(f, "emitBatch", compactProtocol))
	f.Add(uint8(2), emitBatch(f, "emitBatch", binaryProtocol))
	f.Add(uint8(3), postSpansRequest(f))
	f.Fuzz(func(t *testing.T, which uint8, body []byte) {
		r := newRig(t)
		switch which % 4 {
		case 0:
			require.Contains(t, []int{http.StatusAccepted, http.StatusBadRequest}, post(r.Receiver, "application/x-thrift", body).Code)
		case 1, 2:
			_ = r.Packet(body, which%4 == 1)
		case 3:
			_ = r.PostSpans(t.Context(), body)
		}
		for _, x := range r.rows(t) {
			require.Empty(t, ingest.DefaultLimits().CheckTime(x.Start, now))
			require.GreaterOrEqual(t, x.Duration, int64(0))
		}
	})
}
