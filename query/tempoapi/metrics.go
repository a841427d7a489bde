package tempoapi

import (
	"context"
	"encoding/json"
	"math"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/oriel-obs/oriel/query/traceql"
)

// maxMetricsRange is the longest range of a metrics query. Tempo's is a day,
// since it reads blocks from afar; here what a query reads is limited as such.
const maxMetricsRange = maxSearchRange

// defaultExemplars is how many exemplars a query gets that asks for no number.
const defaultExemplars = 100

func (h *Handler) queryRange(w http.ResponseWriter, r *http.Request) error {
	res, cut, err := h.measureRange(r.Context(), r.URL.Query())
	if err != nil {
		return err
	}
	out := metricsResponse{
		Status: "COMPLETE", Message: cut, Metrics: metricsStats{uint64String(res.Stats.BytesScanned), uint64String(res.Stats.RowsScanned)},
	}
	if cut != "" {
		out.Status = "PARTIAL"
	}
	for _, s := range res.Series {
		sj, err := encodeSeries(s)
		if err != nil {
			return err
		}
		for i, p := range s.Points {
			if p == p {
				sj.Samples = append(sj.Samples, sampleJSON{millis(res.Times[i]), jsonFloat(p)})
			}
		}
		if len(sj.Samples) > 0 {
			out.Series = append(out.Series, sj)
		}
	}
	return writeJSON(w, out)
}

// measureRange answers a query over a range. cut says what is left out of the
// answer, if anything.
func (h *Handler) measureRange(ctx context.Context, v url.Values) (res *traceql.MetricsResult, cut string, err error) {
	req, err := h.metricsRequest(v, false)
	if err != nil {
		return nil, "", err
	}
	if res, err = h.engine.Metrics(ctx, req); err != nil {
		return nil, "", err
	}
	most := math.MaxInt
	if v.Get("maxSeries") != "0" { // Tempo's clients send 0 for none
		if most, err = positiveInt(v, "maxSeries", most); err != nil {
			return nil, "", err
		}
	}
	if len(res.Series) > most {
		res.Series, cut = res.Series[:most], "the answer is cut to "+strconv.Itoa(most)+" series"
	}
	return res, cut, nil
}

// measureInstant answers a query for one point in time.
func (h *Handler) measureInstant(ctx context.Context, v url.Values) (*traceql.MetricsResult, error) {
	req, err := h.metricsRequest(v, true)
	if err != nil {
		return nil, err
	}
	req.Exemplars = 0 // an instant answer has none
	return h.engine.Metrics(ctx, req)
}

func (h *Handler) queryInstant(w http.ResponseWriter, r *http.Request) error {
	res, err := h.measureInstant(r.Context(), r.URL.Query())
	if err != nil {
		return err
	}
	out := metricsResponse{Status: "COMPLETE", Metrics: metricsStats{uint64String(res.Stats.BytesScanned), uint64String(res.Stats.RowsScanned)}}
	for _, s := range res.Series {
		if s.Points[0] != s.Points[0] {
			continue
		}
		sj, err := encodeSeries(s)
		if err != nil {
			return err
		}
		v := jsonFloat(s.Points[0])
		sj.Value = &v
		out.Series = append(out.Series, sj)
	}
	return writeJSON(w, out)
}

func (h *Handler) metricsRequest(v url.Values, isInstant bool) (traceql.MetricsRequest, error) {
	req := traceql.MetricsRequest{Instant: isInstant, Exemplars: defaultExemplars}
	q := v.Get("q")
	if q == "" {
		q = v.Get("query")
	}
	var err error
	if req.Query, err = parseQuery(q); err != nil {
		return req, err
	}
	if req.Start, req.End, err = h.metricsRange(v); err != nil {
		return req, err
	}
	if req.End <= req.Start {
		return req, invalidf("http parameter start must be before end. received start=%d end=%d", req.Start, req.End)
	}
	length := time.Duration(req.End - req.Start)
	if length > maxMetricsRange {
		return req, invalidf("metrics query time range exceeds the maximum allowed duration of %v", maxMetricsRange)
	}
	req.Step = defaultStep(length)
	if s := v.Get("step"); s != "" {
		if req.Step, err = duration(s); err != nil {
			return req, invalidf("invalid step: %q is not a duration", s)
		}
		if req.Step <= 0 {
			return req, invalidf("invalid step: %q is not positive", s)
		}
	}
	if s := v.Get("exemplars"); s != "" {
		if req.Exemplars, err = strconv.Atoi(s); err != nil {
			return req, invalidf("invalid exemplars: %q is not an integer", s)
		}
	}
	return req, nil
}

func (h *Handler) metricsRange(v url.Values) (start, end int64, err error) {
	now := h.now()
	end = now.UnixNano()
	if s := v.Get("end"); s != "" {
		if end, err = instant(s); err != nil {
			return 0, 0, invalidf("invalid end: %v", err)
		}
	}
	since := defaultLookback
	if s := v.Get("since"); s != "" {
		if since, err = duration(s); err != nil {
			return 0, 0, invalidf("invalid since: %v", err)
		}
	}
	start = end - int64(since)
	if s := v.Get("start"); s != "" {
		if start, err = instant(s); err != nil {
			return 0, 0, invalidf("invalid start: %v", err)
		}
	}
	return start, end, nil
}

// defaultStep gives about 240 points at a round step.
func defaultStep(length time.Duration) time.Duration {
	d := length / 240
	for _, unit := range []time.Duration{time.Hour, 5 * time.Minute, time.Minute, 15 * time.Second, 5 * time.Second, time.Second} {
		if d >= unit {
			return d.Truncate(unit)
		}
	}
	if length < time.Minute {
		return 50 * time.Millisecond
	}
	return time.Second
}

// The messages of an answer; see tempopb.QueryRangeResponse.
type (
	metricsResponse struct {
		Series  []seriesJSON `json:"series,omitempty"`
		Metrics metricsStats `json:"metrics"`
		Status  string       `json:"status,omitempty"`
		Message string       `json:"message,omitempty"`
	}
	metricsStats struct {
		InspectedBytes string `json:"inspectedBytes,omitempty"`
		InspectedSpans string `json:"inspectedSpans,omitempty"`
	}
	seriesJSON struct {
		Labels     []attrJSON     `json:"labels,omitempty"`
		Samples    []sampleJSON   `json:"samples,omitempty"`
		Value      *jsonFloat     `json:"value,omitempty"`
		PromLabels string         `json:"promLabels,omitempty"`
		Exemplars  []exemplarJSON `json:"exemplars,omitempty"`
	}
	sampleJSON struct {
		TimestampMs string    `json:"timestampMs"`
		Value       jsonFloat `json:"value"`
	}
	exemplarJSON struct {
		Labels      []attrJSON `json:"labels,omitempty"`
		Value       jsonFloat  `json:"value"`
		TimestampMs string     `json:"timestampMs"`
	}
)

// A jsonFloat is a double of protobuf's JSON, where NaN and infinities are
// strings.
type jsonFloat float64

// MarshalJSON implements json.Marshaler.
func (f jsonFloat) MarshalJSON() ([]byte, error) {
	switch x := float64(f); {
	case math.IsNaN(x):
		return []byte(`"NaN"`), nil
	case math.IsInf(x, 1):
		return []byte(`"Infinity"`), nil
	case math.IsInf(x, -1):
		return []byte(`"-Infinity"`), nil
	}
	return json.Marshal(float64(f))
}

func millis(unixNano int64) string { return strconv.FormatInt(unixNano/int64(time.Millisecond), 10) }

func encodeSeries(s *traceql.Series) (seriesJSON, error) {
	out := seriesJSON{PromLabels: promLabels(s.Labels)}
	var err error
	if out.Labels, err = encodeLabels(s.Labels); err != nil {
		return out, err
	}
	for _, e := range s.Exemplars {
		labels, err := encodeLabels(e.Labels)
		if err != nil {
			return out, err
		}
		out.Exemplars = append(out.Exemplars, exemplarJSON{labels, jsonFloat(e.Value), millis(e.Time)})
	}
	return out, nil
}

func encodeLabels(labels []traceql.Label) ([]attrJSON, error) {
	var out []attrJSON
	for _, l := range labels {
		a, err := encodeAttr(l.Name, setValue(l.Value))
		if err != nil {
			return nil, err
		}
		out = append(out, a)
	}
	return out, nil
}

// promLabels writes labels as Prometheus does: {a="b", c="d"}.
func promLabels(labels []traceql.Label) string {
	parts := make([]string, len(labels))
	for i, l := range labels {
		parts[i] = l.Name + "=" + strconv.Quote(l.Value.Text())
	}
	return "{" + strings.Join(parts, ", ") + "}"
}
