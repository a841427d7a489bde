package inflight

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/go-chi/chi/v5/middleware"
)

// Options say what a Watch remembers. The zero value of a number is its default.
type Options struct {
	Slow time.Duration                // queries that took this long are remembered; a second by default
	Keep int                          // how many are remembered, the newest; 200 by default
	User func(r *http.Request) string // who asks, "" if nobody knows; nil takes the user of basic authentication
}

// A Query is one that runs, or one that has ended.
type Query struct {
	ID       string    `json:"id"`       // within this process
	Language string    `json:"language"` // promql, logql or traceql
	Text     string    `json:"query"`
	Path     string    `json:"path"` // of the request
	Start    string    `json:"start,omitempty"`
	End      string    `json:"end,omitempty"` // ends of its range as the client wrote them
	Step     string    `json:"step,omitempty"`
	User     string    `json:"user,omitempty"`
	Client   string    `json:"client"` // address and port
	Began    time.Time `json:"began"`
	Seconds  float64   `json:"seconds"` // until now, or until it ended
}

// An Ended query has an outcome.
type Ended struct {
	Query
	Status    int  `json:"status"`    // of HTTP
	Bytes     int  `json:"bytes"`     // of the answer
	Cancelled bool `json:"cancelled"` // through Cancel
	Left      bool `json:"left"`      // its client did not wait for the end
}

// ErrCancelled is the cause of a context that Cancel ended.
var ErrCancelled = errors.New("the query was cancelled by somebody on the page of running queries")

// A Watch is safe for concurrent use.
type Watch struct {
	opts Options

	mu      sync.Mutex
	last    int64
	running map[string]*run
	ended   []Ended // newest last
}

type run struct {
	query  Query
	cancel context.CancelCauseFunc
}

// New returns a Watch that has seen nothing yet.
func New(o Options) *Watch {
	if o.Slow <= 0 {
		o.Slow = time.Second
	}
	if o.Keep <= 0 {
		o.Keep = 200
	}
	if o.User == nil {
		o.User = func(r *http.Request) string {
			name, _, _ := r.BasicAuth()
			return name
		}
	}
	return &Watch{opts: o, running: map[string]*run{}}
}

// maxText bounds a remembered query, in bytes.
const maxText = 8 << 10

// Middleware notes each query on its way to next.
func (w *Watch) Middleware(next http.Handler) http.Handler {
	return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		language := languageOf(r.URL.Path)
		if language == "" || r.Header.Get("Upgrade") != "" || r.ParseForm() != nil {
			next.ServeHTTP(rw, r)
			return
		}
		text := r.Form.Get("query")
		if language == "traceql" {
			text = r.Form.Get("q")
			if text == "" {
				text = r.Form.Get("query")
			}
		}
		if text == "" {
			next.ServeHTTP(rw, r)
			return
		}
		ctx, cancel := context.WithCancelCause(r.Context())
		defer cancel(nil)
		q := w.begin(Query{
			Language: language, Text: cut(text), Path: r.URL.Path, User: w.opts.User(r), Client: r.RemoteAddr, Began: time.Now(),
			Start: cut(r.Form.Get("start")), End: cut(r.Form.Get("end")), Step: cut(r.Form.Get("step")),
		}, cancel)
		out := middleware.NewWrapResponseWriter(rw, r.ProtoMajor)
		defer func() {
			w.end(q, out, outcome{cancelled: errors.Is(context.Cause(ctx), ErrCancelled), left: r.Context().Err() != nil})
		}()
		next.ServeHTTP(out, r.WithContext(ctx))
	})
}

// languageOf returns what is asked at a path, "" if it is no query.
func languageOf(path string) string {
	i := strings.LastIndexByte(path, '/')
	switch path[i+1:] {
	case "query", "query_range", "query_exemplars", "export":
		switch {
		case strings.Contains(path, "/metrics/query"):
			return "traceql"
		case strings.Contains(path, "/loki/"), strings.Contains(path, "/logs/"):
			return "logql"
		case strings.HasSuffix(path[:i], "/api/v1"):
			return "promql"
		}
	case "search":
		return "traceql"
	}
	return ""
}

func cut(s string) string {
	if len(s) <= maxText {
		return s
	}
	return strings.ToValidUTF8(s[:maxText], "") + "…"
}

func (w *Watch) begin(q Query, cancel context.CancelCauseFunc) Query {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.last++
	q.ID = strconv.FormatInt(w.last, 10)
	w.running[q.ID] = &run{q, cancel}
	return q
}

// An outcome is what the answer does not tell.
type outcome struct {
	cancelled bool
	left      bool // by its client, who no longer wants to know
}

func (w *Watch) end(q Query, out middleware.WrapResponseWriter, how outcome) {
	took := time.Since(q.Began)
	q.Seconds = took.Seconds()
	status := out.Status()
	if status == 0 {
		status = http.StatusOK
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.running, q.ID)
	failed := status >= http.StatusBadRequest && !how.left
	if took < w.opts.Slow && !failed && !how.cancelled {
		return
	}
	w.ended = append(w.ended, Ended{Query: q, Status: status, Bytes: out.BytesWritten(), Cancelled: how.cancelled, Left: how.left})
	if extra := len(w.ended) - w.opts.Keep; extra > 0 {
		w.ended = slices.Delete(w.ended, 0, extra)
	}
}

// Running returns the queries that run now, the longest first.
func (w *Watch) Running() []Query {
	w.mu.Lock()
	defer w.mu.Unlock()
	out := make([]Query, 0, len(w.running))
	for _, r := range w.running {
		q := r.query
		q.Seconds = time.Since(q.Began).Seconds()
		out = append(out, q)
	}
	slices.SortFunc(out, func(a, b Query) int { return a.Began.Compare(b.Began) })
	return out
}

// Remembered returns queries that were slow or failed, the newest first.
func (w *Watch) Remembered() []Ended {
	w.mu.Lock()
	defer w.mu.Unlock()
	out := slices.Clone(w.ended)
	slices.Reverse(out)
	return out
}

// Cancel ends a query's context, and reports whether the query still ran.
func (w *Watch) Cancel(id string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	r := w.running[id]
	if r == nil {
		return false
	}
	r.cancel(ErrCancelled)
	return true
}
