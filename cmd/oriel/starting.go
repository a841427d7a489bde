package main

import (
	"crypto/rand"
	_ "embed"
	"fmt"
	"html/template"
	"net/http"
	"strings"
	"sync/atomic"

	"github.com/oriel-obs/oriel/internal/httpx"
	"github.com/oriel-obs/oriel/storage"
)

// replays are how far each store has come with its write-ahead log.
type replays struct{ metrics, logs, spans *storage.Replay }

func newReplays() replays {
	return replays{metrics: &storage.Replay{}, logs: &storage.Replay{}, spans: &storage.Replay{}}
}

// A storeReplay is how far one of the stores has come.
type storeReplay struct {
	Store string `json:"store"` // of what signal
	storage.ReplayStatus
}

// Read returns how many segments have been read to their end.
func (r storeReplay) Read() int {
	if r.State == storage.ReplayDone {
		return r.Segments
	}
	return max(r.Segment-1, 0)
}

func (r replays) status() []storeReplay {
	return []storeReplay{{"metrics", r.metrics.Status()}, {"logs", r.logs.Status()}, {"spans", r.spans.Status()}}
}

// sentence says what the start is at.
func (r replays) sentence() string {
	var at []string
	waiting := false
	for _, one := range r.status() {
		waiting = waiting || one.State == storage.ReplayWaiting
		if one.State == storage.ReplayRunning && one.Segment > 0 {
			at = append(at, fmt.Sprintf("segment %d of %d of %s", one.Segment, one.Segments, one.Store))
		}
	}
	switch {
	case len(at) > 0:
		return "Oriel is starting: replaying the write-ahead log, " + strings.Join(at, ", ") + "."
	case waiting:
		return "Oriel is starting: the stores are being opened."
	}
	return "Oriel is starting: the stores are nearly open."
}

// A gate answers for the main port: while the stores replay, that the process
// is alive but not ready, and how far it is; afterwards it lets everything through.
type gate struct {
	next     atomic.Pointer[http.Handler]
	starting http.Handler
}

// newGate returns a gate for a server whose page is below prefix.
func newGate(r replays, prefix string) *gate {
	return &gate{starting: underPrefix(prefix, http.HandlerFunc(r.answer))}
}

func (g *gate) open(h http.Handler) { g.next.Store(&h) }

// ServeHTTP implements http.Handler.
func (g *gate) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if h := g.next.Load(); h != nil {
		(*h).ServeHTTP(w, r)
		return
	}
	g.starting.ServeHTTP(w, r)
}

// answer answers whatever comes before the stores are open: it tells everybody
// how far these are, and nothing else.
func (r replays) answer(w http.ResponseWriter, req *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	switch req.URL.Path {
	case "/-/healthy":
		fmt.Fprintln(w, "Oriel is alive.")
		return
	case "/api/v1/status/walreplay":
		m := r.metrics.Status()
		_ = httpx.WriteJSON(w, map[string]any{"status": "success", "data": map[string]any{ // the client left: nobody to tell
			"min": min(1, m.Segments), "max": m.Segments, "current": m.Segment, "state": m.State, "stores": r.status(),
		}})
		return
	}
	w.Header().Set("Retry-After", "1")
	w.Header().Set(startingHeader, "true")
	reads := req.Method == http.MethodGet || req.Method == http.MethodHead
	switch {
	case req.URL.Path == "/-/ready":
		http.Error(w, r.sentence(), http.StatusServiceUnavailable)
	case reads && strings.Contains(req.Header.Get("Accept"), "text/html"):
		r.page(w)
	default:
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusServiceUnavailable)
		// As both Prometheus' clients and those of our own API understand it.
		_ = httpx.WriteJSON(w, map[string]string{"status": "error", "errorType": "unavailable", "error": r.sentence()})
	}
}

// startingHeader tells our page a start, which passes by itself, from what does not.
const startingHeader = "Oriel-Starting"

//go:embed starting.html
var startingHTML string

var startingPage = template.Must(template.New("starting").Parse(startingHTML))

// page is what people see, which asks again by itself.
func (r replays) page(w http.ResponseWriter) {
	nonce := rand.Text()
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", "default-src 'none'; script-src 'nonce-"+nonce+"'; style-src 'nonce-"+nonce+"'; connect-src 'self'; base-uri 'none'; frame-ancestors 'self'")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "same-origin")
	w.WriteHeader(http.StatusServiceUnavailable)
	_ = startingPage.Execute(w, map[string]any{"Nonce": nonce, "Sentence": r.sentence(), "Stores": r.status(), "Header": startingHeader}) // the browser left: nobody to tell
}
