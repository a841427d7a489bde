package alertapi

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/go-chi/chi/v5"
	amalert "github.com/prometheus/alertmanager/alert"
	amconfig "github.com/prometheus/alertmanager/config"
	"github.com/prometheus/alertmanager/dispatch"
	"github.com/prometheus/alertmanager/provider"
	"github.com/prometheus/alertmanager/silence"
	promodel "github.com/prometheus/common/model"

	"github.com/oriel-obs/oriel/alerting/backtest"
	"github.com/oriel-obs/oriel/alerting/notify"
	"github.com/oriel-obs/oriel/internal/auth"
	"github.com/oriel-obs/oriel/internal/fault"
	"github.com/oriel-obs/oriel/internal/httpx"
	"github.com/oriel-obs/oriel/storage/state"
)

// A Desk serves what people need about alerts beyond Alertmanager's API, under
// /oriel/api/v1: what happened, who has seen to it, what did not arrive, and
// who would hear of what. It is safe for concurrent use.
type Desk struct{ opts DeskOptions }

// Notifications is what a Desk looks at and changes; notify.Manager is one.
type Notifications interface {
	Alerts() provider.Alerts
	Silences() *silence.Silences
	Firing(fingerprint string) (*amalert.Alert, error)
	Acknowledge(context.Context, state.Acknowledgement) error
	Unacknowledge(ctx context.Context, fingerprint, author string) error
	Acknowledgements() map[string]state.Acknowledgement
	Retry(ctx context.Context, id int64) error
	Routing() (*amconfig.Config, *dispatch.Route)
	Test(ctx context.Context, receiver string, labels, annotations promodel.LabelSet) ([]notify.TestResult, error)

	Configuration(context.Context) (notify.Configuration, error)
	Version(ctx context.Context, n int) (notify.Configuration, error)
	Versions(context.Context) ([]state.NotificationConfig, error)
	Check(context.Context, notify.Draft) (notify.Checked, error)
	TestDraft(ctx context.Context, d notify.Draft, receiver string, labels, annotations promodel.LabelSet) ([]notify.TestResult, error)
	Save(context.Context, notify.Draft, notify.Edit) (state.NotificationConfig, error)
	Restore(ctx context.Context, n, base int, e notify.Edit) (state.NotificationConfig, error)
}

// DeskOptions are what a Desk needs.
type DeskOptions struct {
	State         *state.DB
	Notifications Notifications
	Happened      func() // called when State has something new for the history
	Backtest      func(context.Context, backtest.Request) (*backtest.Result, error)
	MayRoute      func(*http.Request) error // why a request may not change who is notified; nil for no reason
}

// NewDesk returns a Desk.
func NewDesk(o DeskOptions) *Desk { return &Desk{o} }

// firing returns an alert that fires and that the one who asks sees; another
// wraps fault.ErrNotFound. One that they see, but may not do what s is for about,
// wraps fault.ErrForbidden.
func (d *Desk) firing(ctx context.Context, fingerprint string, s auth.Scope) (*amalert.Alert, error) {
	a, err := d.opts.Notifications.Firing(fingerprint)
	if err != nil {
		return nil, err
	}
	labels := make(map[string]string, len(a.Labels))
	for name, value := range a.Labels {
		labels[string(name)] = string(value)
	}
	id := auth.From(ctx)
	if !id.Reach(auth.AlertsRead).Has(labels) {
		return nil, fmt.Errorf("no alert %s fires: %w", a.Fingerprint(), fault.ErrNotFound) // as of one that is not there
	}
	if !id.Reach(s).Has(labels) {
		return nil, fmt.Errorf("alert %s is not one of those that your roles let you act on: %w", a.Fingerprint(), fault.ErrForbidden)
	}
	return a, nil
}

// Mount adds the routes to r.
func (d *Desk) Mount(r chi.Router) {
	const base = "/oriel/api/v1"
	get := func(path string, f func(http.ResponseWriter, *http.Request) error) {
		r.Method(http.MethodGet, base+path, httpx.Handler(f, httpx.JSONError))
	}
	change := func(method, path string, f func(http.ResponseWriter, *http.Request) error) {
		r.Method(method, base+path, httpx.Handler(sameOrigin(f), httpx.JSONError))
	}
	get("/alerts/history", d.changes)
	get("/alerts/acknowledgements", d.acknowledgements)
	change(http.MethodPost, "/alerts/{fingerprint}/ack", d.acknowledge)
	change(http.MethodDelete, "/alerts/{fingerprint}/ack", d.unacknowledge)
	change(http.MethodPost, "/alerts/{fingerprint}/snooze", d.snooze)
	get("/notifications", d.attempts)
	get("/notifications/waiting", d.queue(state.NotificationWaiting))
	get("/notifications/dead", d.queue(state.NotificationDead))
	change(http.MethodPost, "/notifications/dead/{id}/retry", d.retry)
	change(http.MethodDelete, "/notifications/dead/{id}", d.discard)
	get("/routing", d.routing)
	change(http.MethodPost, "/routing/test", d.route)
	change(http.MethodPost, "/receivers/{name}/test", d.testReceiver)
	get("/routing/config", d.configuration)
	change(http.MethodPut, "/routing/config", d.saveConfiguration)
	change(http.MethodPost, "/routing/config/check", d.checkConfiguration)
	change(http.MethodPost, "/routing/config/test", d.testDraft)
	get("/routing/config/versions", d.configurations)
	get("/routing/config/versions/{version}", d.oldConfiguration)
	change(http.MethodPost, "/routing/config/versions/{version}/restore", d.restoreConfiguration)
}

// MountQueries adds the route that is a query like those of other APIs, so that
// r may let only so many of them through at once.
func (d *Desk) MountQueries(r chi.Router) {
	r.Method(http.MethodPost, "/oriel/api/v1/rules/backtest", httpx.Handler(sameOrigin(d.backtest), httpx.JSONError))
}

// backtest answers POST /rules/backtest: when a rule would have fired.
func (d *Desk) backtest(w http.ResponseWriter, r *http.Request) error {
	var req backtest.Request
	if err := readBody(r, &req); err != nil {
		return err
	}
	res, err := d.opts.Backtest(r.Context(), req)
	if err != nil {
		return err
	}
	return httpx.WriteJSON(w, res)
}

// sameOrigin keeps other pages in a reader's browser from changing anything.
func sameOrigin(f func(http.ResponseWriter, *http.Request) error) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		if err := http.NewCrossOriginProtection().Check(r); err != nil {
			return fmt.Errorf("%w: %w", err, fault.ErrForbidden)
		}
		return f(w, r)
	}
}

// maxBody bounds the body of a request.
const maxBody = 1 << 20

// readBody decodes a JSON body of known fields; an empty one changes nothing.
func readBody(r *http.Request, into any) error {
	body, err := httpx.ReadBody(r, maxBody)
	if err != nil {
		return err
	}
	if len(body) == 0 {
		return nil
	}
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.DisallowUnknownFields()
	if err := dec.Decode(into); err != nil {
		return fmt.Errorf("body: %w: %w", err, fault.ErrInvalid)
	}
	if _, err := dec.Token(); err != io.EOF {
		return fmt.Errorf("body: more than one JSON value: %w", fault.ErrInvalid)
	}
	return nil
}

// who returns the person that a request is from: whoever has logged in, or
// else whom the body names, or basic authentication.
func who(r *http.Request, key, said string) (string, error) {
	if id := auth.From(r.Context()); id != nil && id.Kind != auth.Anonymous {
		return id.Name, nil
	}
	if said == "" {
		said, _, _ = r.BasicAuth()
	}
	if said == "" {
		return "", fmt.Errorf("%s: who are you? %w", key, fault.ErrInvalid)
	}
	return said, nil
}

// A page is which part of a list to answer.
type page struct {
	limit  int
	cursor int64 // 0 is the first page
}

const (
	defaultLimit = 100
	maxLimit     = 1000
)

func pageOf(r *http.Request) (p page, err error) {
	q := r.URL.Query()
	p.limit = defaultLimit
	if s := q.Get("limit"); s != "" {
		if p.limit, err = strconv.Atoi(s); err != nil || p.limit < 1 || p.limit > maxLimit {
			return p, fmt.Errorf("limit: %q is no number from 1 to %d: %w", s, maxLimit, fault.ErrInvalid)
		}
	}
	if s := q.Get("cursor"); s != "" {
		if p.cursor, err = strconv.ParseInt(s, 10, 64); err != nil || p.cursor < 1 {
			return p, fmt.Errorf("cursor: %q is not \"next\" of a page: %w", s, fault.ErrInvalid)
		}
	}
	return p, nil
}

// next is the cursor of the page after one whose last row is last, if that
// page is full.
func (p page) next(rows int, last int64) string {
	if rows < p.limit {
		return ""
	}
	return strconv.FormatInt(last, 10)
}

// startAndEnd are zero where they are absent.
func startAndEnd(r *http.Request) (start, end time.Time, err error) {
	if start, err = httpx.TimeOr(start, "start", r.URL.Query().Get("start")); err != nil {
		return start, end, err
	}
	end, err = httpx.TimeOr(end, "end", r.URL.Query().Get("end"))
	return start, end, err
}
