package audit_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"

	"github.com/go-chi/chi/v5"
	"github.com/stretchr/testify/require"

	"github.com/oriel-obs/oriel/ingest/audit"
	"github.com/oriel-obs/oriel/internal/auth"
)

type kept []auth.Event

func (k *kept) Record(_ context.Context, e auth.Event) { *k = append(*k, e) }

func TestRequestsThatChangeSomethingAreRecorded(t *testing.T) {
	needs, err := auth.ParsePermissions(`
logs:write  POST /push
query:logs  GET,POST /query
alerts:write POST /silences
admin GET,DELETE /users/{name}
public POST /login`)
	require.NoError(t, err)
	type request struct{ method, path, kind, body string }
	for name, c := range map[string]struct {
		request
		status  int
		queries bool
		want    *auth.Event // beside who and where
	}{
		"data":                 {request: request{"POST", "/push", "", "x"}},
		"a query":              {request: request{"GET", "/query?query=up", "", ""}},
		"a query, if enabled":  {request: request{"GET", "/query?query=up&start=1", "", ""}, queries: true, want: &auth.Event{Action: "query", Target: "/query", Detail: "query=up start=1", Result: auth.Done}},
		"a query in a form":    {request: request{"POST", "/query", "application/x-www-form-urlencoded", "query=%7Ba%3D1%7D"}, queries: true, want: &auth.Event{Action: "query", Target: "/query", Detail: "query={a=1}", Result: auth.Done}},
		"a login":              {request: request{"POST", "/login", "", ""}},
		"reading":              {request: request{"GET", "/users/eve", "", ""}},
		"the page":             {request: request{"POST", "/nowhere", "", ""}},
		"a change":             {request: request{"DELETE", "/users/eve", "", ""}, want: &auth.Event{Action: "DELETE /users/{name}", Target: "/users/eve", Result: auth.Done}},
		"a change that failed": {request: request{"DELETE", "/users/eve", "", ""}, status: 409, want: &auth.Event{Action: "DELETE /users/{name}", Target: "/users/eve", Result: auth.Failed, Detail: "(status 409)"}},
		"a refusal":            {request: request{"DELETE", "/users/eve", "", ""}, status: 403, want: &auth.Event{Action: "DELETE /users/{name}", Target: "/users/eve", Result: auth.Refused, Detail: "(status 403)"}},
		"what a body is about": {request: request{"POST", "/silences", "application/json", `{"comment": "deploy", "matchers": [{"name":"a"}], "password": "hunter2"}`}, want: &auth.Event{Action: "POST /silences", Target: "/silences", Detail: `matchers=[{"name":"a"}] comment="deploy"`, Result: auth.Done}},
		"a body that is none":  {request: request{"POST", "/silences", "application/json", `[`}, want: &auth.Event{Action: "POST /silences", Target: "/silences", Result: auth.Done}},
		"a row of its own":     {request: request{"POST", "/unlisted", "", ``}, want: &auth.Event{Action: "POST /unlisted", Target: "/unlisted", Result: auth.Done}},
	} {
		var got kept
		r := chi.NewRouter()
		r.Use(audit.Requests{
			Recorder: &got, Permissions: needs, Queries: c.queries,
			Client: func(*http.Request) netip.Addr { return netip.MustParseAddr("192.0.2.1") },
		}.Handler)
		var read string
		h := func(w http.ResponseWriter, r *http.Request) {
			b, _ := io.ReadAll(r.Body)
			read = string(b)
			if c.status != 0 {
				w.WriteHeader(c.status)
			}
		}
		for _, path := range []string{"/push", "/query", "/silences", "/users/{name}", "/login", "/unlisted"} {
			r.HandleFunc(path, h)
		}
		req := httptest.NewRequest(c.method, c.path, strings.NewReader(c.body))
		req.Header.Set("Content-Type", c.kind)
		id := &auth.Identity{Kind: auth.Token, Name: "ci"}
		r.ServeHTTP(httptest.NewRecorder(), req.WithContext(auth.With(t.Context(), id)))
		if c.path != "/nowhere" {
			require.Equal(t, c.body, read, name)
		}
		if c.want == nil {
			require.Empty(t, got, name)
			continue
		}
		c.want.Who, c.want.Kind, c.want.Address = "ci", auth.Token, "192.0.2.1"
		require.Equal(t, kept{*c.want}, got, name)
	}
}

func TestABodyThatBreaksOffBreaksOffForTheHandlerToo(t *testing.T) {
	needs, err := auth.ParsePermissions("")
	require.NoError(t, err)
	r := chi.NewRouter()
	r.Use(audit.Requests{Recorder: &kept{}, Permissions: needs, Client: func(*http.Request) netip.Addr { return netip.Addr{} }}.Handler)
	r.Post("/x", func(_ http.ResponseWriter, r *http.Request) {
		_, err := io.ReadAll(r.Body)
		require.ErrorIs(t, err, io.ErrUnexpectedEOF)
	})
	req := httptest.NewRequest(http.MethodPost, "/x", io.MultiReader(strings.NewReader("{"), brokenReader{}))
	req.Header.Set("Content-Type", "application/json")
	r.ServeHTTP(httptest.NewRecorder(), req)
}

type brokenReader struct{}

func (brokenReader) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }
