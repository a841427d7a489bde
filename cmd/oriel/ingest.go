package main

import (
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/go-chi/chi/v5"

	"github.com/oriel-obs/oriel/ingest"
	"github.com/oriel-obs/oriel/internal/auth"
	"github.com/oriel-obs/oriel/internal/fault"
	"github.com/oriel-obs/oriel/internal/httpx"
	"github.com/oriel-obs/oriel/model"
)

// mountIngest adds what is told of what comes in.
func (a *app) mountIngest(r chi.Router) {
	r.Method(http.MethodGet, "/oriel/api/v1/ingest", httpx.Handler(a.tellIngest, httpx.JSONError))
}

// maxFlows is how many rows an answer has at most.
const maxFlows = 2000

// tellIngest answers GET /ingest: what came in and what was refused since the
// start of the process, by endpoint, service or tenant (by), and how near whose
// limits are. Who asks is told of the signals and tenants that they see whole.
func (a *app) tellIngest(w http.ResponseWriter, r *http.Request) error {
	by := ingest.ByEndpoint
	if s := r.URL.Query().Get("by"); s != "" {
		if by = ingest.Grouping(s); !slices.Contains(ingest.Groupings(), by) {
			return fmt.Errorf("by: %q is none of %v: %w", s, ingest.Groupings(), fault.ErrInvalid)
		}
	}
	id, now := auth.From(r.Context()), time.Now()
	flows := a.account.Flows(by, func(signal, tenant string) bool { return id.SeesWhole(accessOf(signal), tenant) }, now)
	shown := flows[:min(len(flows), maxFlows)]
	w.Header().Set("Cache-Control", "no-store")
	return httpx.WriteJSON(w, map[string]any{
		"since": a.account.Since().UTC(), "now": now.UTC(), "stepSeconds": ingest.Step.Seconds(), "tenants": a.cfg.Auth.Tenants,
		"flows": shown, "leftOff": len(flows) - len(shown), "limits": a.limitUses(id),
	})
}

// accessOf is what somebody may see of a signal of the account.
func accessOf(signal string) auth.Signal {
	if signal == model.Spans.String() {
		return auth.Traces
	}
	return auth.Signal(signal)
}
