package traceql_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/stretchr/testify/require"

	"github.com/oriel-obs/oriel/query"
	"github.com/oriel-obs/oriel/query/tempoapi"
	"github.com/oriel-obs/oriel/query/traceql"
	"github.com/oriel-obs/oriel/query/traceql/oracletest"
	"github.com/oriel-obs/oriel/storage/storagetest"
)

var oracleBase = time.Unix(1700000000, 0).Truncate(30 * time.Minute)

func recordedSpans(t *testing.T, o *oracletest.Answers) *storagetest.Memory {
	t.Helper()
	store := &storagetest.Memory{}
	for _, body := range o.Requests() {
		require.NoError(t, store.Append(t.Context(), otlpBatch(t, body)))
	}
	return store
}

// TestAnswersOfATempoServer compares with what Tempo 3.1 answered to the same
// queries over the same spans.
func TestAnswersOfATempoServer(t *testing.T) {
	o := oracletest.Load(t, oracleBase)
	store := recordedSpans(t, o)
	r := chi.NewRouter()
	tempoapi.New(traceql.NewEngine(store, query.DefaultLimits()), tempoapi.Config{BlockLists: true}).Mount(r)
	o.Run(t, func(path string, params url.Values) (int, []byte) {
		w := httptest.NewRecorder()
		r.ServeHTTP(w, httptest.NewRequest(http.MethodGet, tempoapi.Prefix+path+"?"+params.Encode(), nil))
		return w.Code, w.Body.Bytes()
	})
}
