package inflight

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/stretchr/testify/require"
)

func get(h http.Handler, path string) *httptest.ResponseRecorder {
	rec := httptest.NewRecorder()
	h.ServeHTTP(rec, httptest.NewRequest(http.MethodGet, path, nil))
	return rec
}

func TestAQueryIsSeenWhileItRunsAndForgottenWhenItWasQuick(t *testing.T) {
	w := New(Options{})
	h := w.Middleware(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		all := w.Running()
		require.Len(t, all, 1)
		require.Equal(t, "up", all[0].Text)
		require.Equal(t, "promql", all[0].Language)
		require.Equal(t, "15", all[0].Step)
	}))
	get(h, "/api/v1/query_range?query=up&step=15")
	require.Empty(t, w.Running())
	require.Empty(t, w.Remembered())
}

func TestAPostedFormReachesTheHandlerWhole(t *testing.T) {
	w := New(Options{})
	h := w.Middleware(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		require.Equal(t, `{a="b"}`, r.FormValue("query"))
		require.Equal(t, "logql", w.Running()[0].Language)
		require.Equal(t, "ada", w.Running()[0].User)
	}))
	r := httptest.NewRequest(http.MethodPost, "/loki/api/v1/query_range", strings.NewReader(url.Values{"query": {`{a="b"}`}}.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.SetBasicAuth("ada", "x")
	h.ServeHTTP(httptest.NewRecorder(), r)
}

func TestSlowAndFailedQueriesAreRememberedNewestFirstAndOnlySoMany(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := New(Options{Keep: 2})
		h := w.Middleware(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			switch r.FormValue("q") {
			case "{ slow }":
				time.Sleep(2 * time.Second)
			case "{ bad }":
				http.Error(rw, "no", http.StatusBadRequest)
			}
		}))
		for _, q := range []string{"{ bad }", "{ slow }", "{ quick }", "{ bad }"} {
			get(h, "/tempo/api/search?q="+url.QueryEscape(q))
		}
		all := w.Remembered()
		require.Len(t, all, 2)
		require.Equal(t, "{ bad }", all[0].Text)
		require.Equal(t, 400, all[0].Status)
		require.Equal(t, 3, all[0].Bytes)
		require.Equal(t, "{ slow }", all[1].Text)
		require.InDelta(t, 2, all[1].Seconds, 1e-6)
	})
}

func TestCancelEndsTheQuerysContextAndIsRemembered(t *testing.T) {
	w := New(Options{})
	r := chi.NewRouter()
	w.Mount(r)
	h := w.Middleware(http.HandlerFunc(func(_ http.ResponseWriter, req *http.Request) {
		rec := httptest.NewRecorder()
		r.ServeHTTP(rec, httptest.NewRequest(http.MethodDelete, "/oriel/api/v1/queries/active/"+w.Running()[0].ID, nil))
		require.Equal(t, http.StatusNoContent, rec.Code)
		<-req.Context().Done()
		require.ErrorIs(t, context.Cause(req.Context()), ErrCancelled)
	}))
	get(h, "/api/v1/query?query=up")
	require.True(t, w.Remembered()[0].Cancelled)
	rec := get(r, "/oriel/api/v1/queries/slow")
	require.Contains(t, rec.Body.String(), `"cancelled":true`)
	require.JSONEq(t, `{"queries":[]}`, get(r, "/oriel/api/v1/queries/active").Body.String())
}

func TestAQueryThatItsClientLeftHasNotFailed(t *testing.T) {
	w := New(Options{})
	ctx, leave := context.WithCancel(t.Context())
	h := w.Middleware(http.HandlerFunc(func(rw http.ResponseWriter, _ *http.Request) {
		leave()
		http.Error(rw, "gone", 499)
	}))
	h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/api/v1/query?query=up", nil).WithContext(ctx))
	require.Empty(t, w.Remembered())
}

func TestCancellingWhatDoesNotRunIsNotFoundAndOtherPagesMayNot(t *testing.T) {
	w := New(Options{})
	r := chi.NewRouter()
	w.Mount(r)
	rec := httptest.NewRecorder()
	r.ServeHTTP(rec, httptest.NewRequest(http.MethodDelete, "/oriel/api/v1/queries/active/7", nil))
	require.Equal(t, http.StatusNotFound, rec.Code)
	rec = httptest.NewRecorder()
	req := httptest.NewRequest(http.MethodDelete, "/oriel/api/v1/queries/active/7", nil)
	req.Header.Set("Sec-Fetch-Site", "cross-site")
	r.ServeHTTP(rec, req)
	require.Equal(t, http.StatusForbidden, rec.Code)
}

func TestWhatIsNoQueryPassesBy(t *testing.T) {
	for path, want := range map[string]string{
		"/api/v1/query": "promql", "/prometheus/api/v1/query_range": "promql", "/api/v1/query_exemplars": "promql",
		"/loki/api/v1/query": "logql", "/oriel/api/v1/logs/query": "logql", "/oriel/api/v1/logs/export": "logql",
		"/tempo/api/search": "traceql", "/tempo/api/metrics/query_range": "traceql",
		"/api/v1/labels": "", "/oriel/api/v1/status": "", "/": "", "": "", "/v1/logs": "",
	} {
		require.Equal(t, want, languageOf(path), path)
	}
}
