package lokiapi_test

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/stretchr/testify/require"

	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/query"
	"github.com/oriel-obs/oriel/query/logql/oracletest"
	"github.com/oriel-obs/oriel/query/lokiapi"
	"github.com/oriel-obs/oriel/storage/storagetest"
)

var oracleBase = time.Date(2024, 3, 12, 10, 0, 0, 0, time.UTC)

// TestAnswersOfALokiServer compares with what Loki 3.8 answered to the same
// queries over the same lines.
func TestAnswersOfALokiServer(t *testing.T) {
	o := oracletest.Load(t, oracleBase)
	store := &storagetest.Memory{}
	bd := model.NewBuilder(model.Logs, 8192)
	for _, l := range o.Lines() {
		st := &model.Stream{}
		for k, v := range l.Stream {
			st.Attrs = append(st.Attrs, model.Attr{Key: k, Value: model.String(v)})
		}
		st.Attrs = model.SortAttrs(st.Attrs)
		bd.Row(bd.Stream(st), oracleBase.UnixNano()+l.Offset, l.Text)
		for k, v := range l.Meta {
			if v != "" { // metadata without a value are not stored: the business of ingestion
				bd.Attr(k, model.String(v))
			}
		}
	}
	require.NoError(t, store.Append(t.Context(), bd.Batch()))
	h := newServer(store, query.DefaultLimits())
	o.Run(t, func(path string) (int, []byte) {
		rec := httptest.NewRecorder()
		h.ServeHTTP(rec, httptest.NewRequest(http.MethodGet, "/loki"+path, nil))
		return rec.Code, rec.Body.Bytes()
	})
}

func newServer(src query.EventSource, limits query.Limits) http.Handler {
	r := chi.NewRouter()
	lokiapi.New(lokiapi.Options{Source: src, Limits: limits}).Mount(r)
	return r
}
