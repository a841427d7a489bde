package jaegerapi

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"go.opentelemetry.io/collector/pdata/ptrace"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"

	"github.com/oriel-obs/oriel/internal/fault"
	"github.com/oriel-obs/oriel/internal/httpx"
	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/query/traceql"
)

func (h *Handler) servicesV3(w http.ResponseWriter, r *http.Request) error {
	names, err := h.serviceNames(r.Context())
	if err != nil {
		return err
	}
	return httpx.WriteJSON(w, map[string]any{"services": names})
}

func (h *Handler) operationsV3(w http.ResponseWriter, r *http.Request) error {
	v := r.URL.Query()
	service := v.Get("service")
	if service == "" {
		return errNoService
	}
	ops, err := h.listOperations(r.Context(), service, either(v, "spanKind", "span_kind"))
	if err != nil {
		return err
	}
	return httpx.WriteJSON(w, map[string]any{"operations": ops})
}

func (h *Handler) traceV3(w http.ResponseWriter, r *http.Request) error {
	s, err := pathParam(r, "id")
	if err != nil {
		return err
	}
	id, err := traceIDV3(s)
	if err != nil {
		return err
	}
	span, err := rangeV3(r.URL.Query())
	if err != nil {
		return err
	}
	t, err := h.whole(r.Context(), id, span)
	if err != nil {
		return err
	}
	return writeTracesV3(w, []*traceql.Trace{t})
}

// rangeV3 reads where to look: everywhere, unless startTime and endTime say
// otherwise.
func rangeV3(v url.Values) (model.Range, error) {
	r := model.AllTime()
	if from, ok, err := timeParam(v, "startTime", "start_time"); err != nil {
		return r, err
	} else if ok {
		r.Start = from.UnixNano()
	}
	if to, ok, err := timeParam(v, "endTime", "end_time"); err != nil {
		return r, err
	} else if ok {
		r.End = to.UnixNano() + 1
	}
	return r, nil
}

// traceIDV3 reads an id in hex, or in the base64 of protobuf's JSON.
func traceIDV3(s string) (model.TraceID, error) {
	if id, err := model.ParseTraceID(s); err == nil {
		return id, nil
	}
	b, err := base64.StdEncoding.DecodeString(s)
	if err != nil || len(b) != len(model.TraceID{}) {
		return model.TraceID{}, invalidf("malformed parameter trace_id: %q", s)
	}
	return model.TraceID(b), nil
}

func (h *Handler) searchV3(w http.ResponseWriter, r *http.Request) error {
	q, err := searchRequestV3(r.URL.Query())
	if err != nil {
		return err
	}
	found, _, err := h.find(r.Context(), q)
	if err != nil {
		return err
	}
	if len(found) == 0 {
		return fmt.Errorf("find traces: %w", fault.ErrNotFound)
	}
	return writeTracesV3(w, found)
}

func searchRequestV3(v url.Values) (searchRequest, error) {
	q := searchRequest{
		service: either(v, "query.serviceName", "query.service_name"), operation: either(v, "query.operationName", "query.operation_name"),
		limit: defaultLimit,
	}
	if q.service == "" {
		return q, errNoService
	}
	from, ok, err := timeParam(v, "query.startTimeMin", "query.start_time_min")
	if err != nil {
		return q, err
	}
	to, ok2, err := timeParam(v, "query.startTimeMax", "query.start_time_max")
	if err != nil {
		return q, err
	}
	if !ok || !ok2 {
		return q, invalidf("query.startTimeMin and query.startTimeMax are required")
	}
	q.start, q.end = from, to
	if q.least, err = durationV3(v, "query.durationMin", "query.duration_min"); err != nil {
		return q, err
	}
	if q.most, err = durationV3(v, "query.durationMax", "query.duration_max"); err != nil {
		return q, err
	}
	if s := either(v, "query.searchDepth", "query.search_depth", "query.num_traces"); s != "" {
		if q.limit, err = strconv.Atoi(s); err != nil || q.limit < 1 {
			return q, invalidf("malformed parameter query.searchDepth: %q", s)
		}
	}
	if s := v.Get("query.attributes"); s != "" {
		if err := json.Unmarshal([]byte(s), &q.tags); err != nil {
			return q, invalidf("malformed parameter query.attributes: %v", err)
		}
	}
	return q, nil
}

// either returns the first of several spellings of a parameter that is set.
func either(v url.Values, keys ...string) string {
	for _, k := range keys {
		if s := v.Get(k); s != "" {
			return s
		}
	}
	return ""
}

func timeParam(v url.Values, keys ...string) (t time.Time, ok bool, err error) {
	s := either(v, keys...)
	if s == "" {
		return t, false, nil
	}
	if t, err = time.Parse(time.RFC3339Nano, s); err != nil {
		return t, false, invalidf("malformed parameter %s: %v", keys[0], err)
	}
	return t, true, nil
}

func durationV3(v url.Values, keys ...string) (time.Duration, error) {
	s := either(v, keys...)
	if s == "" {
		return 0, nil
	}
	d, err := time.ParseDuration(s)
	if err != nil {
		return 0, invalidf("malformed parameter %s: %v", keys[0], err)
	}
	return d, nil
}

// pdataOf returns traces as the collector's libraries take them.
func pdataOf(traces ...*traceql.Trace) (ptrace.Traces, error) {
	all := &tracepb.TracesData{}
	for _, t := range traces {
		all.ResourceSpans = append(all.ResourceSpans, t.OTLP().ResourceSpans...)
	}
	b, err := proto.Marshal(all)
	if err != nil {
		return ptrace.Traces{}, fmt.Errorf("encode traces: %w", err)
	}
	td, err := (&ptrace.ProtoUnmarshaler{}).UnmarshalTraces(b)
	if err != nil {
		return ptrace.Traces{}, fmt.Errorf("encode traces: %w", err)
	}
	return td, nil
}

// writeTracesV3 writes OTLP JSON, whose ids are hex.
func writeTracesV3(w http.ResponseWriter, traces []*traceql.Trace) error {
	td, err := pdataOf(traces...)
	if err != nil {
		return err
	}
	b, err := (&ptrace.JSONMarshaler{}).MarshalTraces(td)
	if err != nil {
		return fmt.Errorf("encode traces: %w", err)
	}
	w.Header().Set("Content-Type", "application/json")
	_, err = fmt.Fprintf(w, `{"result":%s}`, strings.TrimSpace(string(b)))
	return err
}
