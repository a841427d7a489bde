package tempoapi_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"iter"
	"net/http"
	"net/http/httptest"
	"strconv"
	"testing"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/stretchr/testify/require"

	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/query"
	"github.com/oriel-obs/oriel/query/tempoapi"
	"github.com/oriel-obs/oriel/query/traceql"
	"github.com/oriel-obs/oriel/storage"
	"github.com/oriel-obs/oriel/storage/storagetest"
)

// A torn source breaks off after so many scans.
type torn struct {
	query.EventSource
	scans int
}

func (s *torn) Scan(ctx context.Context, scan storage.Scan) iter.Seq2[*model.Batch, error] {
	if s.scans--; s.scans < 0 {
		return func(yield func(*model.Batch, error) bool) { yield(nil, errors.New("the disk is gone")) }
	}
	return s.EventSource.Scan(ctx, scan)
}

// searchInLines answers a search of n traces, shown one at a time.
func searchInLines(t *testing.T, n int, source func(query.EventSource) query.EventSource, params string) *httptest.ResponseRecorder {
	bd := model.NewBuilder(model.Spans, n)
	st := bd.Stream(&model.Stream{Attrs: []model.Attr{{Key: "service.name", Value: model.String("api")}}})
	for i := range n {
		bd.Span(st, model.Span{TraceID: id16(t, strconv.Itoa(i+1)), SpanID: id8(t, "01"), Name: "x", Start: t0*second + int64(i)*second/100, Duration: 1})
	}
	store := &storagetest.Memory{}
	require.NoError(t, store.Append(t.Context(), bd.Batch()))
	h := tempoapi.New(traceql.NewEngine(source(store), query.DefaultLimits()), tempoapi.Config{})
	clock := time.Unix(t0, 0)
	h.SetNow(func() time.Time {
		clock = clock.Add(time.Second)
		return clock
	})
	r, w := chi.NewRouter(), httptest.NewRecorder()
	h.Mount(r)
	url := "/tempo/api/search?q={}&limit=5000&start=" + strconv.Itoa(t0-9) + "&end=" + strconv.Itoa(t0+99) + "&" + params
	r.ServeHTTP(w, httptest.NewRequest(http.MethodGet, url, nil))
	return w
}

func whole(s query.EventSource) query.EventSource { return s }

func TestASearchInLinesTellsOfEachTraceAsItIsFound(t *testing.T) {
	w := searchInLines(t, 3, whole, "stream=true")
	require.Equal(t, http.StatusOK, w.Code)
	require.Equal(t, "application/x-ndjson", w.Header().Get("Content-Type"))
	var counts []int
	for lines := bufio.NewScanner(w.Body); lines.Scan(); {
		var doc struct{ Traces []any }
		require.NoError(t, json.Unmarshal(lines.Bytes(), &doc))
		counts = append(counts, len(doc.Traces))
	}
	require.Equal(t, []int{1, 1, 1, 3}, counts)

	plain := searchInLines(t, 3, whole, "")
	last := searchInLines(t, 0, whole, "stream=true")
	require.Equal(t, "application/json", plain.Header().Get("Content-Type"))
	require.JSONEq(t, `{"traces":[],"metrics":{"completedJobs":1,"totalJobs":1}}`, last.Body.String())
}

func TestASearchThatFailsSaysSoByItsStatusOrItsLastLine(t *testing.T) {
	w := searchInLines(t, 1, whole, "stream=perhaps")
	require.Equal(t, http.StatusBadRequest, w.Code)
	require.Contains(t, w.Body.String(), `invalid stream: "perhaps" is neither true nor false`)

	w = searchInLines(t, 1, func(s query.EventSource) query.EventSource { return &torn{s, 0} }, "stream=true")
	require.Equal(t, http.StatusInternalServerError, w.Code)

	// The first 32 traces are fetched by the second scan, the next by a third.
	w = searchInLines(t, 100, func(s query.EventSource) query.EventSource { return &torn{s, 2} }, "stream=true")
	require.Equal(t, http.StatusOK, w.Code)
	var last string
	for lines := bufio.NewScanner(w.Body); lines.Scan(); {
		last = lines.Text()
	}
	require.Contains(t, last, `{"error":`)
	require.Contains(t, last, "the disk is gone")
}
