package audit

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/netip"
	"net/url"
	"strings"

	"github.com/go-chi/chi/v5/middleware"

	"github.com/oriel-obs/oriel/internal/auth"
	"github.com/oriel-obs/oriel/internal/httpx"
)

// Requests is a middleware that records requests which change something: all
// but GET, HEAD and OPTIONS, except those that bring or ask for data. It belongs
// on the root chi.Router, behind the one that knows who asks, which records
// those that it turns away.
type Requests struct {
	Recorder    auth.Recorder
	Permissions *auth.Permissions                // by which data is told from the rest
	Client      func(r *http.Request) netip.Addr // where it comes from
	Queries     bool                             // whether queries are recorded too, with their texts
}

// Handler returns next with its requests recorded.
func (q Requests) Handler(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		method, pattern := httpx.Route(r)
		kind := q.kind(method, pattern, r.URL.Path)
		if kind == unrecorded || r.Header.Get("Upgrade") != "" && kind != query {
			next.ServeHTTP(w, r)
			return
		}
		e := auth.Event{Action: method + " " + pattern, Target: r.URL.Path, Address: q.Client(r).String()}
		if id := auth.From(r.Context()); id != nil {
			e.Who, e.Kind, e.Tenant = id.Name, id.Kind, strings.Join(id.Tenants, "|")
		}
		if kind == query {
			e.Action, e.Detail = "query", queryText(r)
		} else if e.Detail = about(r); e.Detail == "" {
			e.Detail = queryText(r) // of a deletion
		}
		ww := middleware.NewWrapResponseWriter(w, r.ProtoMajor)
		defer func() {
			e.Result = auth.Done
			switch status := ww.Status(); {
			case status == http.StatusUnauthorized, status == http.StatusForbidden:
				e.Result = auth.Refused
			case status >= http.StatusBadRequest:
				e.Result = auth.Failed
			}
			if e.Result != auth.Done {
				e.Detail = strings.TrimSpace(fmt.Sprintf("%s (status %d)", e.Detail, ww.Status()))
			}
			q.Recorder.Record(r.Context(), e)
		}()
		next.ServeHTTP(ww, r)
	})
}

type requestKind int

const (
	unrecorded requestKind = iota
	change
	query
)

func (q Requests) kind(method, pattern, path string) requestKind {
	if pattern == "" {
		return unrecorded // the page, or nothing
	}
	need, listed := q.Permissions.Of(method, pattern, path)
	safe := method == http.MethodGet || method == http.MethodHead || method == http.MethodOptions
	switch {
	case listed && need.Public:
		return unrecorded // who logs in and how that ends is known behind it
	case listed && need.Asks():
		if q.Queries {
			return query
		}
		return unrecorded
	case safe:
		return unrecorded
	case listed && need.Brings():
		return unrecorded
	}
	return change
}

// maxPeek bounds how much of a body is looked at, in bytes.
const maxPeek = 256 << 10

// peek returns the beginning of r's body, and puts it back.
func peek(r *http.Request) []byte {
	if r.Body == nil || r.Body == http.NoBody {
		return nil
	}
	head, err := io.ReadAll(io.LimitReader(r.Body, maxPeek))
	rest := io.Reader(r.Body)
	if err != nil {
		rest = failing{err}
	}
	r.Body = struct {
		io.Reader
		io.Closer
	}{io.MultiReader(bytes.NewReader(head), rest), r.Body}
	return head
}

type failing struct{ err error }

func (b failing) Read([]byte) (int, error) { return 0, b.err }

// queryText is what a request asks, in any of the languages.
func queryText(r *http.Request) string {
	form := r.URL.Query()
	if kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); kind == "application/x-www-form-urlencoded" && r.Method == http.MethodPost {
		if body, err := url.ParseQuery(string(peek(r))); err == nil {
			for k, vs := range body {
				form[k] = append(form[k], vs...)
			}
		}
	}
	var parts []string
	for _, name := range []string{"query", "q", "match[]", "tags", "start", "end", "time"} {
		for _, v := range form[name] {
			parts = append(parts, name+"="+v)
		}
	}
	return strings.Join(parts, " ")
}

// naming are the members of a JSON body by which people know what it is about.
// None is a secret.
var naming = []string{"id", "uid", "name", "title", "user", "role", "roles", "scopes", "tenant", "matchers", "fingerprint", "comment"}

// about tells what the body of a request is about.
func about(r *http.Request) string {
	if r.ContentLength > maxPeek || !strings.Contains(r.Header.Get("Content-Type"), "json") {
		return ""
	}
	var body map[string]json.RawMessage
	if json.Unmarshal(peek(r), &body) != nil {
		return ""
	}
	if inner, ok := body["dashboard"]; ok { // Grafana's way
		_ = json.Unmarshal(inner, &body) // what is there without it, if it is none
	}
	var parts []string
	for _, name := range naming {
		if v, ok := body[name]; ok && len(v) <= 300 && string(v) != "null" {
			parts = append(parts, name+"="+string(v))
		}
	}
	return strings.Join(parts, " ")
}
