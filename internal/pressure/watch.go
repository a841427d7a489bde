// Package pressure tells when the process comes near the memory that it may
// have, for new work to be refused before the kernel ends all of it.
package pressure

import (
	"context"
	"fmt"
	"log/slog"
	"math"
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"sync"
	"sync/atomic"
	"time"

	"github.com/KimMachineGun/automemlimit/memlimit"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/oriel-obs/oriel/internal/fault"
)

// Of the limit, what the process leaves to what Go does not count, and what of
// its own share may be in use before work is refused, and until it is taken
// again. Beyond critical, work that has begun is ended.
const (
	share    = 0.9
	critical = 0.95
	high     = 0.85
	low      = 0.75
)

// period is how often memory is looked at, and hurry how often when much of it
// is in use.
const (
	period = 100 * time.Millisecond
	hurry  = 20 * time.Millisecond
)

// stale is how long it may be, while work is refused, that nothing has been
// collected. Without new work nothing calls for it, and what the last collection
// found alive would be taken to be in use long after it is gone.
const stale = time.Second

// started is when starting up is over, by when all components run and have
// scraped, evaluated and listed once.
const started = 5 * time.Second

// ErrMemory is what work is refused with. It passes.
var ErrMemory = fmt.Errorf("memory is nearly used up: no new work until some is free again: %w", fault.ErrUnavailable)

// gcPercent is Prometheus' value, too: against Go's own of 100 it takes a tenth
// off the peak for a hundredth more of CPU (docs/benchmarks.md).
const gcPercent = 75

// rarely is for those who would rather have the collector at work less often,
// as far as the limit of memory allows, which it keeps whatever this is.
const rarely = 250

// SetLimit has Go's garbage collector keep within the memory of the cgroup, or
// of the machine, unless GOMEMLIMIT says something else, and collect somewhat
// more often than it would, unless GOGC does.
func SetLimit(log *slog.Logger) {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(gcPercent)
	}
	_, err := memlimit.SetGoMemLimitWithOpts(
		memlimit.WithRatio(share), memlimit.WithProvider(memlimit.ApplyFallback(memlimit.FromCgroup, memlimit.FromSystem)),
	)
	if err != nil {
		log.Warn("no limit of memory is known; set GOMEMLIMIT", "err", err)
	}
}

// CollectRarely has the garbage collector be at work less often and memory in
// use be more, unless GOGC says how often.
func CollectRarely() (undo func()) {
	if os.Getenv("GOGC") != "" {
		return func() {}
	}
	before := debug.SetGCPercent(rarely)
	return func() { debug.SetGCPercent(before) }
}

// A Watch looks at the memory in use while it runs.
type Watch struct {
	log     *slog.Logger
	read    func() usage
	collect func()
	release func() error
	over    atomic.Bool
	refused prometheus.Counter
	ended   prometheus.Counter

	// of look
	collections uint64    // when it was last called
	collected   time.Time // when they were fewer
	shedAt      uint64    // collections when some work was ended last

	mu    sync.Mutex
	borne []*burden // oldest first
}

// usage is how much memory is in use, of how much, in bytes, and after how many
// collections of garbage.
type usage struct {
	used, limit int64
	collections uint64
}

func (u usage) share() float64 { return float64(u.used) / float64(u.limit) }

// New returns a Watch that has seen nothing yet.
func New(log *slog.Logger, reg prometheus.Registerer) *Watch {
	w := &Watch{log: log, read: inUse, collect: runtime.GC, release: releaseStart, refused: prometheus.NewCounter(prometheus.CounterOpts{
		Name: "oriel_memory_refused_total",
		Help: "Requests and batches refused because memory was nearly used up.",
	}), ended: prometheus.NewCounter(prometheus.CounterOpts{
		Name: "oriel_memory_ended_total",
		Help: "Queries ended while they ran because memory was used up faster than refusing others helped.",
	})}
	reg.MustRegister(w.refused, w.ended, prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "oriel_memory_in_use_ratio",
		Help: "Memory that is really in use, as a share of the limit (GOMEMLIMIT, which a cgroup sets by itself); work is refused from 0.85 until 0.75.",
	}, func() float64 { return w.read().share() }))
	return w
}

// inUse counts the heap that the last collection found alive and all that is
// not heap. What waits to be collected is not in use: Go lets it grow
// up to the limit, whatever the limit is.
func inUse() usage {
	s := []metrics.Sample{
		{Name: "/gc/heap/live:bytes"},
		{Name: "/memory/classes/total:bytes"},
		{Name: "/memory/classes/heap/objects:bytes"},
		{Name: "/memory/classes/heap/free:bytes"},
		{Name: "/memory/classes/heap/released:bytes"},
		{Name: "/memory/classes/heap/unused:bytes"},
		{Name: "/gc/cycles/total:gc-cycles"},
	}
	metrics.Read(s)
	v := func(i int) int64 { return int64(s[i].Value.Uint64()) }
	return usage{v(0) + v(1) - v(2) - v(3) - v(4) - v(5), debug.SetMemoryLimit(-1), s[6].Value.Uint64()}
}

// Run looks ten times a second, or more often when there is need, until ctx ends,
// and gives back what only starting up has needed: when the first work may come,
// and when every component has begun.
func (w *Watch) Run(ctx context.Context) error {
	w.giveBack()
	next, begun := time.NewTimer(period), time.After(started)
	defer next.Stop()
	for {
		if w.look() > low {
			next.Reset(hurry)
		} else {
			next.Reset(period)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-begun:
			w.giveBack()
		case <-next.C:
		}
	}
}

func (w *Watch) giveBack() {
	if err := w.release(); err != nil {
		w.log.Warn("memory that only starting up has needed is kept", "err", err)
	}
}

// look returns which share of the limit is in use.
func (w *Watch) look() (at float64) {
	u := w.read()
	if u.limit == math.MaxInt64 {
		return 0
	}
	at = u.share()
	switch over := w.over.Load(); {
	case !over && at > high:
		w.over.Store(true)
		w.log.Warn("memory is nearly used up: new requests are refused", "in_use", u.used, "limit", u.limit)
	case over && at < low:
		w.over.Store(false)
		w.log.Info("memory is free again: requests are taken", "in_use", u.used, "limit", u.limit)
	}
	if at > critical && u.collections != w.shedAt {
		w.shedAt = u.collections
		w.shed()
	}
	if now := time.Now(); u.collections != w.collections {
		w.collections, w.collected = u.collections, now
	} else if w.over.Load() && now.Sub(w.collected) >= stale {
		w.collect()
	}
	return at
}

// Use returns how many bytes are in use, and from how many on new work is
// refused; 0 if no limit is known.
func (w *Watch) Use() (used, most int64) {
	u := w.read()
	if u.limit == math.MaxInt64 {
		return u.used, 0
	}
	return u.used, int64(high * float64(u.limit))
}

// Check returns ErrMemory while there is too little memory for new work. A nil
// Watch always has enough.
func (w *Watch) Check() error {
	if w == nil || !w.over.Load() {
		return nil
	}
	w.refused.Inc()
	return ErrMemory
}
