package jaegerapi_test

import (
	"errors"
	"io"
	"net"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/oriel-obs/oriel/internal/rawgrpc"
	"github.com/oriel-obs/oriel/query/jaegerapi"
)

// grpcClient serves the traces of server over gRPC.
func grpcClient(t *testing.T, archive ...jaegerapi.Archive) *grpc.ClientConn {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	srv := grpc.NewServer(grpc.ForceServerCodecV2(rawgrpc.Codec{}))
	h := handler(t)
	for _, a := range archive {
		h = h.WithArchive(a)
	}
	h.RegisterGRPC(srv)
	h.RegisterGRPCV2(srv)
	served := make(chan error, 1)
	go func() { served <- srv.Serve(l) }()
	conn, err := grpc.NewClient(l.Addr().String(), grpc.WithTransportCredentials(insecure.NewCredentials()), grpc.WithDefaultCallOptions(grpc.ForceCodecV2(rawgrpc.Codec{})))
	require.NoError(t, err)
	t.Cleanup(func() {
		require.NoError(t, conn.Close())
		srv.Stop()
		require.NoError(t, <-served)
	})
	return conn
}

// A part is a field of a request or an answer: text, or a message as it is.
type part struct {
	num  protowire.Number
	body string
}

func request(parts ...part) rawgrpc.Frame {
	var b []byte
	for _, p := range parts {
		b = protowire.AppendString(protowire.AppendTag(b, p.num, protowire.BytesType), p.body)
	}
	return b
}

func message(t *testing.T, num protowire.Number, m proto.Message) part {
	t.Helper()
	b, err := proto.Marshal(m)
	require.NoError(t, err)
	return part{num, string(b)}
}

func call(t *testing.T, conn *grpc.ClientConn, method string, in rawgrpc.Frame) (string, error) {
	t.Helper()
	return invoke(t, conn, "/jaeger.api_v3.QueryService/"+method, in)
}

func invoke(t *testing.T, conn *grpc.ClientConn, method string, in rawgrpc.Frame) (string, error) {
	t.Helper()
	var out rawgrpc.Frame
	err := conn.Invoke(t.Context(), method, &in, &out)
	return string(out), err
}

// frames returns the messages of a stream.
func frames(t *testing.T, conn *grpc.ClientConn, method string, in rawgrpc.Frame) (all []rawgrpc.Frame, err error) {
	t.Helper()
	s, err := conn.NewStream(t.Context(), &grpc.StreamDesc{ServerStreams: true}, method)
	require.NoError(t, err)
	require.NoError(t, s.SendMsg(&in))
	require.NoError(t, s.CloseSend())
	for {
		var out rawgrpc.Frame
		if err := s.RecvMsg(&out); errors.Is(err, io.EOF) {
			return all, nil
		} else if err != nil {
			return all, err
		}
		all = append(all, out)
	}
}

// stream returns the names of the spans of each message.
func stream(t *testing.T, conn *grpc.ClientConn, method string, in rawgrpc.Frame) (traces [][]string, err error) {
	t.Helper()
	all, err := frames(t, conn, "/jaeger.api_v3.QueryService/"+method, in)
	for _, out := range all {
		td := &tracepb.TracesData{}
		require.NoError(t, proto.Unmarshal(out, td))
		var names []string
		for _, rs := range td.ResourceSpans {
			for _, ss := range rs.ScopeSpans {
				for _, s := range ss.Spans {
					names = append(names, s.Name)
				}
			}
		}
		traces = append(traces, names)
	}
	return traces, err
}

func at(s int64) *timestamppb.Timestamp { return timestamppb.New(time.Unix(t0+s, 0)) }

func TestServicesAndOperationsOverGRPC(t *testing.T) {
	conn := grpcClient(t)
	out, err := call(t, conn, "GetServices", nil)
	require.NoError(t, err)
	require.Equal(t, string(request(part{1, "OTLPResourceNoServiceName"}, part{1, "gw"}, part{1, "shop"})), out)
	operation := func(name, kind string) part { return part{1, string(request(part{1, name}, part{2, kind}))} }
	out, err = call(t, conn, "GetOperations", request(part{1, "gw"}))
	require.NoError(t, err)
	require.Equal(t, string(request(operation("GET /", "client"), operation("GET /", "server"))), out)
	out, err = call(t, conn, "GetOperations", request(part{1, "gw"}, part{2, "server"}))
	require.NoError(t, err)
	require.Equal(t, string(request(operation("GET /", "server"))), out)
	_, err = call(t, conn, "GetOperations", nil)
	require.Equal(t, codes.InvalidArgument, status.Code(err))
}

func TestDependenciesOverGRPC(t *testing.T) {
	conn := grpcClient(t)
	out, err := call(t, conn, "GetDependencies", request(message(t, 1, at(-9)), message(t, 2, at(9))))
	require.NoError(t, err)
	require.Equal(t, string(request(part{1, string(request(part{1, "gw"}, part{2, "shop"})) + "\x18\x01"})), out)
}

func TestTracesOverGRPC(t *testing.T) {
	conn := grpcClient(t)
	traces, err := stream(t, conn, "GetTrace", request(part{1, traceA}))
	require.NoError(t, err)
	require.Equal(t, [][]string{{"GET /", "buy"}}, traces)
	_, err = stream(t, conn, "GetTrace", request(part{1, "1"}))
	require.Equal(t, codes.NotFound, status.Code(err))
	_, err = stream(t, conn, "GetTrace", request(part{1, "x"}))
	require.Equal(t, codes.InvalidArgument, status.Code(err))

	query := func(parts ...part) rawgrpc.Frame {
		parts = append([]part{{1, "gw"}, message(t, 4, at(-9)), message(t, 5, at(99))}, parts...)
		return request(part{1, string(request(parts...))})
	}
	traces, err = stream(t, conn, "FindTraces", query())
	require.NoError(t, err)
	require.Equal(t, [][]string{{"lonely", "GET /"}, {"GET /", "buy"}}, traces)
	traces, err = stream(t, conn, "FindTraces", query(part{3, string(request(part{1, "http.status_code"}, part{2, "200"}))}, part{3, string(request(part{1, "cached"}, part{2, "true"}))}))
	require.NoError(t, err)
	require.Equal(t, [][]string{{"GET /", "buy"}}, traces)
	traces, err = stream(t, conn, "FindTraces", query(message(t, 6, durationpb.New(500*time.Millisecond))))
	require.NoError(t, err)
	require.Len(t, traces, 1)
	traces, err = stream(t, conn, "FindTraces", query(part{2, "nothing"}))
	require.NoError(t, err)
	require.Empty(t, traces)
	for _, in := range []rawgrpc.Frame{nil, rawgrpc.Frame("\x0a\xff"), request(part{1, string(request(part{1, "gw"}, part{4, "\xff"}))})} {
		_, err = stream(t, conn, "FindTraces", in)
		require.Equal(t, codes.InvalidArgument, status.Code(err))
	}
}

func TestDependenciesOfVersion3(t *testing.T) {
	w := ask(server(t), "/v3/dependencies", "startTime", "2023-11-14T22:00:00Z", "endTime", "2023-11-14T22:30:00Z")
	require.JSONEq(t, `{"dependencies":[{"parent":"OTLPResourceNoServiceName","child":"gw","callCount":"1"},{"parent":"gw","child":"shop","callCount":"1"}]}`, w.Body.String())
}
