package tempoapi

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"google.golang.org/protobuf/encoding/protojson"

	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/query/traceql"
)

// Bounds of a search.
const (
	defaultLimit       = 20
	maxLimit           = 262144
	defaultSpansPerSet = 3
	maxSpansPerSet     = 100
	maxSearchRange     = 400 * 24 * time.Hour // Tempo's is a week; whoever keeps spans for longer finds them
)

// What a search answers for a root that is not there.
const noRoot = "<root span not yet received>"

func (h *Handler) search(w http.ResponseWriter, r *http.Request) error {
	v := r.URL.Query()
	req, err := h.searchRequest(v)
	if err != nil {
		return err
	}
	lines, err := asksLines(v)
	if err != nil {
		return err
	}
	if lines {
		return h.searchLines(r.Context(), w, v, req)
	}
	res, err := h.engine.Search(r.Context(), req)
	if err != nil {
		return err
	}
	out, err := encodeSearch(res, v, req.Order)
	if err != nil {
		return err
	}
	return writeJSON(w, out)
}

// encodeSearch returns the answer to a request with the parameters v.
func encodeSearch(res *traceql.SearchResult, v url.Values, order traceql.Order) (out searchResponse, err error) {
	out.Traces = make([]traceJSON, len(res.Traces))
	for i, t := range res.Traces {
		if out.Traces[i], err = encodeHit(t); err != nil {
			return out, err
		}
	}
	out.Metrics = searchMetrics{
		InspectedTraces: res.Inspected, InspectedBytes: uint64String(res.Stats.BytesScanned), InspectedSpans: uint64String(res.Stats.RowsScanned),
		CompletedJobs: 1, TotalJobs: 1,
	}
	if asksMore(v) {
		out.completeness = completenessOf(res, order)
	}
	return out, nil
}

func (h *Handler) searchRequest(v url.Values) (traceql.SearchRequest, error) {
	req := traceql.SearchRequest{}
	limit, err := positiveInt(v, "limit", defaultLimit)
	if err != nil {
		return req, err
	}
	if limit > maxLimit {
		return req, invalidf("limit %d exceeds max limit %d", limit, maxLimit)
	}
	spss := defaultSpansPerSet
	if s := v.Get("spss"); s != "" {
		if spss, err = strconv.Atoi(s); err != nil || spss < 0 {
			return req, invalidf("invalid spss: %q is not a number of spans", s)
		}
		if spss > maxSpansPerSet {
			return req, invalidf("spans per span set exceeds %d. received %d", maxSpansPerSet, spss)
		}
	}
	start, end, set, err := h.seconds(v)
	if err != nil {
		return req, err
	}
	if set && time.Duration(end-start)*time.Second > maxSearchRange {
		return req, invalidf("range specified by start and end exceeds %v. received start=%d end=%d", maxSearchRange, start, end)
	}
	req = traceql.SearchRequest{Range: closedRange(start, end), Limit: limit, SpansPerSet: spss}
	if err := readPaging(v, &req); err != nil {
		return req, err
	}
	q := v.Get("q")
	legacy, err := legacyQuery(v, set)
	if err != nil {
		return req, err
	}
	if legacy != nil {
		if q != "" {
			return req, invalidf("invalid request: can't specify tags and q in the same query")
		}
		q, req.Keep = legacy.query, legacy.keep
	}
	if q == "" {
		q = "{ }"
	}
	req.Query, err = parseQuery(q)
	return req, err
}

// The messages of an answer; see tempopb.SearchResponse.
type (
	searchResponse struct {
		Traces  []traceJSON   `json:"traces"`
		Metrics searchMetrics `json:"metrics"`
		*completeness
	}
	searchMetrics struct {
		InspectedTraces int    `json:"inspectedTraces,omitempty"`
		InspectedBytes  string `json:"inspectedBytes,omitempty"`
		InspectedSpans  string `json:"inspectedSpans,omitempty"`
		CompletedJobs   int    `json:"completedJobs,omitempty"`
		TotalJobs       int    `json:"totalJobs,omitempty"`
	}
	traceJSON struct {
		TraceID           string               `json:"traceID"`
		RootServiceName   string               `json:"rootServiceName,omitempty"`
		RootTraceName     string               `json:"rootTraceName,omitempty"`
		StartTimeUnixNano string               `json:"startTimeUnixNano,omitempty"`
		DurationMs        uint32               `json:"durationMs,omitempty"`
		SpanSet           *spanSetJSON         `json:"spanSet,omitempty"` // deprecated copy of the first
		SpanSets          []*spanSetJSON       `json:"spanSets,omitempty"`
		ServiceStats      map[string]statsJSON `json:"serviceStats,omitempty"`
	}
	statsJSON struct {
		SpanCount  int `json:"spanCount,omitempty"`
		ErrorCount int `json:"errorCount,omitempty"`
	}
	spanSetJSON struct {
		Spans      []spanJSON `json:"spans,omitempty"`
		Matched    int        `json:"matched,omitempty"`
		Attributes []attrJSON `json:"attributes,omitempty"`
	}
	spanJSON struct {
		SpanID            string     `json:"spanID"`
		Name              string     `json:"name,omitempty"`
		StartTimeUnixNano string     `json:"startTimeUnixNano,omitempty"`
		DurationNanos     string     `json:"durationNanos,omitempty"`
		Attributes        []attrJSON `json:"attributes,omitempty"`
	}
	attrJSON struct {
		Key   string          `json:"key"`
		Value json.RawMessage `json:"value"`
	}
)

// uint64String is a 64-bit integer of protobuf's JSON; zero is left out.
func uint64String(n int64) string {
	if n == 0 {
		return ""
	}
	return strconv.FormatInt(n, 10)
}

func encodeHit(t traceql.TraceHit) (traceJSON, error) {
	out := traceJSON{
		TraceID: strings.TrimLeft(t.ID.String(), "0"), RootServiceName: t.RootService, RootTraceName: t.RootName,
		StartTimeUnixNano: uint64String(t.Start), DurationMs: uint32(min(t.Duration/int64(time.Millisecond), 1<<32-1)),
		ServiceStats: make(map[string]statsJSON, len(t.Services)),
	}
	if t.RootService == "" {
		out.RootServiceName = noRoot
	}
	for name, s := range t.Services {
		out.ServiceStats[name] = statsJSON{SpanCount: s.Spans, ErrorCount: s.Errors}
	}
	for _, set := range t.Sets {
		sj := &spanSetJSON{Matched: set.Matched}
		for _, a := range set.Attrs {
			aj, err := encodeAttr(a.Name, setValue(a.Value))
			if err != nil {
				return out, err
			}
			sj.Attributes = append(sj.Attributes, aj)
		}
		for _, s := range set.Spans {
			span := spanJSON{SpanID: s.ID.String(), Name: s.Name, StartTimeUnixNano: uint64String(s.Start), DurationNanos: uint64String(s.Duration)}
			for _, a := range s.Attrs {
				aj, err := encodeAttr(a.Key, a.Value)
				if err != nil {
					return out, err
				}
				span.Attributes = append(span.Attributes, aj)
			}
			sj.Spans = append(sj.Spans, span)
		}
		out.SpanSets = append(out.SpanSets, sj)
	}
	if len(out.SpanSets) > 0 {
		out.SpanSet = out.SpanSets[0]
	}
	return out, nil
}

// setValue returns the value of a spanset's attribute; durations are text.
func setValue(s traceql.Static) model.Value {
	if s.Type() == traceql.TypeDuration {
		return model.String(s.Text())
	}
	return s.Value()
}

func encodeAttr(key string, v model.Value) (attrJSON, error) {
	var raw []byte
	var err error
	switch v.Kind() {
	case model.KindString:
		raw, err = json.Marshal(map[string]string{"stringValue": v.Str()})
	case model.KindInt:
		raw = []byte(`{"intValue":"` + strconv.FormatInt(v.Int64(), 10) + `"}`)
	case model.KindBool:
		raw = []byte(`{"boolValue":` + strconv.FormatBool(v.IsTrue()) + `}`)
	default:
		raw, err = protojson.Marshal(traceql.OTLPValue(v))
	}
	if err != nil {
		return attrJSON{}, fmt.Errorf("encode attribute %q: %w", key, err)
	}
	return attrJSON{Key: key, Value: raw}, nil
}
