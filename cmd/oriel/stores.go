package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"golang.org/x/sync/errgroup"

	"github.com/oriel-obs/oriel/ingest/tap"
	"github.com/oriel-obs/oriel/internal/lifecycle"
	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/storage"
	"github.com/oriel-obs/oriel/storage/event"
	"github.com/oriel-obs/oriel/storage/metric"
	"github.com/oriel-obs/oriel/storage/state"
)

// stores are what is on disk.
type stores struct {
	metrics *metric.Store
	events  *event.Store
	state   *state.DB // what people made: dashboards, users, notes on alerts
	tap     *tap.Tap  // writes to events, and shows live tails what it wrote
	kept    retentions
}

// openStores opens the stores of signals side by side, each of which replays its
// own log, after the one that may say for how long they keep what they have.
func (a *app) openStores() (err error) {
	if a.state, err = state.Open(context.Background(), a.stateDir()); err != nil {
		return fmt.Errorf("open state database: %w", err)
	}
	if err := a.loadRetentions(context.Background()); err != nil {
		return errors.Join(err, a.closeStores())
	}
	var g errgroup.Group
	g.Go(func() (err error) {
		cfg := a.metricConfig()
		cfg.Replay = a.replays.metrics
		if a.metrics, err = metric.Open(cfg, a.log.With("component", "metric"), a.reg); err != nil {
			return fmt.Errorf("open metric store in %s: %w", a.cfg.Storage.Metric.Dir, err)
		}
		return nil
	})
	g.Go(func() (err error) {
		cfg := a.cfg.Storage.Event
		cfg.Replays = map[model.Signal]*storage.Replay{model.Logs: a.replays.logs, model.Spans: a.replays.spans}
		if a.events, err = event.Open(cfg, a.log, a.reg); err != nil {
			return fmt.Errorf("open event store in %s: %w", a.cfg.Storage.Event.Dir, err)
		}
		for _, signal := range []model.Signal{model.Logs, model.Spans} {
			a.events.SetRetention(signal, a.retention(signal.String()))
		}
		return nil
	})
	if err := g.Wait(); err != nil {
		return errors.Join(err, a.closeStores())
	}
	a.tap = tap.New(a.events, a.reg)
	return nil
}

// closeStores closes what is open, once nothing uses it any more.
func (a *app) closeStores() error {
	var errs []error
	if a.metrics != nil {
		errs = append(errs, a.metrics.Close())
		a.metrics = nil
	}
	if a.events != nil {
		errs = append(errs, a.events.Close())
		a.events = nil
	}
	if a.state != nil {
		errs = append(errs, a.state.Close())
		a.state = nil
	}
	return errors.Join(errs...)
}

func (a *app) storeComponents() []lifecycle.Component {
	return []lifecycle.Component{
		{Name: "metric store", Run: a.metrics.Run},
		{Name: "event store", Run: a.behind(a.events.Run)},
	}
}

func (a *app) stateDir() string { return filepath.Join(a.flags.DataDir, "state") }
