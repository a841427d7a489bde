package evidence

import (
	"context"
	"fmt"
	"log/slog"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	promodel "github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/promql/parser"
	promstorage "github.com/prometheus/prometheus/storage"

	"github.com/oriel-obs/oriel/alerting"
	"github.com/oriel-obs/oriel/internal/redact"
	"github.com/oriel-obs/oriel/query"
	"github.com/oriel-obs/oriel/query/services"
)

// Options are what a Collector needs. All are required.
type Options struct {
	Config      Config
	Dir         string   // holds pictures, JSON and the key of their links; created if absent
	ExternalURL *url.URL // of Oriel, which links begin with

	// Rule returns the rule of a tenant, or of the operator, with a name and an
	// expression, which is "" if not known.
	Rule func(tenant, name, expr string) (alerting.Definition, bool)

	// Tenants has what goes with a notification be that of the tenant of its
	// alerts, unless their rules are the operator's.
	Tenants bool

	Engines  alerting.Engines // for the value now
	PromQL   promql.QueryEngine
	Metrics  promstorage.Queryable
	Parser   parser.Parser // of PromQL
	Events   query.EventSource
	Services *services.Services

	Registerer prometheus.Registerer
	Log        *slog.Logger
}

// A Collector gathers evidence. It is safe for concurrent use.
type Collector struct {
	opts    Options
	log     *slog.Logger
	metrics *metrics
	redact  redact.Redactor
	shelf   *shelf
	turns   chan struct{} // holds one for each gathering that is at work

	running sync.WaitGroup // what outlives its notification, too

	mu     sync.Mutex
	recent []*gathering // newest last
}

// atOnce bounds how many gatherings are at work; others wait within their
// bound of time.
const atOnce = 4

// New returns a Collector.
func New(o Options) (*Collector, error) {
	if err := o.Config.Validate(); err != nil {
		return nil, fmt.Errorf("evidence: %w", err)
	}
	r, err := redact.New(o.Config.Redact)
	if err != nil {
		return nil, fmt.Errorf("evidence: %w", err)
	}
	c := &Collector{
		opts: o, log: o.Log.With("component", "evidence"), metrics: newMetrics(o.Registerer), redact: r, turns: make(chan struct{}, atOnce),
	}
	if c.shelf, err = openShelf(o.Dir, o.Config); err != nil {
		return nil, fmt.Errorf("evidence: %w", err)
	}
	return c, nil
}

// Run drops what is older than its links until ctx ends, and then waits for
// what is still being looked for.
func (c *Collector) Run(ctx context.Context) error {
	tick := time.NewTicker(time.Hour)
	defer tick.Stop()
	for {
		if err := c.shelf.sweep(time.Now()); err != nil {
			c.log.Error("old evidence not dropped", "err", err)
		}
		select {
		case <-ctx.Done():
			c.running.Wait()
			return nil
		case <-tick.C:
		}
	}
}

// A gathering is the work on one notification, shared by those who ask for it.
type gathering struct {
	key   string
	at    time.Time
	done  chan struct{}
	found *Evidence // set before done is closed
}

const (
	keepRecent = 64               // gatherings that later attempts may ask for
	sameFlush  = 10 * time.Second // between flushes of groups that share their evidence
)

// Collect returns the evidence for alerts that are notified of at a time, nil
// if that is turned off. It returns within Config.Timeout, with what there is
// by then. Attempts and receivers that notify of the same share one answer.
func (c *Collector) Collect(ctx context.Context, at time.Time, alerts []*promodel.Alert) *Evidence {
	if !c.opts.Config.Enabled || len(alerts) == 0 {
		return nil
	}
	g, mine := c.join(at, keyOf(alerts, at))
	if mine {
		c.running.Go(func() {
			defer close(g.done)
			// Not the caller's time: others may have joined.
			c.gather(context.WithoutCancel(ctx), g, alerts)
		})
	}
	select {
	case <-g.done:
		return g.found
	case <-ctx.Done():
		return nil
	}
}

// join returns the gathering for a key, and whether it is the caller's to do.
func (c *Collector) join(at time.Time, key string) (g *gathering, mine bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, g := range c.recent {
		if g.key == key && at.Sub(g.at).Abs() < sameFlush {
			return g, false
		}
	}
	g = &gathering{key: key, at: at, done: make(chan struct{})}
	c.recent = append(c.recent, g)
	if len(c.recent) > keepRecent {
		c.recent = append([]*gathering(nil), c.recent[1:]...)
	}
	return g, true
}

// keyOf tells groups apart by the alerts that fire; receivers may or may not
// hear of those that are over.
func keyOf(alerts []*promodel.Alert, at time.Time) string {
	var firing, over promodel.Fingerprints
	for _, a := range alerts {
		if a.ResolvedAt(at) {
			over = append(over, a.Fingerprint())
		} else {
			firing = append(firing, a.Fingerprint())
		}
	}
	set, word := firing, "firing"
	if len(firing) == 0 {
		set, word = over, "over"
	}
	var b strings.Builder
	b.WriteString(word)
	for _, fp := range sorted(set) {
		b.WriteString(" " + fp.String())
	}
	return b.String()
}
