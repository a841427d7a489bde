package uiapi_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/go-chi/chi/v5"
	"github.com/stretchr/testify/require"

	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/query"
	"github.com/oriel-obs/oriel/query/uiapi"
	"github.com/oriel-obs/oriel/storage"
	"github.com/oriel-obs/oriel/storage/storagetest"
)

// memory is a store that has no deletes pending.
type memory struct{ storagetest.Memory }

func (*memory) Deletes(context.Context) []storage.Deletion {
	return []storage.Deletion{{Number: 7, Signal: model.Logs, Range: model.Range{Start: 1, End: 1 << 62}, Pending: 2}}
}

func postDelete(t *testing.T, d query.Deleter, form url.Values, header http.Header) (int, string) {
	t.Helper()
	r := chi.NewRouter()
	uiapi.New(uiapi.Options{Deletes: d}).Mount(r)
	w := httptest.NewRecorder()
	req := httptest.NewRequest(http.MethodPost, "/oriel/api/v1/delete", strings.NewReader(form.Encode()))
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	for k, v := range header {
		req.Header[k] = v
	}
	r.ServeHTTP(w, req)
	return w.Code, strings.TrimSpace(w.Body.String())
}

func TestDelete(t *testing.T) {
	m := &memory{}
	for sig, label := range map[model.Signal]string{model.Logs: "app", model.Spans: "service.name"} {
		bd := model.NewBuilder(sig, 4)
		for i, v := range []string{"x", "x", "y", "x"} {
			st := bd.Stream(&model.Stream{Attrs: []model.Attr{{Key: label, Value: model.String(v)}}})
			if sig == model.Logs {
				bd.Row(st, int64(i), "line")
			} else {
				bd.Span(st, model.Span{TraceID: model.TraceID{15: 1}, SpanID: model.SpanID{7: 1}, Start: int64(i)})
			}
		}
		require.NoError(t, m.Append(t.Context(), bd.Batch()))
	}
	form := url.Values{"signal": {"logs"}, "query": {`{app="x"} |= "in"`}, "start": {"0"}, "end": {"1970-01-01T00:00:00.000000003Z"}}
	code, body := postDelete(t, m, form, nil)
	require.Equal(t, http.StatusOK, code, body)
	require.JSONEq(t, `{"rows":2,"dry_run":true}`, body, "only counted unless told otherwise")
	form.Set("dry_run", "false")
	code, body = postDelete(t, m, form, http.Header{"Sec-Fetch-Site": {"cross-site"}})
	require.Equal(t, http.StatusForbidden, code, body)
	code, body = postDelete(t, m, form, nil)
	require.Equal(t, http.StatusOK, code, body)
	require.JSONEq(t, `{"rows":2,"number":0,"dry_run":false}`, body)
	require.Len(t, storagetest.Rows(t, m, storage.Scan{Signal: model.Logs, Range: model.AllTime()}), 2)
	require.Len(t, storagetest.Rows(t, m, storage.Scan{Signal: model.Spans, Range: model.AllTime()}), 4)

	form.Set("signal", "spans")
	form.Set("query", `{resource.service.name="y"}`)
	code, body = postDelete(t, m, form, nil)
	require.Equal(t, http.StatusOK, code, body)
	require.JSONEq(t, `{"rows":1,"number":0,"dry_run":false}`, body)
}

func TestDeleteIsRefused(t *testing.T) {
	good := url.Values{"signal": {"logs"}, "query": {`{app="x"}`}, "start": {"0"}, "end": {"3"}}
	for _, tt := range []struct{ key, value, want string }{
		{"signal", "metrics", `signal: \"metrics\" is neither logs nor spans`},
		{"start", "yesterday", `start: \"yesterday\" is neither RFC 3339`},
		{"end", "", `end: \"\" is neither RFC 3339`},
		{"end", "0", "end: not after start"},
		{"dry_run", "maybe", `dry_run: \"maybe\" is not true or false`},
		{"query", `{app="x"} | json`, "only a stream selector and line filters"},
		{"query", "", "query: parse error"},
	} {
		form := url.Values{}
		for k, v := range good {
			form[k] = v
		}
		form.Set(tt.key, tt.value)
		code, body := postDelete(t, &memory{}, form, nil)
		require.Equal(t, http.StatusBadRequest, code, body)
		require.Contains(t, body, tt.want)
	}
	code, body := postDelete(t, nil, good, nil)
	require.Equal(t, http.StatusForbidden, code)
	require.Contains(t, body, "web.admin_api")
}

func TestDeletesAreListed(t *testing.T) {
	r := chi.NewRouter()
	uiapi.New(uiapi.Options{Deletes: &memory{}}).Mount(r)
	w := httptest.NewRecorder()
	r.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/oriel/api/v1/delete", nil))
	require.JSONEq(t, `{"deletes":[{"number":7,"signal":"logs","where":"everything","start":"1","end":"4611686018427387904",
		"created":"0001-01-01T00:00:00Z","pending":2}]}`, w.Body.String())
}
