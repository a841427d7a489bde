package main

import (
	"context"

	"github.com/oriel-obs/oriel/alerting/notify"
	"github.com/oriel-obs/oriel/ingest"
	"github.com/oriel-obs/oriel/ingest/freshness"
	"github.com/oriel-obs/oriel/internal/lifecycle"
)

// openAbsence begins to note who sends logs and spans on their way to next.
// Rules make alerts of who no longer does; they read Oriel's own metrics.
func (a *app) openAbsence(next ingest.EventWriter) (err error) {
	a.intake = next
	if !a.cfg.watchesAbsence() {
		return nil
	}
	if a.fresh, err = freshness.New(context.Background(), a.cfg.Absence, next, a.state, a.reg, a.log); err != nil {
		return err
	}
	a.intake = a.fresh
	return nil
}

// watchesAbsence reports whether there is what the rules about absence read.
func (c *config) watchesAbsence() bool { return c.Absence.Enabled && c.Self.Enabled }

// silentOnce has one notification tell of many services that are silent at once.
func silentOnce() []notify.Inhibition {
	return []notify.Inhibition{{Source: freshness.SummaryAlert, Target: freshness.SilentAlert, Equal: []string{"signal"}}}
}

func (a *app) absenceComponents() []lifecycle.Component {
	if a.fresh == nil {
		return nil
	}
	return []lifecycle.Component{{Name: "freshness of sources", Run: a.fresh.Run}}
}
