//go:build e2e

package e2e

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// A Node program with the OpenTelemetry SDK and no endpoint configured finds
// Oriel on its default ports with all three signals.
func TestNodeSDKNeedsNoEndpoint(t *testing.T) {
	t.Parallel()
	o := startOriel(t, "serve", true)
	traceID := strings.TrimSpace(run(t, "node", program(t, "node"), "app.mjs"))
	require.Len(t, traceID, 32)

	var trace struct {
		Trace struct {
			ResourceSpans []struct {
				ScopeSpans []struct{ Spans []struct{ Name string } }
			}
		}
	}
	require.NoError(t, getJSON(o.url+"/tempo/api/v2/traces/"+traceID, nil, &trace))
	var names []string
	for _, rs := range trace.Trace.ResourceSpans {
		for _, ss := range rs.ScopeSpans {
			for _, s := range ss.Spans {
				names = append(names, s.Name)
			}
		}
	}
	require.ElementsMatch(t, []string{"place order", "step 0", "step 1", "step 2", "step 3", "step 4"}, names)

	var found struct {
		Traces []struct{ TraceID, RootTraceName string }
	}
	require.NoError(t, getJSON(o.url+"/tempo/api/search", url.Values{"q": {`{ resource.service.name = "e2e-node" && status = error }`}}, &found))
	require.Len(t, found.Traces, 1)
	require.Equal(t, strings.TrimLeft(traceID, "0"), found.Traces[0].TraceID)
	require.Equal(t, "place order", found.Traces[0].RootTraceName)

	require.Equal(t, 5, countLines(t, o, `{service_name="e2e-node"} | trace_id="`+traceID+`"`))
	require.Equal(t, 1, countLines(t, o, `{service_name="e2e-node"} |= "step 3" | step="3"`))

	orders := `{service_name="e2e-node"} | scope_name="e2e-orders"`
	requireEvents(t, o, orders)
	require.Equal(t, shipped, countLines(t, o, orders+` | detected_level="warn"`))
	require.Equal(t, 1, countLines(t, o, orders+` | order_id="42"`))

	v, err := value(o.url, `e2e_orders_total{job="e2e-node", kind="book"}`)
	require.NoError(t, err)
	require.Equal(t, "3", v)
}

func countLines(t *testing.T, o oriel, query string) int {
	t.Helper()
	var a struct {
		Data struct {
			Result []struct{ Values [][]any }
		}
	}
	require.NoError(t, getJSON(o.url+"/loki/api/v1/query_range", url.Values{"query": {query}, "limit": {"5000"}}, &a))
	n := 0
	for _, s := range a.Data.Result {
		n += len(s.Values)
	}
	return n
}

func TestTelemetrygenOverGRPC(t *testing.T) {
	t.Parallel()
	o := startOriel(t, "serve", false)
	gen := program(t, "telemetrygen")
	common := []string{"--otlp-endpoint", o.grpc, "--otlp-insecure", "--service", "gen", "--rate", "100"}
	run(t, "", gen, append([]string{"traces", "--traces", "20", "--child-spans", "3"}, common...)...)
	run(t, "", gen, append([]string{"logs", "--logs", "30", "--body", "hello from telemetrygen"}, common...)...)
	run(t, "", gen, append([]string{"metrics", "--metrics", "5", "--otlp-metric-name", "gen.things", "--metric-type", "Sum"}, common...)...)

	var found struct{ Traces []struct{ TraceID string } }
	require.NoError(t, getJSON(o.url+"/tempo/api/search", url.Values{"q": {`{ resource.service.name = "gen" }`}, "limit": {"100"}}, &found))
	require.Len(t, found.Traces, 20)
	var services struct{ Data []string }
	require.NoError(t, getJSON(o.url+"/jaeger/api/services", nil, &services))
	require.Contains(t, services.Data, "gen")
	require.Equal(t, 30, countLines(t, o, `{service_name="gen"} |= "hello from"`))
	await(t, func() error { // samples of one second may share a timestamp
		v, err := value(o.url, `count(last_over_time({job="gen", __name__=~"gen_things.*"}[5m]))`)
		if err == nil && v != "1" {
			err = fmt.Errorf("%s series", v)
		}
		return err
	})
}
