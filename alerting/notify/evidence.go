package notify

import (
	"context"
	"encoding/json"
	"maps"
	"time"

	amalert "github.com/prometheus/alertmanager/alert"
	amnotify "github.com/prometheus/alertmanager/notify"
	promodel "github.com/prometheus/common/model"

	"github.com/oriel-obs/oriel/alerting/evidence"
)

// Evidence finds what shows, with a notification, what broke.
type Evidence interface {
	// Collect returns what there is on alerts that are notified of at a time,
	// or nil. It ends within a bound of its own, and answers the same for the
	// attempts and receivers that notify of the same.
	Collect(ctx context.Context, at time.Time, alerts []*promodel.Alert) *evidence.Evidence
}

// evidenced is a notifier that has the evidence at hand: as evidenceIn(ctx) in
// Go, and as the route label evidenceLabel in templates.
type evidenced struct {
	amnotify.Notifier
	source Evidence
}

// withEvidence puts what source finds before next; a nil source finds nothing.
func withEvidence(next amnotify.Notifier, source Evidence) amnotify.Notifier {
	if source == nil {
		return next
	}
	return evidenced{next, source}
}

// Notify implements amnotify.Notifier.
func (e evidenced) Notify(ctx context.Context, as ...*amalert.Alert) (bool, error) {
	at, ok := amnotify.Now(ctx)
	if !ok {
		at = time.Now()
	}
	plain := make([]*promodel.Alert, len(as))
	for i, a := range as {
		plain[i] = &a.Alert
	}
	if found := e.source.Collect(ctx, at, plain); found != nil {
		ctx = context.WithValue(ctx, evidenceKey{}, found)
	}
	return e.Notifier.Notify(ctx, as...)
}

type evidenceKey struct{}

// evidenceIn returns the evidence for the notification of ctx, or nil.
func evidenceIn(ctx context.Context) *evidence.Evidence {
	found, _ := ctx.Value(evidenceKey{}).(*evidence.Evidence)
	return found
}

// evidenceLabel is the route label that brings the evidence, as JSON, to the
// template function evidence. Annotations of alerts would show up wherever a
// template lists them.
const evidenceLabel = "oriel_evidence"

// forTemplates returns a ctx for notifiers that fill templates.
func forTemplates(ctx context.Context) context.Context {
	found := evidenceIn(ctx)
	if found == nil {
		return ctx
	}
	text, err := json.Marshal(found)
	if err != nil {
		return ctx // a value that JSON has no number for; the notification goes without
	}
	old, _ := amnotify.RouteLabels(ctx)
	set := maps.Clone(old)
	if set == nil {
		set = promodel.LabelSet{}
	}
	set[evidenceLabel] = promodel.LabelValue(text)
	return amnotify.WithRouteLabels(ctx, set)
}

// A templated notifier fills templates.
type templated struct{ amnotify.Notifier }

// Notify implements amnotify.Notifier.
func (t templated) Notify(ctx context.Context, as ...*amalert.Alert) (bool, error) {
	return t.Notifier.Notify(forTemplates(ctx), as...)
}
