package alertapi

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"
	amalert "github.com/prometheus/alertmanager/alert"
	"github.com/prometheus/alertmanager/api"
	amconfig "github.com/prometheus/alertmanager/config"
	"github.com/prometheus/alertmanager/dispatch"
	"github.com/prometheus/alertmanager/provider"
	"github.com/prometheus/alertmanager/silence"
	"github.com/prometheus/client_golang/prometheus"
	promodel "github.com/prometheus/common/model"
	"github.com/prometheus/common/route"

	"github.com/oriel-obs/oriel/internal/httpx"
	"github.com/oriel-obs/oriel/storage/state"
)

// A Source is the Alertmanager the API speaks for; notify.Manager is one.
type Source interface {
	Alerts() provider.Alerts
	Silences() *silence.Silences
	// Muted returns the time intervals that mute a group.
	Muted(routeID, groupKey string) ([]string, bool)
	// Groups returns the groups of alerts that both filters keep, and the
	// receivers by alert.
	Groups(ctx context.Context, route func(*dispatch.Route) bool, alert func(*amalert.Alert, time.Time) bool) (dispatch.AlertGroups, map[promodel.Fingerprint][]string, error)
	// OnApply has f called with the configuration in force, now and after
	// every change, and with a function that marks an alert's status.
	OnApply(f func(*amconfig.Config, func(context.Context, promodel.LabelSet)))
	// Acknowledgements returns those there are, by fingerprint.
	Acknowledgements() map[string]state.Acknowledgement
}

// Options are what a Handler needs.
type Options struct {
	Source     Source
	Received   func(...*amalert.Alert) // called with alerts that clients sent; nil for nobody
	Registerer prometheus.Registerer
	Log        *slog.Logger
}

// Handler serves the API. It is safe for concurrent use.
type Handler struct {
	api      http.Handler
	acks     func() map[string]state.Acknowledgement
	silences *silence.Silences
}

// New returns a Handler for o.Source.
func New(o Options) (*Handler, error) {
	duration := prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name:    "alertmanager_http_request_duration_seconds",
		Help:    "Histogram of latencies for HTTP requests.",
		Buckets: prometheus.DefBuckets,
	}, []string{"handler", "method", "code"})
	if err := o.Registerer.Register(duration); err != nil {
		return nil, fmt.Errorf("alertmanager API: %w", err)
	}
	a, err := api.New(api.Options{
		Alerts:          received{o.Source.Alerts(), o.Received},
		Silences:        o.Source.Silences(),
		GroupMutedFunc:  o.Source.Muted,
		GroupFunc:       o.Source.Groups,
		Logger:          o.Log.With("component", "alertapi"),
		Registry:        o.Registerer,
		RequestDuration: duration,
	})
	if err != nil {
		return nil, fmt.Errorf("alertmanager API: %w", err)
	}
	o.Source.OnApply(a.Update)
	return &Handler{a.Register(route.New(), "/"), o.Source.Acknowledgements, o.Source.Silences()}, nil
}

// paths are those of the API, but for silence/ and an ID.
var paths = []string{"alerts", "alerts/groups", "receivers", "silences", "status"}

// Mount adds /api/v2 and /api/v1 to r, which may stand under a prefix such as
// /alertmanager.
func (h *Handler) Mount(r chi.Router) {
	for _, base := range []string{"/api/v2/", "/api/v1/"} {
		r.Handle(base+"*", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			// The API knows its paths from the root.
			prefix, rest, _ := strings.Cut(r.URL.Path, base)
			if id, silence := strings.CutPrefix(rest, "silence/"); base == "/api/v2/" && !slices.Contains(paths, rest) && (!silence || id == "") {
				// It would count the request under its path, and there would be a
				// series for each that anybody makes up.
				http.NotFound(w, r)
				return
			}
			if r.Header.Get("Origin") != "" {
				// It would let every web page in the reader's browser read
				// alerts and set silences. Oriel's own page needs no leave.
				r = r.Clone(r.Context())
				r.Header.Del("Origin")
			}
			http.StripPrefix(prefix, httpx.Handler(func(w http.ResponseWriter, r *http.Request) error {
				return h.forTheirs(w, r, h.serve)
			}, httpx.JSONError)).ServeHTTP(w, r)
		}))
	}
}

// received tells of the alerts that are put.
type received struct {
	provider.Alerts
	tell func(...*amalert.Alert)
}

// Put implements provider.Alerts.
func (p received) Put(ctx context.Context, as ...*amalert.Alert) error {
	if err := p.Alerts.Put(ctx, as...); err != nil {
		return err
	}
	if p.tell != nil {
		p.tell(as...)
	}
	return nil
}
