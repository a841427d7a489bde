package scope_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/protobuf/encoding/protowire"

	"github.com/oriel-obs/oriel/internal/auth"
	"github.com/oriel-obs/oriel/internal/rawgrpc"
)

// dial connects to the gRPC services of w as somebody.
func (w *world) dial(t *testing.T, id *auth.Identity) *grpc.ClientConn {
	t.Helper()
	srv := httptest.NewUnstartedServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		w.calls.ServeHTTP(rw, r.WithContext(auth.With(r.Context(), id)))
	}))
	srv.Config.Protocols = new(http.Protocols)
	srv.Config.Protocols.SetUnencryptedHTTP2(true)
	srv.Start()
	t.Cleanup(srv.Close)
	conn, err := grpc.NewClient(srv.Listener.Addr().String(), grpc.WithTransportCredentials(insecure.NewCredentials()), grpc.WithDefaultCallOptions(grpc.ForceCodecV2(rawgrpc.Codec{})))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, conn.Close()) })
	return conn
}

// call returns all messages of an answer; that there is nothing is one, too.
func call(t *testing.T, conn *grpc.ClientConn, method string, fields ...any) (answer []byte) {
	t.Helper()
	var request rawgrpc.Frame
	for i := 0; i < len(fields); i += 2 {
		num := protowire.Number(fields[i].(int))
		switch v := fields[i+1].(type) {
		case string:
			request = protowire.AppendString(protowire.AppendTag(request, num, protowire.BytesType), v)
		case []byte:
			request = protowire.AppendBytes(protowire.AppendTag(request, num, protowire.BytesType), v)
		case int64:
			request = protowire.AppendVarint(protowire.AppendTag(request, num, protowire.VarintType), uint64(v))
		}
	}
	stream, err := conn.NewStream(t.Context(), &grpc.StreamDesc{ServerStreams: true}, method)
	require.NoError(t, err)
	require.NoError(t, stream.SendMsg(&request))
	require.NoError(t, stream.CloseSend())
	for {
		var message rawgrpc.Frame
		if err := stream.RecvMsg(&message); errors.Is(err, io.EOF) {
			return answer
		} else if err != nil {
			return fmt.Append(answer, err)
		}
		answer = append(answer, message...)
	}
}

func TestGRPCTellsNothingOfWhatOthersHave(t *testing.T) {
	whole, viewers := pairs(t)
	from, to := start.Unix(), end.Unix()+1
	id := make([]byte, 16)
	id[15] = 1
	text := fmt.Sprintf("%x", id)
	calls := map[string][]any{
		"/tempopb.StreamingQuerier/Search":            {8, `{} | select(span.http.url)`, 4, int64(1000), 9, int64(100), 5, from, 6, to},
		"/tempopb.StreamingQuerier/SearchTagsV2":      {3, from, 4, to},
		"/tempopb.StreamingQuerier/SearchTagValues":   {1, "http.url", 4, from, 5, to},
		"/tempopb.StreamingQuerier/SearchTagValuesV2": {1, "span.http.url", 4, from, 5, to},
		"/tempopb.StreamingQuerier/MetricsQueryRange": {1, "{} | rate() by (span.http.url)", 2, from * 1e9, 3, to * 1e9, 4, int64(60e9)},
		"/jaeger.api_v2.QueryService/GetTrace":        {1, id},
		"/jaeger.api_v3.QueryService/GetTrace":        {1, text},
		"/jaeger.api_v3.QueryService/GetOperations":   {1, "web"},
		"/jaeger.api_v2.QueryService/GetOperations":   {1, "web"},
	}
	everything := whole.dial(t, nil)
	for _, v := range viewers {
		theirs := whole.dial(t, v.id)
		for method, request := range calls {
			all, got, hidden := call(t, everything, method, request...), call(t, theirs, method, request...), 0
			for _, p := range places() {
				for _, mark := range []string{"/" + p.namespace + "/" + p.tenant, "GET /" + p.namespace, "of." + p.namespace} {
					// What somebody sees of another place may have the same mark.
					if theirMark(v, mark) {
						continue
					}
					require.NotContains(t, string(got), mark, "%s as %s", method, v.name)
					if bytes.Contains(all, []byte(mark)) {
						hidden++
					}
				}
			}
			if v.name == "nothing" {
				require.Positive(t, hidden, "%s has nothing to hide, so this tests nothing", method)
			}
		}
	}
}

// theirMark reports whether some place that v sees has a mark.
func theirMark(v pair, mark string) bool {
	for _, p := range places() {
		if v.sees(p) && (mark == "/"+p.namespace+"/"+p.tenant || mark == "GET /"+p.namespace || mark == "of."+p.namespace) {
			return true
		}
	}
	return false
}
