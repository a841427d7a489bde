package main

import (
	"context"
	_ "embed" // for the document
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/go-chi/chi/v5"
	promodel "github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"

	"github.com/oriel-obs/oriel/internal/auth"
	"github.com/oriel-obs/oriel/internal/fault"
	"github.com/oriel-obs/oriel/internal/httpx"
	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/query/scope"
	"github.com/oriel-obs/oriel/storage"
)

// ownDocument describes what this package serves itself below /oriel/api/v1, as a
// part for internal/apidoc.
//
//go:embed openapi.yaml
var ownDocument []byte

// A tenantDeletion is what a tenant has, or had.
type tenantDeletion struct {
	Tenant string `json:"tenant"`
	DryRun bool   `json:"dryRun"`
	Lines  int64  `json:"lines"`
	Spans  int64  `json:"spans"`
	Series int64  `json:"series"`
	Kept   int64  `json:"archivedSpans"` // of traces in the archive
	Tokens int64  `json:"tokens"`

	Dashboards int64 `json:"dashboards"`
	RuleGroups int64 `json:"ruleGroups"` // with those of objectives
	Rest       int64 `json:"rest"`       // folders, annotations, what happened to alerts and the like
}

// mountTenants adds what is done about tenants as a whole.
func (a *app) mountTenants(r chi.Router) {
	r.Method(http.MethodGet, "/oriel/api/v1/tenants", httpx.Handler(a.listTenants, httpx.JSONError))
	r.Method(http.MethodGet, "/oriel/api/v1/tenants/visible", httpx.Handler(a.visibleTenants, httpx.JSONError))
	r.Method(http.MethodDelete, "/oriel/api/v1/tenants/{name}", httpx.Handler(a.deleteTenant, httpx.JSONError))
}

// listTenants answers GET /tenants with the names of those that have data, or
// have made something, besides the default one.
func (a *app) listTenants(w http.ResponseWriter, r *http.Request) error {
	names, err := a.knownTenants(r.Context())
	if err != nil {
		return err
	}
	return httpx.WriteJSON(w, map[string]any{"tenants": names})
}

// visibleTenants answers GET /tenants/visible with the tenants that whoever asks
// may ask about, "" being the default one: those of their roles, or all there
// are. Without tenants there are none.
func (a *app) visibleTenants(w http.ResponseWriter, r *http.Request) error {
	names := []string{}
	if id := auth.From(r.Context()); a.cfg.Auth.Tenants && id != nil {
		own, all := id.Own()
		names = append(names, own...)
		if all {
			known, err := a.knownTenants(r.Context())
			if err != nil {
				return err
			}
			names = append([]string{""}, known...)
		}
	}
	return httpx.WriteJSON(w, map[string]any{"tenants": names})
}

// knownTenants returns, in order, the names of those that have data, or have made
// something, besides the default one. Who may know is for callers to see to.
func (a *app) knownTenants(ctx context.Context) ([]string, error) {
	ctx = auth.With(ctx, nil) // all of them
	q, err := a.metrics.Querier(math.MinInt64, math.MaxInt64)
	if err != nil {
		return nil, err
	}
	defer func() { _ = q.Close() }() // of a reader: nothing is lost
	names, _, err := q.LabelValues(ctx, auth.TenantLabel, nil)
	if err != nil {
		return nil, err
	}
	names = slices.Clone(names)
	for _, signal := range []model.Signal{model.Logs, model.Spans} {
		values, err := a.events.Values(ctx, storage.ValuesRequest{
			Signal: signal, Range: model.AllTime(), Field: storage.Field{Place: storage.Stream, Key: auth.TenantLabel},
		})
		if err != nil {
			return nil, err
		}
		for _, v := range values {
			names = append(names, v.Value.Str())
		}
	}
	homes := func(context.Context) ([]string, error) { return a.homes().Tenants() }
	for _, more := range []func(context.Context) ([]string, error){a.state.Tenants, a.archive.Tenants, homes} {
		some, err := more(ctx)
		if err != nil {
			return nil, err
		}
		names = append(names, some...)
	}
	names = slices.DeleteFunc(names, func(name string) bool { return name == "" })
	slices.Sort(names)
	return append([]string{}, slices.Compact(names)...), nil
}

// deleteTenant answers DELETE /tenants/{name}: its data, what it has made and its
// tokens are gone when it returns, or counted alone with dry_run=true. What its senders bring
// afterwards is new.
func (a *app) deleteTenant(w http.ResponseWriter, r *http.Request) error {
	name := chi.URLParam(r, "name")
	if err := auth.CheckTenant(name); err != nil {
		return err
	}
	if name == "" {
		return fmt.Errorf("the default tenant cannot be deleted: %w", fault.ErrInvalid)
	}
	dry := false
	if s := r.URL.Query().Get("dry_run"); s != "" {
		var err error
		if dry, err = strconv.ParseBool(s); err != nil {
			return fmt.Errorf("dry_run: %q is not true or false: %w", s, fault.ErrInvalid)
		}
	}
	d, err := a.removeTenant(auth.With(r.Context(), auth.Own(name)), name, dry)
	if err != nil {
		return err
	}
	return httpx.WriteJSON(w, d)
}

// removeTenant deletes or counts what name has; ctx is of the process acting for
// it. Tokens go first, so that nothing more comes in by them, and then rules, so
// that nothing more is recorded.
func (a *app) removeTenant(ctx context.Context, name string, dry bool) (*tenantDeletion, error) {
	d := &tenantDeletion{Tenant: name, DryRun: dry}
	tokens, err := a.state.Tokens(ctx)
	if err != nil {
		return nil, err
	}
	for _, t := range tokens {
		if t.Tenant != name {
			continue
		}
		if !dry {
			if err := a.state.DeleteToken(ctx, t.ID); err != nil {
				return nil, err
			}
		}
		d.Tokens++
	}
	if err := a.removeMade(ctx, d); err != nil {
		return nil, err
	}
	for signal, count := range map[model.Signal]*int64{model.Logs: &d.Lines, model.Spans: &d.Spans} {
		res, err := a.events.Delete(ctx, storage.DeleteRequest{Signal: signal, Range: model.AllTime(), Where: scope.Where(ctx, signal, nil), DryRun: dry})
		if err != nil {
			return nil, err
		}
		*count = res.Rows
	}
	if d.Kept, err = a.archive.Forget(ctx, scope.Where(ctx, model.Spans, nil), dry); err != nil {
		return nil, err
	}
	if d.Series, err = a.countSeries(ctx); err != nil || dry {
		return d, err
	}
	for _, ms := range scope.Selectors(ctx, nil) {
		if err := a.metrics.Delete(ctx, math.MinInt64, math.MaxInt64, ms...); err != nil {
			return nil, err
		}
	}
	a.metrics.Refs.Clear()
	return d, nil
}

// removeMade deletes or counts what d's tenant has made.
func (a *app) removeMade(ctx context.Context, d *tenantDeletion) (err error) {
	for _, g := range a.rules.Seen(ctx).RuleGroups() {
		if a.rules.Owner(g) == d.Tenant {
			d.RuleGroups++
		}
	}
	rows := int64(0)
	if d.Dashboards, rows, err = a.state.CountTenant(ctx, d.Tenant); err != nil {
		return err
	}
	d.Rest = rows - d.Dashboards
	if d.DryRun {
		return nil
	}
	if err := a.homes().Remove(d.Tenant); err != nil {
		return fmt.Errorf("remove rules: %w", err)
	}
	if err := a.objectives.Load(); err != nil {
		return err
	}
	if err := a.reload.rules(); err != nil {
		return err
	}
	a.history.Forget(d.Tenant)
	if err := a.notify.Forget(ctx, d.Tenant); err != nil {
		return err
	}
	return a.state.DeleteTenant(ctx, d.Tenant)
}

// countSeries returns how many series there are of those who ask in ctx.
func (a *app) countSeries(ctx context.Context) (n int64, err error) {
	q, err := a.series.Querier(math.MinInt64, math.MaxInt64)
	if err != nil {
		return 0, err
	}
	defer func() { _ = q.Close() }() // of a reader: nothing is lost
	set := q.Select(ctx, false, nil, labels.MustNewMatcher(labels.MatchRegexp, promodel.MetricNameLabel, ".+"))
	for set.Next() {
		n++
	}
	return n, set.Err()
}

// tenantCmd is `oriel tenant`.
type tenantCmd struct {
	List   tenantListCmd   `cmd:"" help:"List tenants that have data."`
	Delete tenantDeleteCmd `cmd:"" help:"Count what a tenant has, and with --yes delete it."`
}

type tenantListCmd struct{ serverFlags }

// Run prints a name a line.
func (c *tenantListCmd) Run(ctx context.Context, s streams) error {
	body, err := c.get(ctx, "/oriel/api/v1/tenants", nil)
	if err != nil {
		return err
	}
	var answer struct{ Tenants []string }
	if err := json.Unmarshal(body, &answer); err != nil {
		return fmt.Errorf("decode answer: %w", err)
	}
	for _, name := range answer.Tenants {
		fmt.Fprintln(s.out, name)
	}
	return nil
}

type tenantDeleteCmd struct {
	serverFlags
	Name string `arg:"" help:"The tenant."`
	Yes  bool   `help:"Delete it, rather than count what it has."`
}

// deletePatience is how long a tenant's rows may take to be counted.
const deletePatience = 10 * time.Minute

// Run prints what is, or would be, gone.
func (c *tenantDeleteCmd) Run(ctx context.Context, s streams) error {
	client, err := c.client()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, deletePatience)
	defer cancel()
	target := c.url("/oriel/api/v1/tenants/"+url.PathEscape(c.Name), url.Values{"dry_run": {strconv.FormatBool(!c.Yes)}})
	req, err := http.NewRequestWithContext(ctx, http.MethodDelete, target, nil)
	if err != nil {
		return &usageError{err}
	}
	resp, err := client.Do(req)
	if err != nil {
		return fmt.Errorf("delete tenant %s: %w", c.Name, err)
	}
	defer func() { _ = resp.Body.Close() }() // it was read
	var answer struct {
		tenantDeletion
		Error string
	}
	if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil {
		return fmt.Errorf("delete tenant %s: %s", c.Name, resp.Status)
	}
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("delete tenant %s: %s: %s", c.Name, resp.Status, answer.Error)
	}
	verb := "deleted"
	if answer.DryRun {
		verb = "would delete (with --yes)"
	}
	fmt.Fprintf(s.out, "%s %d log lines, %d spans, %d series and %d tokens of tenant %s, %d dashboards, %d groups of rules, %d archived spans and %d other things that it made\n",
		verb, answer.Lines, answer.Spans, answer.Series, answer.Tokens, c.Name, answer.Dashboards, answer.RuleGroups, answer.Kept, answer.Rest)
	return nil
}
