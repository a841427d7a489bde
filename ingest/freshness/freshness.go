// Package freshness knows when each service last sent logs or spans, so that a
// service that stops sending is told from one that is well and quiet. A writer
// in front of the store notes arrivals, and metrics show them; rules make
// alerts of these (Rules).
package freshness

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"regexp"
	"slices"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	promodel "github.com/prometheus/common/model"

	"github.com/oriel-obs/oriel/ingest"
	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/storage/state"
)

// Config is the section `absence`.
type Config struct {
	Enabled bool              `yaml:"enabled"`
	After   promodel.Duration `yaml:"after"`       // a service may be silent for so long,
	Gaps    float64           `yaml:"gaps"`        // or for so many times what usually lies between two of its batches, whichever is more
	Forget  promodel.Duration `yaml:"forget"`      // silent for so long, it has ended
	Most    int               `yaml:"max_sources"` // services known at a time, by signal; those silent longest make room
	Exclude []string          `yaml:"exclude"`     // regular expressions of whole names
}

// DefaultConfig returns what holds without configuration.
func DefaultConfig() Config {
	return Config{Enabled: true, After: promodel.Duration(10 * time.Minute), Gaps: 10, Forget: promodel.Duration(24 * time.Hour), Most: 5000}
}

// Validate returns what is wrong with c.
func (c Config) Validate() error {
	switch {
	case c.After <= 0:
		return fmt.Errorf("after: more than 0s")
	case c.Forget <= c.After:
		return fmt.Errorf("forget: longer than after (%s)", c.After)
	case c.Gaps < 1:
		return fmt.Errorf("gaps: at least 1")
	case c.Most < 1:
		return fmt.Errorf("max_sources: at least 1")
	}
	_, err := c.excluded()
	return err
}

func (c Config) excluded() (all []*regexp.Regexp, err error) {
	for i, text := range c.Exclude {
		re, err := regexp.Compile("^(?:" + text + ")$")
		if err != nil {
			return nil, fmt.Errorf("exclude[%d]: %w", i, err)
		}
		all = append(all, re)
	}
	return all, nil
}

// saveInterval is how often what is known is kept: a kill loses so much of it.
const saveInterval = 30 * time.Second

// gapWeight is the part that the newest gap has in what is usual.
const gapWeight = 0.1

// shortGap and less is one batch: senders split what they send at once.
const shortGap = time.Second

// A Watch is an ingest.EventWriter that notes who sends. It is safe for
// concurrent use.
type Watch struct {
	next    ingest.EventWriter
	config  Config
	exclude []*regexp.Regexp
	state   *state.DB
	log     *slog.Logger

	mu   sync.Mutex
	seen map[key]*source
}

type key struct {
	signal  model.Signal
	service string
}

type source struct {
	seen  time.Time
	gap   time.Duration // usual; 0 is not known
	apart bool          // excluded: known only so that its name is not matched again
}

// New returns a Watch that passes batches on to next, with what an earlier
// process knew. c is valid.
func New(ctx context.Context, c Config, next ingest.EventWriter, db *state.DB, reg prometheus.Registerer, log *slog.Logger) (*Watch, error) {
	exclude, err := c.excluded()
	if err != nil {
		return nil, err
	}
	w := &Watch{next: next, config: c, exclude: exclude, state: db, log: log.With("component", "freshness"), seen: map[key]*source{}}
	known, err := db.Sources(ctx)
	if err != nil {
		return nil, fmt.Errorf("read when sources were seen: %w", err)
	}
	w.restore(known, time.Now())
	if err := reg.Register(w); err != nil {
		return nil, err
	}
	return w, nil
}

// signals are by the names in metrics and in the state database.
var signals = map[string]model.Signal{"logs": model.Logs, "traces": model.Spans}

func nameOf(s model.Signal) string {
	if s == model.Spans {
		return "traces"
	}
	return "logs"
}

// restore takes over what was known. Who was not silent then has from now on
// as long as ever, since nothing could come in while no process ran.
func (w *Watch) restore(known []state.Source, now time.Time) {
	for _, k := range known {
		signal, ok := signals[k.Signal]
		if !ok || w.excludes(k.Service) {
			continue
		}
		s := &source{seen: k.Seen, gap: k.Gap}
		if k.Saved.Sub(k.Seen) <= w.patience(s) {
			s.seen = now
		}
		w.seen[key{signal, k.Service}] = s
	}
}

func (w *Watch) excludes(service string) bool {
	return slices.ContainsFunc(w.exclude, func(re *regexp.Regexp) bool { return re.MatchString(service) })
}

// patience is how long a source may be silent.
func (w *Watch) patience(s *source) time.Duration {
	return max(time.Duration(w.config.After), time.Duration(w.config.Gaps*float64(s.gap)))
}

// Append implements ingest.EventWriter.
func (w *Watch) Append(ctx context.Context, b *model.Batch) error {
	// The batch is given away with the call.
	var services [8]string
	names := services[:0]
	for _, s := range b.Streams {
		if name := ingest.ServiceOf(b.Signal, s); name != "" && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	signal := b.Signal
	if err := w.next.Append(ctx, b); err != nil {
		return err
	}
	w.note(signal, names, time.Now())
	return nil
}

func (w *Watch) note(signal model.Signal, services []string, now time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, name := range services {
		k := key{signal, name}
		s := w.seen[k]
		if s == nil {
			w.makeRoom(signal)
			w.seen[k] = &source{seen: now, apart: w.excludes(name)}
			continue
		}
		if gap := now.Sub(s.seen); gap > shortGap {
			if s.gap == 0 {
				s.gap = gap
			} else if gap < time.Duration(w.config.Forget) {
				s.gap += time.Duration(gapWeight * float64(gap-s.gap))
			}
		}
		s.seen = now
	}
}

// makeRoom forgets the source of a signal that has been silent longest when
// there are too many.
func (w *Watch) makeRoom(signal model.Signal) {
	n, oldest := 0, key{}
	for k, s := range w.seen {
		if k.signal != signal {
			continue
		}
		if n++; oldest == (key{}) || s.seen.Before(w.seen[oldest].seen) {
			oldest = k
		}
	}
	if n >= w.config.Most {
		delete(w.seen, oldest)
	}
}

// known returns the sources that have not ended, and forgets the others.
func (w *Watch) known(now time.Time) (all []state.Source) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for k, s := range w.seen {
		switch {
		case now.Sub(s.seen) > max(time.Duration(w.config.Forget), 2*w.patience(s)):
			delete(w.seen, k)
		case !s.apart:
			all = append(all, state.Source{Signal: nameOf(k.signal), Service: k.service, Seen: s.seen, Gap: s.gap})
		}
	}
	slices.SortFunc(all, func(a, b state.Source) int {
		return cmp.Or(cmp.Compare(a.Signal, b.Signal), cmp.Compare(a.Service, b.Service))
	})
	return all
}

// Run keeps what is known until ctx ends, and then once more.
func (w *Watch) Run(ctx context.Context) error {
	tick := time.NewTicker(saveInterval)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return w.state.SaveSources(context.WithoutCancel(ctx), w.known(time.Now()))
		case <-tick.C:
			if err := w.state.SaveSources(ctx, w.known(time.Now())); err != nil && ctx.Err() == nil {
				w.log.Error("when sources were seen is not kept", "err", err)
			}
		}
	}
}

var (
	seenDesc = prometheus.NewDesc("oriel_source_last_seen_timestamp_seconds",
		"When a service last sent something.", []string{"signal", "service"}, nil)
	patienceDesc = prometheus.NewDesc("oriel_source_silent_after_seconds",
		"How long a service may send nothing before it counts as silent: longer for those that send rarely.", []string{"signal", "service"}, nil)
)

// Describe implements prometheus.Collector.
func (w *Watch) Describe(ch chan<- *prometheus.Desc) { ch <- seenDesc; ch <- patienceDesc }

// Collect implements prometheus.Collector.
func (w *Watch) Collect(ch chan<- prometheus.Metric) {
	for _, s := range w.known(time.Now()) {
		ch <- prometheus.MustNewConstMetric(seenDesc, prometheus.GaugeValue, float64(s.Seen.UnixMilli())/1000, s.Signal, s.Service)
		ch <- prometheus.MustNewConstMetric(patienceDesc, prometheus.GaugeValue, w.patience(&source{gap: s.Gap}).Seconds(), s.Signal, s.Service)
	}
}
