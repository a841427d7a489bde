package jaegerapi

import (
	"encoding/json"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/storage"
)

// What a search that says nothing else asks for.
const (
	defaultLimit    = 100
	defaultLookback = 48 * time.Hour
)

var errNoService = invalidf("parameter 'service' is required")

// A searchRequest is a search for traces, of which one span must satisfy
// everything at once.
type searchRequest struct {
	service   string
	operation string
	tags      map[string]string
	start     time.Time
	end       time.Time
	least     time.Duration // of a span
	most      time.Duration // of a span; 0 means no bound
	limit     int
	ids       []model.TraceID // asked for directly; the rest is ignored
}

func unescape(s string) (string, error) {
	out, err := url.PathUnescape(s)
	if err != nil {
		return "", invalidf("malformed path: %v", err)
	}
	return out, nil
}

func (h *Handler) searchRequest(v url.Values) (searchRequest, error) {
	q := searchRequest{service: v.Get("service"), operation: v.Get("operation"), limit: defaultLimit}
	for _, s := range v["traceID"] {
		id, err := model.ParseTraceID(s)
		if err != nil {
			return q, invalidf("cannot parse traceID param: %v", err)
		}
		q.ids = append(q.ids, id)
	}
	if q.service == "" && len(q.ids) == 0 {
		return q, errNoService
	}
	var err error
	q.end = h.now()
	if q.end, err = micros(v, "end", q.end); err != nil {
		return q, err
	}
	if q.start, err = micros(v, "start", h.now().Add(-defaultLookback)); err != nil {
		return q, err
	}
	if s := v.Get("limit"); s != "" {
		if q.limit, err = strconv.Atoi(s); err != nil {
			return q, invalidf("unable to parse param 'limit': %v", err)
		}
		if q.limit <= 0 {
			q.limit = defaultLimit
		}
	}
	if q.least, err = durationParam(v, "minDuration"); err != nil {
		return q, err
	}
	if q.most, err = durationParam(v, "maxDuration"); err != nil {
		return q, err
	}
	if q.most != 0 && q.most < q.least {
		return q, invalidf("'maxDuration' should be greater than 'minDuration'")
	}
	q.tags, err = tagParams(v)
	return q, err
}

// micros reads a time in microseconds since the Unix epoch.
func micros(v url.Values, key string, def time.Time) (time.Time, error) {
	s := v.Get(key)
	if s == "" {
		return def, nil
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		return time.Time{}, invalidf("unable to parse param '%s': %v", key, err)
	}
	return time.UnixMicro(n), nil
}

func durationParam(v url.Values, key string) (time.Duration, error) {
	s := v.Get(key)
	if s == "" {
		return 0, nil
	}
	d, err := time.ParseDuration(s)
	if err != nil {
		return 0, invalidf("unable to parse param '%s': %v", key, err)
	}
	return d, nil
}

// tagParams reads tag=key:value and tags={"key":"value"}.
func tagParams(v url.Values) (map[string]string, error) {
	tags := map[string]string{}
	for _, t := range v["tag"] {
		key, value, ok := strings.Cut(t, ":")
		if !ok {
			return nil, invalidf("malformed 'tag' parameter, expecting key:value, received: %s", t)
		}
		tags[key] = value
	}
	for _, t := range v["tags"] {
		var m map[string]string
		if err := json.Unmarshal([]byte(t), &m); err != nil {
			return nil, invalidf("malformed 'tags' parameter, cannot unmarshal JSON: %v", err)
		}
		for k, s := range m {
			tags[k] = s
		}
	}
	return tags, nil
}

// where returns what one span of each trace satisfies.
func (q searchRequest) where() storage.Predicate {
	all := storage.And{ofService(q.service)}
	if q.operation != "" {
		all = append(all, storage.Compare{Field: storage.Field{Place: storage.Body}, Op: storage.Eq, Value: model.String(q.operation)})
	}
	duration := storage.Field{Place: storage.Duration}
	if q.least > 0 {
		all = append(all, storage.Compare{Field: duration, Op: storage.Ge, Value: model.Int(int64(q.least))})
	}
	if q.most > 0 {
		all = append(all, storage.Compare{Field: duration, Op: storage.Le, Value: model.Int(int64(q.most))})
	}
	for k, v := range q.tags {
		all = append(all, tagIs(k, v))
	}
	return all
}

// tagIs compares a tag with text: of the span, its process, or its logs.
// Columns that Jaeger shows as tags count as well.
func tagIs(key, text string) storage.Predicate {
	equal := func(f storage.Field, v model.Value) storage.Predicate {
		return storage.Compare{Field: f, Op: storage.Eq, Value: v}
	}
	var or storage.Or
	for _, place := range []storage.Place{storage.Attr, storage.Stream, storage.EventAttr} {
		for _, v := range readings(text) {
			or = append(or, equal(storage.Field{Place: place, Key: key}, v))
		}
	}
	status := storage.Field{Place: storage.Status}
	isError := equal(status, model.Int(int64(model.StatusError)))
	switch key {
	case "error":
		if text == "true" {
			or = append(or, isError)
		}
	case "span.kind":
		for _, k := range kinds {
			if k.name == text && text != "" {
				or = append(or, equal(storage.Field{Place: storage.Kind}, model.Int(int64(k.kind))))
			}
		}
	case "otel.status_code":
		switch text {
		case "ERROR":
			or = append(or, isError)
		case "OK":
			or = append(or, equal(status, model.Int(int64(model.StatusOK))))
		}
	case "otel.status_description":
		or = append(or, equal(storage.Field{Place: storage.StatusMessage}, model.String(text)))
	case "otel.scope.name":
		or = append(or, equal(storage.Field{Place: storage.ScopeName}, model.String(text)))
	case "otel.scope.version":
		or = append(or, equal(storage.Field{Place: storage.ScopeVersion}, model.String(text)))
	case "w3c.tracestate":
		or = append(or, equal(storage.Field{Place: storage.TraceState}, model.String(text)))
	case "event":
		or = append(or, equal(storage.Field{Place: storage.EventName}, model.String(text)))
	}
	return or
}

// readings returns the values that read as text.
func readings(text string) []model.Value {
	out := []model.Value{model.String(text)}
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		out = append(out, model.Int(n))
	}
	if f, err := strconv.ParseFloat(text, 64); err == nil {
		out = append(out, model.Float(f))
	}
	if text == "true" || text == "false" {
		out = append(out, model.Bool(text == "true"))
	}
	return out
}
