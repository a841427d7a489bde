package jaegerapi_test

import (
	"encoding/hex"
	"testing"
	"time"

	jaegermodel "github.com/jaegertracing/jaeger-idl/model/v1"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/oriel-obs/oriel/internal/rawgrpc"
)

const v2 = "/jaeger.api_v2.QueryService/"

// spansV2 returns the spans of a stream of chunks.
func spansV2(t *testing.T, conn *grpc.ClientConn, method string, in rawgrpc.Frame) (spans []*jaegermodel.Span, err error) {
	t.Helper()
	all, err := frames(t, conn, v2+method, in)
	for _, chunk := range all {
		for len(chunk) > 0 {
			num, _, n := protowire.ConsumeTag(chunk)
			require.Equal(t, protowire.Number(1), num)
			b, m := protowire.ConsumeBytes(chunk[n:])
			require.Positive(t, m)
			chunk = chunk[n+m:]
			s := &jaegermodel.Span{}
			require.NoError(t, s.Unmarshal(b))
			spans = append(spans, s)
		}
	}
	return spans, err
}

func idOf(t *testing.T, id string) string {
	t.Helper()
	b, err := hex.DecodeString(id)
	require.NoError(t, err)
	return string(b)
}

func TestCatalogueOfVersion2OverGRPC(t *testing.T) {
	conn := grpcClient(t)
	out, err := invoke(t, conn, v2+"GetServices", nil)
	require.NoError(t, err)
	require.Equal(t, string(request(part{1, "OTLPResourceNoServiceName"}, part{1, "gw"}, part{1, "shop"})), out)
	operation := func(kind string) part { return part{2, string(request(part{1, "GET /"}, part{2, kind}))} }
	out, err = invoke(t, conn, v2+"GetOperations", request(part{1, "gw"}))
	require.NoError(t, err)
	require.Equal(t, string(request(part{1, "GET /"}, operation("client"), operation("server"))), out)
	_, err = invoke(t, conn, v2+"GetOperations", nil)
	require.Equal(t, codes.InvalidArgument, status.Code(err))
	out, err = invoke(t, conn, v2+"GetDependencies", request(message(t, 1, at(-9)), message(t, 2, at(9))))
	require.NoError(t, err)
	require.Equal(t, string(request(part{1, string(request(part{1, "gw"}, part{2, "shop"})) + "\x18\x01"})), out)
	_, err = invoke(t, conn, v2+"ArchiveTrace", request(part{1, idOf(t, traceA)}))
	require.Equal(t, codes.Unimplemented, status.Code(err))
}

func TestTracesOfVersion2OverGRPC(t *testing.T) {
	conn := grpcClient(t)
	none := message(t, 2, timestamppb.New(time.Time{})) // as Go's clients send it
	spans, err := spansV2(t, conn, "GetTrace", request(part{1, idOf(t, traceA)}, none))
	require.NoError(t, err)
	require.Len(t, spans, 2)
	require.Equal(t, []string{"GET /", "gw", "buy", "shop"}, []string{
		spans[0].OperationName, spans[0].Process.ServiceName, spans[1].OperationName, spans[1].Process.ServiceName,
	})
	require.Equal(t, spans[0].SpanID, spans[1].ParentSpanID())
	_, err = spansV2(t, conn, "GetTrace", request(part{1, idOf(t, "00000000000000000000000000000009")}))
	require.Equal(t, codes.NotFound, status.Code(err))
	_, err = spansV2(t, conn, "GetTrace", request(part{1, "short"}))
	require.Equal(t, codes.InvalidArgument, status.Code(err))

	spans, err = spansV2(t, conn, "FindTraces", request(part{1, string(request(part{1, "gw"}, message(t, 4, at(-9)), message(t, 5, at(99))))}))
	require.NoError(t, err)
	require.Len(t, spans, 4)
	spans, err = spansV2(t, conn, "FindTraces", request(part{1, string(request(part{1, "gw"}))}))
	require.NoError(t, err)
	require.Empty(t, spans, "without times it is about the last two days")
	_, err = spansV2(t, conn, "FindTraces", nil)
	require.Equal(t, codes.InvalidArgument, status.Code(err))
}
