package tempoapi_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/go-chi/chi/v5"
	"github.com/stretchr/testify/require"

	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/query"
	"github.com/oriel-obs/oriel/query/tempoapi"
	"github.com/oriel-obs/oriel/query/traceql"
	"github.com/oriel-obs/oriel/storage/storagetest"
)

// pagedTraces is how many traces pagedServer has; every third failed.
const pagedTraces = 57

func pagedServer(t testing.TB, limits query.Limits) http.Handler {
	t.Helper()
	bd := model.NewBuilder(model.Spans, pagedTraces)
	st := bd.Stream(&model.Stream{Attrs: []model.Attr{{Key: "service.name", Value: model.String("svc")}}})
	rnd := rand.New(rand.NewPCG(1, 1))
	for i := range pagedTraces {
		// Few starts and durations, so that many traces are equal in them.
		s := model.Span{
			Name: "op", SpanID: model.SpanID{1, byte(i)}, TraceID: model.TraceID{byte(rnd.IntN(256)), 1, byte(i)},
			Start: t0*second + rnd.Int64N(7)*second, Duration: rnd.Int64N(5) * second,
		}
		if i%3 == 0 {
			s.Status = model.StatusError
		}
		bd.Span(st, s)
	}
	m := &storagetest.Memory{}
	require.NoError(t, m.Append(t.Context(), bd.Batch()))
	r := chi.NewRouter()
	tempoapi.New(traceql.NewEngine(m, limits), tempoapi.Config{}).Mount(r)
	return r
}

type page struct {
	Traces []struct {
		TraceID           string
		StartTimeUnixNano int64 `json:",string"`
		DurationMs        int64
	}
	Status, Message, NextCursor string
	TotalTraces                 int
}

func askPage(t testing.TB, h http.Handler, v url.Values) (page, int, string) {
	t.Helper()
	v.Set("start", fmt.Sprint(t0-60))
	v.Set("end", fmt.Sprint(t0+60))
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/tempo/api/search?"+v.Encode(), nil))
	var p page
	if w.Code == http.StatusOK {
		require.NoError(t, json.Unmarshal(w.Body.Bytes(), &p), w.Body)
	}
	return p, w.Code, w.Body.String()
}

func TestPagesHaveEveryTraceOnceInOrder(t *testing.T) {
	h := pagedServer(t, query.DefaultLimits())
	for _, sort := range []string{"start", "duration"} {
		for _, limit := range []string{"1", "7", "19", "57", "100"} {
			v := url.Values{"q": {"{}"}, "limit": {limit}, "sort": {sort}}
			seen := map[string]bool{}
			last := int64(1 << 62)
			for {
				p, code, body := askPage(t, h, v)
				require.Equal(t, http.StatusOK, code, body)
				require.Equal(t, "COMPLETE", p.Status)
				require.Equal(t, pagedTraces, p.TotalTraces)
				for _, tr := range p.Traces {
					key := tr.StartTimeUnixNano
					if sort == "duration" {
						key = tr.DurationMs
					}
					require.LessOrEqual(t, key, last)
					last = key
					require.False(t, seen[tr.TraceID], "again: %s", tr.TraceID)
					seen[tr.TraceID] = true
				}
				if p.NextCursor == "" {
					break
				}
				v.Set("cursor", p.NextCursor)
				v.Del("sort") // the cursor knows it
			}
			require.Len(t, seen, pagedTraces, "sort %s, limit %s", sort, limit)
		}
	}
}

func TestCountsAreOfAllMatches(t *testing.T) {
	p, _, _ := askPage(t, pagedServer(t, query.DefaultLimits()), url.Values{"q": {"{ status = error }"}, "limit": {"2"}, "sort": {"start"}})
	require.Len(t, p.Traces, 2)
	require.Equal(t, pagedTraces/3, p.TotalTraces)
}

func TestAnswersSayWhatTheyLeaveOut(t *testing.T) {
	h := pagedServer(t, query.DefaultLimits())
	p, _, _ := askPage(t, h, url.Values{"q": {"{}"}, "limit": {"2"}, "partial": {"true"}})
	require.Equal(t, "PARTIAL", p.Status)
	require.Contains(t, p.Message, "limit of 2 traces")
	_, _, body := askPage(t, h, url.Values{"q": {"{}"}, "limit": {"2"}})
	require.NotContains(t, body, "totalTraces", "Tempo's clients refuse fields that they do not know")

	limits := query.DefaultLimits()
	limits.MaxRows = 40
	h = pagedServer(t, limits)
	_, code, body := askPage(t, h, url.Values{"q": {"{}"}, "sort": {"start"}})
	require.NotEqual(t, http.StatusOK, code)
	require.Contains(t, body, "query.max_rows")
	p, code, body = askPage(t, h, url.Values{"q": {"{}"}, "sort": {"start"}, "partial": {"true"}})
	require.Equal(t, http.StatusOK, code, body)
	require.Equal(t, "PARTIAL", p.Status)
	require.Contains(t, p.Message, "query.max_rows")
}

func TestPagingParametersAreChecked(t *testing.T) {
	h := pagedServer(t, query.DefaultLimits())
	first, _, _ := askPage(t, h, url.Values{"q": {"{}"}, "limit": {"2"}, "sort": {"start"}})
	for _, v := range []url.Values{
		{"sort": {"name"}},
		{"cursor": {"!"}},
		{"cursor": {"AAAA"}},
		{"partial": {"maybe"}},
		{"sort": {"duration"}, "cursor": {first.NextCursor}},
		{"cursor": {strings.Repeat("A", 34)}},
	} {
		_, code, body := askPage(t, h, v)
		require.Equal(t, http.StatusBadRequest, code, "%v: %s", v, body)
	}
}

func FuzzCursor(f *testing.F) {
	h := pagedServer(f, query.DefaultLimits())
	p, _, _ := askPage(f, h, url.Values{"q": {"{}"}, "limit": {"2"}, "sort": {"start"}})
	f.Add(p.NextCursor)
	f.Add("AQ")
	f.Fuzz(func(t *testing.T, cursor string) {
		_, code, body := askPage(t, h, url.Values{"q": {"{}"}, "cursor": {cursor}, "limit": {"3"}})
		if code != http.StatusOK && code != http.StatusBadRequest {
			t.Fatalf("status %d: %s", code, body)
		}
	})
}
