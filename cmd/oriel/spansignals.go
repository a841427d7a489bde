package main

import (
	"context"
	"path/filepath"
	"slices"

	"golang.org/x/sync/errgroup"

	"github.com/oriel-obs/oriel/ingest"
	"github.com/oriel-obs/oriel/ingest/sampling"
	"github.com/oriel-obs/oriel/ingest/servicegraph"
	"github.com/oriel-obs/oriel/ingest/spanmetrics"
	"github.com/oriel-obs/oriel/internal/auth"
	"github.com/oriel-obs/oriel/internal/vfs"
)

// spansConfig is the `ingest.spans` section: what is derived from spans as
// they come in, and which of them are kept.
type spansConfig struct {
	SpanMetrics  spanmetrics.Config  `yaml:"span_metrics"`
	ServiceGraph servicegraph.Config `yaml:"service_graph"`
	Sampling     sampling.Config     `yaml:"sampling"`
}

func defaultSpansConfig() spansConfig {
	return spansConfig{
		SpanMetrics: spanmetrics.DefaultConfig(), ServiceGraph: servicegraph.DefaultConfig(), Sampling: sampling.DefaultConfig(),
	}
}

// spanSignals are what spans pass on their way to the store.
type spanSignals struct {
	intake ingest.EventWriter
	runs   []func(context.Context) error
	room   *sampling.Room // nil unless spans wait for sampling
}

// close ends what keeps files open, once nothing comes in any more.
func (s *spanSignals) close() error {
	if s.room == nil {
		return nil
	}
	defer func() { s.room = nil }()
	return s.room.Close()
}

// run writes what is derived until ctx ends.
func (s *spanSignals) run(ctx context.Context) error {
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { <-ctx.Done(); return nil }) // also when nothing is derived
	for _, f := range s.runs {
		g.Go(func() error { return f(ctx) })
	}
	return g.Wait()
}

// newSpanSignals builds the way to next. Metrics see every span; exemplars are
// of those only that sampling keeps.
func (a *app) newSpanSignals(next ingest.EventWriter) (spanSignals, error) {
	cfg, s := a.cfg.Ingest.Spans, spanSignals{intake: next}
	if a.cfg.Auth.Tenants {
		cfg.SpanMetrics.Dimensions = append(slices.Clone(cfg.SpanMetrics.Dimensions), auth.TenantLabel)
	}
	var m *spanmetrics.Metrics
	if cfg.SpanMetrics.Enabled {
		m = spanmetrics.New(spanmetrics.Options{Config: cfg.SpanMetrics, Metrics: a.samples.Derived(), Account: a.account, Registerer: a.reg})
		s.runs = append(s.runs, m.Run)
	}
	duty := spanmetrics.Count | spanmetrics.Sample
	if cfg.Sampling.Enabled {
		if m != nil {
			duty = spanmetrics.Count
			s.intake = m.Writer(s.intake, spanmetrics.Sample)
		}
		s.intake = sampling.New(cfg.Sampling, s.intake, a.reg)
		if cfg.Sampling.DecisionWait > 0 {
			var err error
			s.room, err = sampling.OpenRoom(sampling.RoomOptions{
				Config: cfg.Sampling, FS: vfs.Disk{}, Dir: filepath.Join(a.flags.DataDir, "sampling"),
				Next: s.intake, Registerer: a.reg, Log: a.log.With("component", "sampling"),
			})
			if err != nil {
				return s, err
			}
			s.intake, s.runs = s.room, append(s.runs, s.room.Run)
		}
	}
	if cfg.ServiceGraph.Enabled {
		g := servicegraph.New(servicegraph.Options{Config: cfg.ServiceGraph, Metrics: a.samples.Derived(), Account: a.account, Registerer: a.reg})
		s.runs = append(s.runs, g.Run)
		s.intake = g.Writer(s.intake)
	}
	if m != nil {
		s.intake = m.Writer(s.intake, duty)
	}
	return s, nil
}
