package quota

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"time"
)

// WarningHeader is on the answers to who comes near a limit.
const WarningHeader = "X-Oriel-Limit-Warning"

type slotKey struct{}

// A slot holds what a request is to be warned of.
type slot struct {
	mu   sync.Mutex
	text string
}

// warn has who writes in ctx told that a limit is near, and the operator.
func (k *Keeper) warn(ctx context.Context, a *account, kind Kind, share float64) {
	k.warned.WithLabelValues(a.kind, a.name, string(kind)).Inc()
	if s, ok := ctx.Value(slotKey{}).(*slot); ok {
		s.mu.Lock()
		s.text = fmt.Sprintf("%v is near its limit %s: what goes beyond is refused", a.source, kind)
		s.mu.Unlock()
	}
	k.mu.Lock()
	k.near[warning{a.source, kind}] = share
	k.mu.Unlock()
}

// Run logs once a minute who has come near a limit, until ctx ends.
func (k *Keeper) Run(ctx context.Context) error {
	tick := time.NewTicker(time.Minute)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
			k.report()
		}
	}
}

func (k *Keeper) report() {
	k.mu.Lock()
	near := k.near
	k.near = map[warning]float64{}
	k.mu.Unlock()
	for w, share := range near {
		k.log.Warn("near a limit of limits.rates, beyond which it is refused", "source", w.source.kind, "name", w.name, "limit", string(w.kind), "used", fmt.Sprintf("%.0f%%", 100*share))
	}
}

// Middleware puts the warnings about a request into its answer.
func (k *Keeper) Middleware(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !k.config.Load().limited || r.Header.Get("Upgrade") != "" { // an answer without an end
			next.ServeHTTP(w, r)
			return
		}
		s := &slot{}
		next.ServeHTTP(&warningWriter{ResponseWriter: w, slot: s}, r.WithContext(context.WithValue(r.Context(), slotKey{}, s)))
	})
}

// A warningWriter adds the header at the last moment.
type warningWriter struct {
	http.ResponseWriter
	slot  *slot
	begun bool
}

// Unwrap is for http.ResponseController.
func (w *warningWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// WriteHeader implements http.ResponseWriter.
func (w *warningWriter) WriteHeader(status int) {
	if !w.begun && status >= http.StatusOK {
		w.begun = true
		w.slot.mu.Lock()
		if w.slot.text != "" {
			w.Header().Set(WarningHeader, w.slot.text)
		}
		w.slot.mu.Unlock()
	}
	w.ResponseWriter.WriteHeader(status)
}

// Write implements http.ResponseWriter.
func (w *warningWriter) Write(b []byte) (int, error) {
	if !w.begun {
		w.WriteHeader(http.StatusOK)
	}
	return w.ResponseWriter.Write(b)
}

// Flush implements http.Flusher.
func (w *warningWriter) Flush() {
	if !w.begun {
		w.WriteHeader(http.StatusOK)
	}
	_ = http.NewResponseController(w.ResponseWriter).Flush() // what cannot is not flushed
}
