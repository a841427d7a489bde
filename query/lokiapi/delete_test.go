package lokiapi_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"

	"github.com/oriel-obs/oriel/ingest/tap"
	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/query"
	"github.com/oriel-obs/oriel/query/lokiapi"
	"github.com/oriel-obs/oriel/storage"
	"github.com/oriel-obs/oriel/storage/storagetest"
)

func deleting(t *testing.T, src query.EventSource, d query.Deleter) func(method string, params ...string) *httptest.ResponseRecorder {
	t.Helper()
	r := chi.NewRouter()
	now := func() time.Time { return time.Unix(2000, 0) }
	lokiapi.New(lokiapi.Options{
		Source: src, Limits: query.DefaultLimits(), Feed: tap.New(nil, prometheus.NewRegistry()), Deletes: d, Now: now,
	}).Mount(r)
	return func(method string, params ...string) *httptest.ResponseRecorder {
		p := url.Values{}
		for i := 0; i < len(params); i += 2 {
			p.Add(params[i], params[i+1])
		}
		w := httptest.NewRecorder()
		r.ServeHTTP(w, httptest.NewRequest(method, "/loki/api/v1/delete?"+p.Encode(), nil))
		return w
	}
}

// deleter is a store whose deletes are known by a list.
type deleter struct {
	*storagetest.Memory
	done []storage.Deletion
}

func (d *deleter) Delete(ctx context.Context, r storage.DeleteRequest) (storage.DeleteResult, error) {
	d.done = append(d.done, storage.Deletion{
		Number: uint64(len(d.done)), Signal: r.Signal, Range: r.Range, Where: r.Where, Created: time.Unix(1999, 5e8), Pending: 1 - len(d.done)%2,
	})
	return d.Memory.Delete(ctx, r)
}

func (d *deleter) Deletes(context.Context) []storage.Deletion { return d.done }

func TestLinesAreDeleted(t *testing.T) {
	store := &deleter{Memory: shop(t)}
	do := deleting(t, store, store)
	// From 1002 to 1006, both included: those of api are three.
	w := do(http.MethodPost, "query", `{app="api"}`, "start", "1002", "end", "1006", "max_interval", "1h")
	require.Equal(t, http.StatusNoContent, w.Code, w.Body)
	require.Len(t, storagetest.Rows(t, store, storage.Scan{Signal: model.Logs, Range: model.AllTime()}), 7)
	w = do(http.MethodPut, "query", `{app="web"} |= "took 9"`, "start", "1000")
	require.Equal(t, http.StatusNoContent, w.Code, w.Body)
	require.Len(t, storagetest.Rows(t, store, storage.Scan{Signal: model.Logs, Range: model.AllTime()}), 6)

	w = do(http.MethodGet)
	require.Equal(t, http.StatusOK, w.Code)
	require.JSONEq(t, `[
		{"request_id":"0","start_time":1002,"end_time":1006,"query":"((stream[\"app\"] = \"api\"))","status":"received","created_at":1999.5},
		{"request_id":"1","start_time":1000,"end_time":2000,"query":"((stream[\"app\"] = \"web\") and body contains \"took 9\")","status":"processed","created_at":1999.5}
	]`, w.Body.String())
}

func TestDeletesThatAreRefused(t *testing.T) {
	store := &deleter{Memory: shop(t)}
	do := deleting(t, store, store)
	for _, tc := range []struct {
		method string
		params []string
		want   string
	}{
		{http.MethodPost, []string{"start", "1000"}, "parse error"},
		{http.MethodPost, []string{"start", "1000", "query", `{app="api"} | json`}, "only a stream selector and line filters"},
		{http.MethodPost, []string{"query", `{app="api"}`}, "start time not set"},
		{http.MethodPost, []string{"query", `{app="api"}`, "start", "5", "end", "4"}, "start time can't be greater than end time"},
		{http.MethodPost, []string{"query", `{app="api"}`, "start", "x"}, "could not parse 'start'"},
		{http.MethodDelete, []string{"request_id", "0"}, "cannot be cancelled"},
	} {
		w := do(tc.method, tc.params...)
		require.Equal(t, http.StatusBadRequest, w.Code, w.Body)
		require.Contains(t, w.Body.String(), tc.want)
	}
	require.Empty(t, store.done)

	off := deleting(t, store, nil)
	for _, method := range []string{http.MethodPost, http.MethodGet} {
		w := off(method, "query", `{app="api"}`, "start", "1000")
		require.Equal(t, http.StatusForbidden, w.Code)
		require.Contains(t, w.Body.String(), "web.admin_api")
	}
}
