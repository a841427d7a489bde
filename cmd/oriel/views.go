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
	"github.com/oriel-obs/oriel/query/promapi"
	"github.com/oriel-obs/oriel/query/scope"
	"github.com/oriel-obs/oriel/query/tracearchive"
)

// views are the stores as whoever asks sees them. Languages and APIs read
// through them and not from the stores, so that none has rules of its own.
type views struct {
	rows   query.EventSource                   // logs and spans
	series promstorage.SampleAndChunkQueryable // of the metric store
	reads  promstorage.SampleAndChunkQueryable // those, and of other servers
	feed   lokiapi.Feed                        // log records as they come in

	archive *tracearchive.Archive // of traces; what it had stays when it is turned off

	prometheus *promapi.Handler // set with the router
}

// openViews is called once stores and remote read are there.
func (a *app) openViews() {
	a.views = views{
		rows: scope.Events(a.events), series: scope.Metrics(a.metrics), reads: scope.Metrics(a.read), feed: scope.Feed(a.tap), archive: a.newArchive(),
	}
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
var aboutAll = []string{"/api/v1/alertmanagers", "/api/v1/notifications", "/api/v1/notifications/", "/pushgateway/metrics", "/pushgateway/api/v1/metrics"}

// Likewise, but of what a tenant has.
var aboutTenant = []string{
	"/oriel/api/v1/notifications", "/oriel/api/v1/notifications/", "/oriel/api/v1/routing", "/oriel/api/v1/routing/", "/oriel/api/v1/receivers/",
	"/alertmanager/api/v2/status", "/alertmanager/api/v2/receivers",
}

// What nobody changes for a part: rules ask with the eyes of the process or of
// their tenant, and record what they find under whatever labels they say;
// notifications are of any alerts.
var ofWholeTenant = []string{
	"/api/prom/rules/", "/loki/api/v1/rules/", "/config/v1/rules/", "/oriel/api/v1/slos/", "/oriel/api/v1/notifications/", "/oriel/api/v1/receivers/",
	"/oriel/api/v1/routing/config", "/oriel/api/v1/routing/config/",
}

// What is the operator's, and so the default tenant's: how alerts are routed and
// to whom, servers elsewhere, and what is pushed to the gateway, which knows of no
// tenants.
var ofOperator = []string{
	"/alertmanager/api/v1/", "/alertmanager/api/v2/status", "/alertmanager/api/v2/receivers",
	"/oriel/api/v1/routing", "/oriel/api/v1/routing/", "/oriel/api/v1/receivers/", "/oriel/api/v1/datasources/", "/pushgateway/",
}

var (
	errOfOperator = fmt.Errorf("routes and receivers of alerts, data sources and pushed groups are the operator's, which the default tenant alone may use: %w", fault.ErrForbidden)
	errNotAllSeen = fmt.Errorf("rules see all that there is, and notifications are about any of it: a role that is narrowed by selectors changes neither: %w", fault.ErrForbidden)
	errOneTenant  = fmt.Errorf("a change is made for one tenant: name one in X-Scope-OrgID: %w", fault.ErrInvalid)
)

// wholeOnly refuses those paths to those who see a part, and to other tenants.
// What is asked for several tenants at once changes nothing.
func (a *app) wholeOnly(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := a.mayHave(r); err != nil {
			httpx.JSONError(w, r, httpx.Status(err), err)
			return
		}
		next.ServeHTTP(w, r)
	})
}

func (a *app) mayHave(r *http.Request) error {
	id := auth.From(r.Context())
	if id == nil {
		return nil
	}
	path := r.URL.Path
	if rest, ok := strings.CutPrefix(path, "/prometheus/"); ok {
		path = "/" + rest
	}
	asks := r.Method != http.MethodPut && r.Method != http.MethodPost
	switch {
	case asks && !id.SeesAll() && listed(aboutAll, path), !id.Reach(auth.AlertsRead).Whole() && listed(aboutTenant, path):
		return scope.ErrPart
	case r.Method != http.MethodGet && r.Method != http.MethodHead && listed(ofWholeTenant, path) && !id.Reach(auth.AlertsWrite).Whole():
		return errNotAllSeen
	case slices.ContainsFunc(id.Tenants, func(tenant string) bool { return tenant != "" }) && listed(ofOperator, path):
		return errOfOperator
	case len(id.Tenants) > 1:
		method, pattern := httpx.Route(r)
		if need, ok := a.needs.Of(method, pattern, r.URL.Path); ok && need.Changes() {
			return errOneTenant
		}
	}
	return nil
}

func listed(paths []string, path string) bool {
	return slices.ContainsFunc(paths, func(p string) bool { return path == p || strings.HasSuffix(p, "/") && strings.HasPrefix(path, p) })
}
