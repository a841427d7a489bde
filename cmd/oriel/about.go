package main

import (
	"fmt"
	"io"
	"net/http"

	"github.com/go-chi/chi/v5"

	"github.com/oriel-obs/oriel/internal/fault"
	"github.com/oriel-obs/oriel/internal/httpx"
)

// mountAbout adds what Loki's server tells of its process: its configuration,
// its parts, and its log level, which a POST changes until the next start.
func (a *app) mountAbout(r chi.Router) {
	config := func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		_, _ = io.WriteString(w, a.reload.text()) // the client is gone
	}
	r.Get("/config", config)
	r.Get("/loki/config", config)
	for _, path := range []string{"/log_level", "/loki/log_level"} {
		r.Method(http.MethodGet, path, httpx.Handler(a.showLevel, httpx.PlainError))
		r.Method(http.MethodPost, path, httpx.Handler(a.setLevel, httpx.PlainError))
	}
	// Not at the root: /services is a page.
	r.Get("/loki/services", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		if running := a.running.Load(); running != nil { // all of them, or the process ends
			for _, c := range *running {
				fmt.Fprintf(w, "%s => Running\n", c.Name)
			}
		}
	})
}

func (a *app) showLevel(w http.ResponseWriter, _ *http.Request) error {
	return httpx.WriteJSON(w, map[string]string{"message": "Current log level is " + a.level.String()})
}

func (a *app) setLevel(w http.ResponseWriter, r *http.Request) error {
	if err := a.level.Set(r.FormValue("log_level")); err != nil {
		return fmt.Errorf("log_level: %w: want debug, info, warn or error: %w", err, fault.ErrInvalid)
	}
	a.log.Warn("the log level is changed", "to", a.level)
	return httpx.WriteJSON(w, map[string]string{"status": "success", "message": "Log level set to " + a.level.String()})
}
