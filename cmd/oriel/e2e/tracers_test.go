//go:build e2e

package e2e

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/protobuf/encoding/protowire"

	"github.com/oriel-obs/oriel/internal/rawgrpc"
)

// A tracedOriel listens where tracers' libraries send to.
type tracedOriel struct {
	oriel
	zipkin, collector                  string // URLs
	binary                             string // UDP port
	sampling, collectorGRPC, queryGRPC string // host:port
}

func startForTracers(t *testing.T) tracedOriel {
	t.Helper()
	zipkin, collector, sampling, collectorGRPC, queryGRPC := freeAddr(t), freeAddr(t), freeAddr(t), freeAddr(t), freeAddr(t)
	binary := freePacketAddr(t)
	config := filepath.Join(t.TempDir(), "oriel.yaml")
	require.NoError(t, os.WriteFile(config, []byte(fmt.Sprintf(`compat_listeners: {zipkin: %q, jaeger_collector: %q, jaeger_sampling: %q, jaeger_grpc: %q}
ingest: {jaeger: {grpc_listen: %q, compact_listen: "127.0.0.1:0", binary_listen: %q}}
`, zipkin, collector, sampling, queryGRPC, collectorGRPC, binary)), 0o644))
	return tracedOriel{
		oriel: startOriel(t, "serve", false, "--config", config), zipkin: "http://" + zipkin, collector: "http://" + collector, sampling: sampling,
		binary: port(t, binary), collectorGRPC: collectorGRPC, queryGRPC: queryGRPC,
	}
}

func freePacketAddr(t *testing.T) string {
	t.Helper()
	c, err := net.ListenPacket("udp", "127.0.0.1:0")
	require.NoError(t, err)
	defer c.Close()
	return c.LocalAddr().String()
}

// printed runs a Node program and returns what it prints.
func printed(t *testing.T, file string, env ...string) string {
	t.Helper()
	cmd := exec.Command(program(t, "node"), file)
	cmd.Dir = "node"
	cmd.Env = append(os.Environ(), env...)
	out, err := cmd.Output()
	var failed *exec.ExitError
	if errors.As(err, &failed) {
		t.Fatalf("%s: %s%s", file, out, failed.Stderr)
	}
	require.NoError(t, err)
	return strings.TrimSpace(string(out))
}

// A jaegerTrace is a trace as Jaeger's page gets it.
type jaegerTrace struct {
	Spans []struct {
		SpanID, OperationName, ProcessID string
		References                       []struct{ RefType, SpanID string }
		Tags                             []struct {
			Key   string
			Value any
		}
		Logs []struct{ Fields []struct{ Key string } }
	}
	Processes map[string]struct{ ServiceName string }
}

// jaegerTraceOf waits for the trace to have so many spans.
func jaegerTraceOf(t *testing.T, o oriel, id string, spans int) jaegerTrace {
	t.Helper()
	var answer struct{ Data []jaegerTrace }
	await(t, func() error {
		answer.Data = nil
		if err := getJSON(o.url+"/jaeger/api/traces/"+id, nil, &answer); err != nil {
			return err
		}
		if n := len(answer.Data[0].Spans); n != spans {
			return fmt.Errorf("%d spans, not %d", n, spans)
		}
		return nil
	})
	return answer.Data[0]
}

func TestZipkinLibrary(t *testing.T) {
	t.Parallel()
	o := startForTracers(t)
	trace := jaegerTraceOf(t, o.oriel, printed(t, "zipkin.mjs", "ZIPKIN_URL="+o.zipkin), 3)
	facts := map[string]string{} // of each span: its kind, parent and tags
	names := map[string]string{}
	for _, s := range trace.Spans {
		names[s.SpanID] = trace.Processes[s.ProcessID].ServiceName + " " + s.OperationName
	}
	require.Len(t, names, 3, "client and server share an id no more")
	for _, s := range trace.Spans {
		var fact []string
		for _, r := range s.References {
			fact = append(fact, "below "+names[r.SpanID])
		}
		for _, tag := range s.Tags {
			if tag.Key == "span.kind" || tag.Key == "http.path" || tag.Key == "error" && tag.Value != true {
				fact = append(fact, fmt.Sprint(tag.Key, "=", tag.Value))
			}
		}
		facts[names[s.SpanID]] = strings.Join(fact, ", ")
	}
	require.Equal(t, map[string]string{
		"e2e-front get /api": "http.path=/api, span.kind=client",
		"e2e-back get /api":  "below e2e-front get /api, span.kind=server",
		"e2e-back work":      "below e2e-back get /api, error=it broke",
	}, facts)

	var deps struct {
		Data []struct {
			Parent, Child string
			CallCount     int
		}
	}
	require.NoError(t, getJSON(o.url+"/jaeger/api/dependencies", nil, &deps))
	edges, err := json.Marshal(deps.Data)
	require.NoError(t, err)
	require.Contains(t, string(edges), `{"Parent":"e2e-front","Child":"e2e-back","CallCount":1}`)
}

func TestJaegerLibrary(t *testing.T) {
	t.Parallel()
	o := startForTracers(t)
	for _, tt := range []struct{ name, env, sampling string }{
		{"thrift over HTTP", "JAEGER_ENDPOINT=" + o.collector + "/api/traces?format=jaeger.thrift", ""},
		{"sampled as it is told", "JAEGER_ENDPOINT=" + o.collector + "/api/traces", o.sampling},
		{"UDP, binary", "JAEGER_AGENT_PORT=" + o.binary, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			id := printed(t, "jaeger.mjs", tt.env, "SAMPLING="+tt.sampling, "SERVICE=e2e-jaeger")
			trace := jaegerTraceOf(t, o.oriel, id, 6)
			for _, s := range trace.Spans {
				require.Equal(t, "e2e-jaeger", trace.Processes[s.ProcessID].ServiceName)
				if s.OperationName != "place order" {
					require.Len(t, s.References, 1)
					continue
				}
				tags := map[string]any{}
				for _, tag := range s.Tags {
					tags[tag.Key] = tag.Value
				}
				require.Equal(t, "server", tags["span.kind"])
				require.Equal(t, true, tags["error"])
				require.EqualValues(t, 500, tags["http.status_code"])
				require.Len(t, s.Logs, 1)
			}
		})
	}
	var found struct{ Traces []struct{ TraceID string } }
	require.NoError(t, getJSON(o.url+"/tempo/api/search", url.Values{"q": {`{ resource.service.name = "e2e-jaeger" && status = error && span.http.status_code = 500.0 }`}}, &found))
	require.Len(t, found.Traces, 3)
}

// Grafana asks Tempo by gRPC at the port of its HTTP URL, and Jaeger's clients
// ask version 2 or 3 at a port of its own.
func TestQueriesOverGRPC(t *testing.T) {
	t.Parallel()
	o := startForTracers(t)
	printed(t, "jaeger.mjs", "JAEGER_ENDPOINT="+o.collector+"/api/traces", "SERVICE=e2e-grpc")
	search := protowire.AppendString(protowire.AppendTag(nil, 8, protowire.BytesType), `{ resource.service.name = "e2e-grpc" }`)
	answers := ask(t, strings.TrimPrefix(o.url, "http://"), "/tempopb.StreamingQuerier/Search", search)
	require.Contains(t, answers[len(answers)-1], "place order")

	require.Contains(t, ask(t, o.queryGRPC, "/jaeger.api_v3.QueryService/GetServices", nil)[0], "e2e-grpc")
	require.Contains(t, ask(t, o.queryGRPC, "/jaeger.api_v2.QueryService/GetServices", nil)[0], "e2e-grpc")

	// api_v2: { batch { spans {…} process { service_name } } }, with times of now.
	require.Equal(t, []string{""}, ask(t, o.collectorGRPC, "/jaeger.api_v2.CollectorService/PostSpans", postSpans("e2e-post")))
	require.Contains(t, ask(t, o.queryGRPC, "/jaeger.api_v3.QueryService/GetServices", nil)[0], "e2e-post")
}

func ask(t *testing.T, addr, method string, in rawgrpc.Frame) (answers []string) {
	t.Helper()
	conn, err := grpc.NewClient(addr, grpc.WithTransportCredentials(insecure.NewCredentials()), grpc.WithDefaultCallOptions(grpc.ForceCodecV2(rawgrpc.Codec{})))
	require.NoError(t, err)
	defer conn.Close()
	s, err := conn.NewStream(t.Context(), &grpc.StreamDesc{ServerStreams: true}, method)
	require.NoError(t, err)
	require.NoError(t, s.SendMsg(&in))
	require.NoError(t, s.CloseSend())
	for {
		var out rawgrpc.Frame
		if err := s.RecvMsg(&out); errors.Is(err, io.EOF) {
			require.NotEmpty(t, answers)
			return answers
		} else if err != nil {
			require.NoError(t, err)
		}
		answers = append(answers, string(out))
	}
}

// postSpans is a PostSpansRequest of one span.
func postSpans(service string) rawgrpc.Frame {
	part := func(b []byte, num protowire.Number, inner []byte) []byte {
		return protowire.AppendBytes(protowire.AppendTag(b, num, protowire.BytesType), inner)
	}
	begin := protowire.AppendVarint(protowire.AppendTag(nil, 1, protowire.VarintType), uint64(time.Now().Unix()))
	span := part(nil, 1, []byte("0123456789abcdef"))
	span = part(span, 2, []byte("01234567"))
	span = part(span, 3, []byte("posted"))
	span = part(span, 6, begin)
	batch := part(part(nil, 1, span), 2, part(nil, 1, []byte(service)))
	return part(nil, 1, batch)
}
