package main

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"

	promodel "github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	promstorage "github.com/prometheus/prometheus/storage"
	v1 "github.com/prometheus/prometheus/web/api/v1"

	"github.com/oriel-obs/oriel/internal/auth"
	"github.com/oriel-obs/oriel/internal/fault"
	"github.com/oriel-obs/oriel/internal/httpx"
	"github.com/oriel-obs/oriel/query"
	"github.com/oriel-obs/oriel/query/lokiapi"
	"github.com/oriel-obs/oriel/query/scope"
)

// views are the stores as whoever asks sees them. Languages and APIs read
// through them and not from the stores, so that none has rules of its own.
type views struct {
	rows   query.EventSource                   // logs and spans
	series promstorage.SampleAndChunkQueryable // of the metric store
	reads  promstorage.SampleAndChunkQueryable // those, and of other servers
	feed   lokiapi.Feed                        // log records as they come in
}

// openViews is called once stores and remote read are there.
func (a *app) openViews() {
	a.views = views{rows: scope.Events(a.events), series: scope.Metrics(a.metrics), reads: scope.Metrics(a.read), feed: scope.Feed(a.tap)}
}

// budgeted are the rows, as far as one query may read.
func (a *app) budgeted() query.EventSource { return query.WithBudget(a.rows, a.cfg.Query) }

// manager is the metric store for those who delete from it: what they see.
type manager struct{ v1.TSDBAdminStats }

// Delete implements v1.TSDBAdminStats.
func (m manager) Delete(ctx context.Context, mint, maxt int64, ms ...*labels.Matcher) error {
	for _, set := range scope.Selectors(ctx, [][]*labels.Matcher{ms}) {
		if err := m.TSDBAdminStats.Delete(ctx, mint, maxt, set...); err != nil {
			return err
		}
	}
	return nil
}

// seenAlert is alert, for those who see it.
func (a *app) seenAlert(ctx context.Context, fingerprint string) (*promodel.Alert, error) {
	found, err := a.alert(ctx, fingerprint)
	if err != nil {
		return nil, err
	}
	ls := make(map[string]string, len(found.Labels))
	for name, value := range found.Labels {
		ls[string(name)] = string(value)
	}
	if !scope.Alert(ctx, ls) {
		return nil, fmt.Errorf("alert %s: %w", fingerprint, fault.ErrNotFound)
	}
	return found, nil
}

// Answers that cannot be given in part, and are asked for by scopes that parts
// of data may be seen with; what ends in a slash is with all that is below it.
// Others that are so have /whole in permissions.txt.
var aboutAll = []string{
	"/api/v1/alertmanagers", "/api/v1/notifications", "/api/v1/notifications/",
	"/oriel/api/v1/notifications", "/oriel/api/v1/notifications/", "/oriel/api/v1/routing", "/oriel/api/v1/routing/", "/oriel/api/v1/receivers/",
	"/pushgateway/metrics", "/pushgateway/api/v1/metrics",
}

// What only the default tenant has: rules, objectives, silences, dashboards and
// what is pushed to the gateway.
var ofDefaultTenant = []string{
	"/loki/api/v1/rules", "/loki/api/v1/rules/", "/api/prom/rules", "/api/prom/rules/", "/config/v1/rules", "/config/v1/rules/",
	"/oriel/api/v1/slos", "/oriel/api/v1/slos/", "/alertmanager/api/v2/silences", "/alertmanager/api/v2/silence/", "/alertmanager/api/v1/",
	"/alertmanager/api/v2/status", "/alertmanager/api/v2/receivers", "/oriel/api/v1/evidence/", "/api/v1/rules",
	"/api/annotations", "/api/annotations/", "/api/dashboards/", "/api/datasources", "/api/datasources/", "/api/folders", "/api/folders/",
	"/api/search", "/oriel/api/v1/dashboards", "/oriel/api/v1/dashboards/", "/oriel/api/v1/folders", "/oriel/api/v1/folders/",
	"/oriel/api/v1/annotations", "/oriel/api/v1/annotations/", "/oriel/api/v1/datasources", "/oriel/api/v1/datasources/", "/pushgateway/",
}

var errOfDefaultTenant = fmt.Errorf("rules, objectives, silences, dashboards and pushed groups are the default tenant's: other tenants have none: %w", fault.ErrForbidden)

// wholeOnly refuses those paths to those who see a part, and to other tenants.
func wholeOnly(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id := auth.From(r.Context())
		path := r.URL.Path
		if rest, ok := strings.CutPrefix(path, "/prometheus/"); ok {
			path = "/" + rest
		}
		var err error
		switch {
		case id == nil:
		case r.Method != http.MethodPut && r.Method != http.MethodPost && !id.SeesAll() && listed(aboutAll, path):
			err = scope.ErrPart
		case slices.ContainsFunc(id.Tenants, func(tenant string) bool { return tenant != "" }) && listed(ofDefaultTenant, path):
			err = errOfDefaultTenant
		}
		if err != nil {
			httpx.JSONError(w, r, httpx.Status(err), err)
			return
		}
		next.ServeHTTP(w, r)
	})
}

func listed(paths []string, path string) bool {
	return slices.ContainsFunc(paths, func(p string) bool { return path == p || strings.HasSuffix(p, "/") && strings.HasPrefix(path, p) })
}
