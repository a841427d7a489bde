package pushgateway

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"sync"
	"time"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/prometheus/model/labels"

	"github.com/oriel-obs/oriel/ingest/samples"
	"github.com/oriel-obs/oriel/internal/fault"
)

// Options say where samples go and groups lie.
type Options struct {
	Samples samples.Options
	Config  Config
	Dir     string // of the groups; created if absent
	Admin   bool   // whether clients may wipe everything
	Log     *slog.Logger
}

// A Gateway holds what was pushed. It is safe for concurrent use.
type Gateway struct {
	sink   *samples.Sink
	config Config
	dir    string
	admin  bool
	log    *slog.Logger

	mu     sync.Mutex // also orders the samples of a series
	groups map[string]*group
	rows   int // of all groups
}

// Open reads the groups that were pushed before.
func Open(o Options) (*Gateway, error) {
	g := &Gateway{
		sink: samples.NewSink("pushgateway", o.Samples), config: o.Config, dir: o.Dir, admin: o.Admin,
		log: o.Log, groups: map[string]*group{},
	}
	return g, g.load(context.Background())
}

// Run appends what was pushed at every interval until ctx ends, the first time
// at once.
func (g *Gateway) Run(ctx context.Context) error {
	t := time.NewTicker(g.config.Interval)
	defer t.Stop()
	for {
		g.refresh(ctx, time.Now())
		select {
		case <-ctx.Done():
			return nil
		case <-t.C:
		}
	}
}

func (g *Gateway) refresh(ctx context.Context, now time.Time) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(g.groups) == 0 {
		return
	}
	b := g.sink.Begin(ctx, now)
	for _, x := range g.groups {
		x.store(b, now.UnixMilli())
	}
	_ = b.Store(0) // counted; the next interval tries again
}

// push adds families to the group of ls, or with replace makes them the whole
// of it. size is that of the request.
func (g *Gateway) push(ctx context.Context, ls labels.Labels, families map[string]*dto.MetricFamily, replace bool, size int, now time.Time) error {
	ms := now.UnixMilli()
	pushed := map[string]*family{}
	for name, mf := range families {
		if name == pushTime || name == failureTime {
			continue // ours
		}
		f, err := adopt(mf, ls, g.sink.Limits, ms)
		if err != nil {
			return g.fail(ctx, ls, now, err)
		}
		if len(f.rows) > 0 {
			pushed[name] = f
		}
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	key := string(ls.Bytes(nil))
	old := g.groups[key]
	if err := g.consistent(key, pushed); err != nil {
		return g.failLocked(ctx, ls, now, err)
	}
	next := &group{labels: ls, pushed: ms, families: map[string]*family{}}
	if old != nil {
		next.failed = old.failed
		if !replace {
			maps.Copy(next.families, old.families)
		}
	}
	maps.Copy(next.families, pushed)
	return g.swap(ctx, old, next, size, now)
}

// consistent makes sure that no group but that of key gives a family another
// type.
func (g *Gateway) consistent(key string, pushed map[string]*family) error {
	for name, f := range pushed {
		for other, x := range g.groups {
			if y := x.families[name]; other != key && y != nil && y.mf.GetType() != f.mf.GetType() {
				return fmt.Errorf("pushed metrics are inconsistent with existing metrics: %q is a %s, but a %s in group %s: %w",
					name, f.mf.GetType(), y.mf.GetType(), x.labels, fault.ErrInvalid)
			}
		}
	}
	return nil
}

// swap puts next in the place of old, either of which may be nil. Nothing has
// changed after an error.
func (g *Gateway) swap(ctx context.Context, old, next *group, size int, now time.Time) error {
	if old == nil && len(g.groups) >= g.config.MaxGroups {
		return g.sink.Refuse(ctx, fmt.Errorf("there are %d groups, and max_groups is %d: %w", len(g.groups), g.config.MaxGroups, fault.ErrOverloaded))
	}
	if next != nil {
		if _, err := next.withTimes(now.UnixMilli()); err != nil {
			return g.sink.Refuse(ctx, err)
		}
	}
	rows := g.rows - old.rows() + next.rows()
	if next.rows() > old.rows() && rows > g.config.MaxSeries {
		return g.sink.Refuse(ctx, fmt.Errorf("that would make %d series, and max_series is %d: %w", rows, g.config.MaxSeries, fault.ErrOverloaded))
	}
	b := g.sink.Begin(ctx, now)
	if old != nil {
		old.end(next, b, now.UnixMilli())
	}
	if next != nil {
		next.store(b, now.UnixMilli())
	}
	if err := b.Store(size); err != nil {
		return err
	}
	var err error
	if next != nil {
		err = save(g.dir, next)
	} else {
		err = forget(g.dir, old.labels)
	}
	if err != nil {
		return g.sink.Refuse(ctx, err)
	}
	if next != nil {
		g.groups[string(next.labels.Bytes(nil))] = next
	} else {
		delete(g.groups, string(old.labels.Bytes(nil)))
	}
	g.rows = rows
	return nil
}

// fail notes in the group of ls that a push failed for err, and returns err.
func (g *Gateway) fail(ctx context.Context, ls labels.Labels, now time.Time, err error) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.failLocked(ctx, ls, now, err)
}

func (g *Gateway) failLocked(ctx context.Context, ls labels.Labels, now time.Time, err error) error {
	_ = g.sink.Refuse(ctx, err)
	next := &group{labels: ls, failed: now.UnixMilli(), families: map[string]*family{}}
	old := g.groups[string(ls.Bytes(nil))]
	if old != nil {
		next.pushed = old.pushed
		maps.Copy(next.families, old.families)
	}
	_ = g.swap(ctx, old, next, 0, now) // what matters is that the push failed
	return err
}

// remove ends the group of ls, if there is one.
func (g *Gateway) remove(ctx context.Context, ls labels.Labels, now time.Time) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	old := g.groups[string(ls.Bytes(nil))]
	if old == nil {
		return nil
	}
	return g.swap(ctx, old, nil, 0, now)
}

// wipe ends every group.
func (g *Gateway) wipe(ctx context.Context, now time.Time) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, x := range g.groups {
		if err := g.swap(ctx, x, nil, 0, now); err != nil {
			return err
		}
	}
	return nil
}
