package guard

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/time/rate"

	"github.com/oriel-obs/oriel/internal/auth"
)

// Options is what a Guard needs.
type Options struct {
	Config      auth.Config
	Store       auth.Store
	Permissions *auth.Permissions
	External    *url.URL      // how people reach the page: its origin may make requests
	Recorder    auth.Recorder // nil for none
	Registerer  prometheus.Registerer
	Log         *slog.Logger
}

// A Guard knows who may come in.
type Guard struct {
	config      auth.Config
	store       auth.Store
	permissions *auth.Permissions
	external    *url.URL
	origins     *http.CrossOriginProtection
	recorder    auth.Recorder
	failures    *prometheus.CounterVec
	log         *slog.Logger
	complaint   map[string]*rate.Sometimes // by reason; not changed
	now         func() time.Time
	anonymous   *auth.Identity // nil if they are turned away
	key         [32]byte       // of successors; of this process

	known memo

	mu   sync.Mutex
	used map[string]time.Time // "token " and an ID, or "session " and its hash: when, if the store does not know yet
}

// New returns a Guard, or what is wrong with its configuration.
func New(ctx context.Context, o Options) (*Guard, error) {
	g := &Guard{
		config: o.Config, store: o.Store, permissions: o.Permissions, external: o.External, recorder: o.Recorder, log: o.Log,
		origins: http.NewCrossOriginProtection(), failures: newFailures(o.Registerer), complaint: map[string]*rate.Sometimes{},
		now: time.Now, used: map[string]time.Time{},
	}
	_, _ = rand.Read(g.key[:]) // it does not fail
	if g.recorder == nil {
		g.recorder = auth.Unrecorded{}
	}
	for _, reason := range reasons {
		g.complaint[reason] = &rate.Sometimes{Interval: complaintInterval}
	}
	if o.External != nil {
		if err := g.origins.AddTrustedOrigin(o.External.Scheme + "://" + o.External.Host); err != nil {
			return nil, err
		}
	}
	if role := o.Config.Anonymous; role != "" {
		grants, err := g.grants(ctx, []string{role})
		if err != nil {
			return nil, err
		}
		if len(grants) == 0 {
			return nil, fmt.Errorf("auth.anonymous: no role %q", role)
		}
		g.anonymous = &auth.Identity{Kind: auth.Anonymous, Name: "anonymous", Grants: grants}
	}
	return g, nil
}

// Enabled reports whether anybody must show who they are.
func (g *Guard) Enabled() bool { return g.config.Enabled }

// Sender reports whether an address may use protocols that have no credentials.
// The zero Addr is a Unix socket's.
func (g *Guard) Sender(from netip.Addr) bool {
	return !g.config.Enabled || !from.IsValid() || within(g.config.Senders, from)
}

func within(networks []netip.Prefix, a netip.Addr) bool {
	return slices.ContainsFunc(networks, func(p netip.Prefix) bool { return p.Contains(a.Unmap()) })
}

// Fail counts a refusal, records it, and logs it unless one for the same reason
// has just been logged. The reason is one of this package's.
func (g *Guard) Fail(ctx context.Context, reason string, e auth.Event) {
	g.failures.WithLabelValues(reason).Inc()
	e.Result = auth.Refused
	g.recorder.Record(ctx, e)
	g.complaint[reason].Do(func() {
		g.log.WarnContext(ctx, "refused", "action", e.Action, "who", e.Who, "target", e.Target, "address", e.Address, "reason", reason, "detail", e.Detail)
	})
}

// complaintInterval is the least time between two log lines of one reason; all
// are counted and recorded.
const complaintInterval = time.Second
