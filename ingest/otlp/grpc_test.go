package otlp

import (
	"context"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/plog/plogotlp"
	"go.opentelemetry.io/collector/pdata/pmetric"
	"go.opentelemetry.io/collector/pdata/pmetric/pmetricotlp"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.opentelemetry.io/collector/pdata/ptrace/ptraceotlp"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"

	"github.com/oriel-obs/oriel/ingest"
	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/storage"
)

// serve runs r on a port of its own and returns a connection to it.
func serve(t *testing.T, r *rig, opts ...grpc.ServerOption) *grpc.ClientConn {
	t.Helper()
	s := grpc.NewServer(append(r.GRPCOptions(), opts...)...)
	r.RegisterGRPC(s)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	done := make(chan error, 1)
	go func() { done <- s.Serve(l) }()
	conn, err := grpc.NewClient(l.Addr().String(), grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(8<<20)))
	require.NoError(t, err)
	t.Cleanup(func() {
		require.NoError(t, conn.Close())
		s.Stop()
		require.NoError(t, <-done)
	})
	return conn
}

func exampleLogs() plog.Logs {
	ld := plog.NewLogs()
	rl := ld.ResourceLogs().AppendEmpty()
	rl.Resource().Attributes().PutStr("service.name", "api")
	r := rl.ScopeLogs().AppendEmpty().LogRecords().AppendEmpty()
	r.Body().SetStr("hello")
	return ld
}

func exampleTraces() ptrace.Traces {
	td := ptrace.NewTraces()
	rs := td.ResourceSpans().AppendEmpty()
	rs.Resource().Attributes().PutStr("service.name", "api")
	sp := rs.ScopeSpans().AppendEmpty().Spans().AppendEmpty()
	sp.SetTraceID([16]byte{1})
	sp.SetSpanID([8]byte{2})
	sp.SetName("GET /")
	return td
}

func exampleMetrics() pmetric.Metrics {
	md := pmetric.NewMetrics()
	rm := md.ResourceMetrics().AppendEmpty()
	rm.Resource().Attributes().PutStr("service.name", "api")
	m := rm.ScopeMetrics().AppendEmpty().Metrics().AppendEmpty()
	m.SetName("cpu.util")
	p := m.SetEmptyGauge().DataPoints().AppendEmpty()
	p.SetTimestamp(1)
	p.SetDoubleValue(0.5)
	return md
}

func TestGRPCTakesEverySignalInEveryCompression(t *testing.T) {
	r := newRig(t)
	conn := serve(t, r)
	ctx := context.Background()
	for i, name := range []string{"identity", "gzip", "zstd", "snappy", "zstd", "snappy"} {
		call := grpc.UseCompressor(name)
		lr, err := plogotlp.NewGRPCClient(conn).Export(ctx, plogotlp.NewExportRequestFromLogs(exampleLogs()), call)
		require.NoError(t, err, name)
		require.Zero(t, lr.PartialSuccess().RejectedLogRecords())
		tr, err := ptraceotlp.NewGRPCClient(conn).Export(ctx, ptraceotlp.NewExportRequestFromTraces(exampleTraces()), call)
		require.NoError(t, err, name)
		require.Zero(t, tr.PartialSuccess().RejectedSpans())
		md := exampleMetrics()
		p := md.ResourceMetrics().At(0).ScopeMetrics().At(0).Metrics().At(0).Gauge().DataPoints().At(0)
		p.SetTimestamp(timestamp(time.Duration(i) * time.Second))
		mr, err := pmetricotlp.NewGRPCClient(conn).Export(ctx, pmetricotlp.NewExportRequestFromMetrics(md), call)
		require.NoError(t, err, name)
		require.Zero(t, mr.PartialSuccess().RejectedDataPoints(), mr.PartialSuccess().ErrorMessage())
	}
	require.Len(t, r.rows(t, model.Logs), 6)
	require.Len(t, r.rows(t, model.Spans), 6)
	require.Len(t, r.samples.ResultSamples(), 6)
	require.Empty(t, r.reasons())
	for _, a := range r.account.Accepted() {
		require.Equal(t, protocolGRPC, a.Protocol)
		require.EqualValues(t, 6, a.Rows)
		require.Positive(t, a.Bytes)
	}
}

func TestGRPCPartialSuccess(t *testing.T) {
	r := newRig(t)
	md := exampleMetrics() // of 1970
	resp, err := pmetricotlp.NewGRPCClient(serve(t, r)).Export(context.Background(), pmetricotlp.NewExportRequestFromMetrics(md))
	require.NoError(t, err)
	require.EqualValues(t, 1, resp.PartialSuccess().RejectedDataPoints())
	require.Contains(t, resp.PartialSuccess().ErrorMessage(), `1 rejected as too_old: point of metric "cpu.util" is of 1970`)
}

// raw is a message whose bytes go out as they are.
type raw []byte

func (m raw) SizeProto() int                { return len(m) }
func (m raw) MarshalProto(b []byte) int     { return copy(b, m) }
func (m raw) UnmarshalProto(_ []byte) error { return nil }

func TestGRPCUndecodableIsInvalidArgument(t *testing.T) {
	r := newRig(t)
	conn := serve(t, r)
	for _, sig := range r.signals {
		err := conn.Invoke(context.Background(), "/"+sig.service+"/Export", raw{0x0a, 0xff}, raw{})
		require.Equal(t, codes.InvalidArgument, status.Code(err), err)
	}
	require.Equal(t, map[string]int64{ingest.ReasonMalformed: 3}, r.reasons())
}

func TestGRPCUnknownServiceIsUnimplemented(t *testing.T) {
	err := serve(t, newRig(t)).Invoke(context.Background(),
		"/opentelemetry.proto.collector.profiles.v1development.ProfilesService/Export", raw{}, raw{})
	require.Equal(t, codes.Unimplemented, status.Code(err))
}

func TestGRPCTooLargeIsCountedAndNotToBeRetried(t *testing.T) {
	r := newRig(t, func(o *Options) { o.Limits.MaxBodyBytes = 1 << 20 })
	conn := serve(t, r)
	ld := exampleLogs()
	ld.ResourceLogs().At(0).ScopeLogs().At(0).LogRecords().At(0).Body().SetStr(strings.Repeat("x", 1<<20))
	for i, name := range []string{"identity", "gzip", "zstd", "snappy"} {
		_, err := plogotlp.NewGRPCClient(conn).Export(context.Background(), plogotlp.NewExportRequestFromLogs(ld), grpc.UseCompressor(name))
		s := status.Convert(err)
		require.Equal(t, codes.ResourceExhausted, s.Code(), "%s: %v", name, err)
		require.Empty(t, s.Details())
		require.Eventually(t, func() bool { return r.reasons()[ingest.ReasonTooLarge] == int64(i+1) }, 5*time.Second, time.Millisecond)
	}
}

// unknownCompressor is one that the server does not have.
type unknownCompressor struct{}

func (unknownCompressor) Do(w io.Writer, p []byte) error { _, err := w.Write(p); return err }
func (unknownCompressor) Type() string                   { return "rot13" }

func TestGRPCUnknownCompressionIsCounted(t *testing.T) {
	r := newRig(t)
	conn := serve(t, r)
	old, err := grpc.NewClient(conn.Target(), grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithCompressor(unknownCompressor{})) //nolint:staticcheck // the only way to send what the registry does not have
	require.NoError(t, err)
	defer old.Close()
	_, err = plogotlp.NewGRPCClient(old).Export(context.Background(), plogotlp.NewExportRequestFromLogs(exampleLogs()))
	require.Equal(t, codes.Unimplemented, status.Code(err), err)
	require.Eventually(t, func() bool { return r.reasons()[ingest.ReasonMediaType] == 1 }, 5*time.Second, time.Millisecond)
}

func TestGRPCStoreFailuresCarryRetryInfo(t *testing.T) {
	for _, tt := range []struct {
		err  error
		code codes.Code
	}{{storage.ErrReadOnly, codes.Unavailable}, {storage.ErrBusy, codes.ResourceExhausted}} {
		r := newRig(t, func(o *Options) { o.Events = failingEvents{tt.err} })
		_, err := ptraceotlp.NewGRPCClient(serve(t, r)).Export(context.Background(), ptraceotlp.NewExportRequestFromTraces(exampleTraces()))
		s := status.Convert(err)
		require.Equal(t, tt.code, s.Code())
		require.Len(t, s.Details(), 1)
		require.Equal(t, retryDelay, s.Details()[0].(*errdetails.RetryInfo).RetryDelay.AsDuration())
	}
}

func TestAPanicIsOneCallsProblem(t *testing.T) {
	conn := serve(t, newRig(t), grpc.UnaryInterceptor(func(context.Context, any, *grpc.UnaryServerInfo, grpc.UnaryHandler) (any, error) {
		panic("a bug")
	}))
	for range 2 { // the process is still there for the second
		_, err := plogotlp.NewGRPCClient(conn).Export(context.Background(), plogotlp.NewExportRequestFromLogs(exampleLogs()))
		require.Equal(t, codes.Internal, status.Code(err))
	}
}

func TestGRPCInterceptorsSeeTheMethod(t *testing.T) {
	var seen string
	conn := serve(t, newRig(t), grpc.UnaryInterceptor(func(ctx context.Context, req any, info *grpc.UnaryServerInfo, next grpc.UnaryHandler) (any, error) {
		seen = info.FullMethod
		return nil, status.Error(codes.Unauthenticated, "who are you?")
	}))
	_, err := plogotlp.NewGRPCClient(conn).Export(context.Background(), plogotlp.NewExportRequestFromLogs(exampleLogs()))
	require.Equal(t, codes.Unauthenticated, status.Code(err))
	require.Equal(t, "/opentelemetry.proto.collector.logs.v1.LogsService/Export", seen)
}
