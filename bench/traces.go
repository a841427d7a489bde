package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"
)

// readBack is how many traces a count reads back per connection: the last so
// many, and as many others.
const readBack = 25

// A traceDialect is a query API. The same questions are put in each.
type traceDialect int

const (
	jaegerAPI   traceDialect = iota // /api/traces, as Grafana's Jaeger data source and Jaeger's UI up to 2.x use it
	jaegerV3API                     // /api/v3, all that new versions of Jaeger have for searches
	tempoAPI                        // TraceQL
)

// traceQueries asks what people ask of traces, in the target's dialect.
func traceQueries(api *tracesAPI, sent *traceLoad, o *options) []query {
	start, stop := o.start(), o.end
	list := []query{{name: "trace_by_id", rows: api.dialect.spans, each: func(i int) string { return api.query + "/traces/" + sent.pick(i) }}}
	search := func(name, service, minDuration, attr, value, traceql string) {
		q := query{name: name, path: api.query + "/traces"}
		tags := fmt.Sprintf("{%q:%q}", attr, value)
		switch api.dialect {
		case jaegerAPI:
			q.rows = listRows
			q.params = url.Values{
				"service": {service}, "minDuration": {minDuration}, "limit": {"20"},
				"start": {strconv.FormatInt(start.UnixMicro(), 10)}, "end": {strconv.FormatInt(stop.UnixMicro(), 10)},
			}
			if attr != "" {
				q.params.Set("tags", tags)
			}
		case jaegerV3API:
			q.rows = distinctTraces
			q.params = url.Values{
				"query.serviceName": {service}, "query.durationMin": {minDuration}, "query.searchDepth": {"20"},
				"query.startTimeMin": {start.UTC().Format(time.RFC3339)}, "query.startTimeMax": {stop.UTC().Format(time.RFC3339)},
			}
			if attr != "" {
				q.params.Set("query.attributes", tags)
			}
		case tempoAPI:
			q.path, q.rows = api.query+"/search", func(b []byte) (int, error) {
				var a struct{ Traces []json.RawMessage }
				err := json.Unmarshal(b, &a)
				return len(a.Traces), err
			}
			q.params = url.Values{"q": {traceql}, "limit": {"20"}, "start": {unix(start)}, "end": {unix(stop)}}
		}
		for k, v := range q.params {
			if v[0] == "" {
				q.params.Del(k)
			}
		}
		list = append(list, q)
	}
	search("service_duration", "checkout", "200ms", "", "", `{resource.service.name="checkout" && duration>200ms}`)
	search("attribute", "frontend", "", "enduser.id", "c-1234", `{resource.service.name="frontend" && span.enduser.id="c-1234"}`)
	search("status_error", "frontend", "", "error", "true", `{resource.service.name="frontend" && status=error}`)
	services := query{name: "services", path: api.query + "/services", rows: listRows}
	switch api.dialect {
	case jaegerV3API:
		services.rows = func(b []byte) (int, error) {
			var a struct{ Services []string }
			err := json.Unmarshal(b, &a)
			return len(a.Services), err
		}
	case tempoAPI:
		services.path = api.query + "/v2/search/tag/resource.service.name/values"
		services.params = url.Values{"start": {unix(start)}, "end": {unix(stop)}}
		services.rows = func(b []byte) (int, error) {
			var a struct{ TagValues []json.RawMessage }
			err := json.Unmarshal(b, &a)
			return len(a.TagValues), err
		}
	}
	return append(list, services)
}

// spans counts the spans in the answer to a query for a trace.
func (d traceDialect) spans(b []byte) (int, error) {
	if d != jaegerAPI {
		return bytes.Count(b, []byte(`"spanId"`)), nil
	}
	var a struct {
		Data []struct{ Spans []json.RawMessage }
	}
	if err := json.Unmarshal(b, &a); err != nil || len(a.Data) == 0 {
		return 0, err
	}
	return len(a.Data[0].Spans), nil
}

func distinctTraces(b []byte) (int, error) {
	seen := map[string]bool{}
	for _, part := range strings.Split(string(b), `"traceId":"`)[1:] {
		id, _, _ := strings.Cut(part, `"`)
		seen[id] = true
	}
	return len(seen), nil
}

// pick spreads i over all traces sent.
func (l *traceLoad) pick(i int) string {
	ids := l.ids[i%len(l.ids)]
	return ids[i*7919%len(ids)]
}

func (l *loads) tracesWorkload(t *target) (*workload, error) {
	api := t.traces
	if api == nil {
		return nil, fmt.Errorf("%s takes no traces", t.name)
	}
	if l.traces == nil {
		begin := time.Now()
		l.traces = encodeTraces(l.o)
		fmt.Fprintf(os.Stderr, "encoded %d spans in %d MB in %.0fs\n", l.traces.units(), l.traces.bytes()/1e6, time.Since(begin).Seconds())
	}
	return &workload{
		unit: "spans", perCPU: float64(l.traces.units()) / 1e6, cpuUnit: "s/1M",
		load: l.traces.load, push: api.push, pushPort: api.pushPort, askPort: api.queryPort, diskProbe: api.diskProbe,
		queries: traceQueries(api, l.traces, l.o),
		count: func(base string, part *load) (int, int, error) {
			return countSpans(base, api, part, l.traces)
		},
	}, nil
}

// countSpans reads back, of each connection, the last traces sent and some
// spread over the rest, and counts their spans.
func countSpans(base string, api *tracesAPI, part *load, all *traceLoad) (stored, sent int, err error) {
	client := newClient()
	for c, bodies := range part.conns {
		n := 0
		for _, b := range bodies {
			n += b.units / spansPerTrace
		}
		var ids []string
		for i := range min(readBack, n) {
			ids = append(ids, all.ids[c][n-1-i], all.ids[c][i*n/readBack])
		}
		for _, id := range ids {
			sent += spansPerTrace
			b, err := get(client, base+api.query+"/traces/"+id)
			if err != nil {
				continue // not found is lost
			}
			spans, err := api.dialect.spans(b)
			if err != nil {
				return 0, 0, err
			}
			stored += spans
		}
	}
	return stored, sent, nil
}
