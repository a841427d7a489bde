package evidence

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"
	promodel "github.com/prometheus/common/model"

	"github.com/oriel-obs/oriel/internal/auth"
	"github.com/oriel-obs/oriel/internal/fault"
	"github.com/oriel-obs/oriel/internal/httpx"
)

// looked are the parts that Look finds.
var looked = []string{"rule", "logs", "traces", "deploys"}

// Look returns what is known of an alert at a time, for somebody who looks at
// it: the parts with these names, or all if none is given. Unlike Collect it
// draws nothing and keeps nothing, and what is over is looked at as it was just
// before. Lines of services that only the traces name are found with the traces
// alone.
func (c *Collector) Look(ctx context.Context, at time.Time, alert *promodel.Alert, names ...string) *Evidence {
	began := time.Now()
	ctx, cancel := context.WithTimeout(ctx, c.opts.Config.Timeout)
	defer cancel()

	then, end := *alert, alert.EndsAt
	if alert.ResolvedAt(at) {
		at, then.EndsAt = end, time.Time{}
	}
	s := c.newSearch(at, c.subjects([]*promodel.Alert{&then}, at))
	e := &Evidence{CollectedAt: began.UTC(), Alerts: s.alerts()}
	if len(names) == 0 {
		names = looked
	}
	s.wanted = func(part string) bool { return slices.Contains(names, part) }
	select {
	case c.turns <- struct{}{}:
		c.findParts(ctx, e, s.parts(), func() { <-c.turns })
	case <-ctx.Done():
		c.miss(e, "rule", fmt.Errorf("other alerts were looked into for %v", c.opts.Config.Timeout))
	}
	c.finish(e, s)
	e.URL = "" // nothing is kept
	if id := auth.From(ctx); id != nil && len(id.Tenants) == 1 {
		delete(e.Alerts[0].Labels, auth.TenantLabel) // as query/scope has it
	}
	if then.EndsAt.IsZero() && !end.IsZero() && !time.Now().Before(end) {
		end = end.UTC()
		e.Alerts[0].EndsAt = &end
	}
	e.Seconds = time.Since(began).Seconds()
	return e
}

// Find returns an alert, which may be over, by its fingerprint. Its errors wrap
// those of internal/fault.
type Find func(ctx context.Context, fingerprint string) (*promodel.Alert, error)

// MountQueries adds the route of the page of an alert, which asks as much as a
// query does.
func (c *Collector) MountQueries(r chi.Router, find Find) {
	r.Method(http.MethodGet, "/oriel/api/v1/alerts/{fingerprint}/evidence", httpx.Handler(func(w http.ResponseWriter, r *http.Request) error {
		alert, err := find(r.Context(), chi.URLParam(r, "fingerprint"))
		if err != nil {
			return err
		}
		parts := r.URL.Query()["part"]
		for _, name := range parts {
			if !slices.Contains(looked, name) {
				return fmt.Errorf("no part of the evidence is called %q; there are %s: %w", name, strings.Join(looked, ", "), fault.ErrInvalid)
			}
		}
		return httpx.WriteJSON(w, c.Look(r.Context(), time.Now(), alert, parts...))
	}, httpx.JSONError))
}
