package notify

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"time"

	amalert "github.com/prometheus/alertmanager/alert"
	"github.com/prometheus/alertmanager/nflog/nflogpb"
	amnotify "github.com/prometheus/alertmanager/notify"
	"google.golang.org/protobuf/encoding/protodelim"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/oriel-obs/oriel/storage/state"
)

// An enqueuer stands in a pipeline where Alertmanager delivers: what it has
// put into the queue counts as sent, because the queue does not give up. When
// the queue takes nothing more, or the disk does not, Alertmanager's own stage
// delivers, and its promises hold.
type enqueuer struct {
	queue    *queue
	acks     *acks
	to       *amnotify.Integration
	receiver string
	direct   amnotify.Stage
}

// Exec implements amnotify.Stage.
func (e enqueuer) Exec(ctx context.Context, l *slog.Logger, as ...*amalert.Alert) (context.Context, []*amalert.Alert, error) {
	firing, _ := amnotify.FiringAlerts(ctx)
	if !e.to.SendResolved() && len(firing) == 0 {
		return ctx, as, nil // nobody hears; the log takes it down all the same
	}
	if reason, _ := amnotify.NotificationReason(ctx); reason == amnotify.ReasonRepeatIntervalElapsed && e.acks.hush(as) {
		return ctx, as, nil // so that the next is due after another repeat_interval
	}
	err := e.enqueue(ctx, as)
	if err == nil {
		return ctx, as, nil
	}
	if ctx.Err() != nil {
		return ctx, nil, err
	}
	e.queue.metrics.notQueued.Inc()
	if !errors.Is(err, state.ErrQueueFull) {
		e.queue.log.Error("notification not queued; delivering it at once", "receiver", e.receiver, "integration", e.to.String(), "err", err)
	}
	return e.direct.Exec(ctx, l, as...)
}

func (e enqueuer) enqueue(ctx context.Context, as []*amalert.Alert) error {
	key, _ := amnotify.GroupKey(ctx)
	lane := state.Lane{Receiver: e.receiver, Integration: e.to.Name(), Index: e.to.Index(), GroupKey: key}
	c, err := contentOf(ctx, as)
	if err != nil {
		return err
	}
	if c.Reason == amnotify.ReasonRepeatIntervalElapsed {
		// What waits has not been heard yet and needs no repeating.
		if waits, err := e.queue.db.Waiting(ctx, lane); err != nil || waits {
			return err
		}
	}
	body, err := c.encode()
	if err != nil {
		return err
	}
	told, err := newTold(lane, c)
	if err != nil {
		return err
	}
	n := state.Notification{Lane: lane, Tenant: tenantOf(as), Reason: c.Reason.String(), Content: body}
	for _, a := range as {
		n.Alerts = append(n.Alerts, state.NotifiedAlert{Fingerprint: a.Fingerprint().String(), Resolved: a.Resolved()})
	}
	if _, err := e.queue.db.Enqueue(ctx, n, told, e.queue.config.limit()); err != nil {
		return err
	}
	e.queue.wake(lane)
	return nil
}

// newTold is what the notification log will say of c.
func newTold(lane state.Lane, c content) (state.Told, error) {
	now := time.Now()
	t := state.Told{Lane: lane, At: now, Expires: now.Add(min(retention, 2*c.RepeatInterval))}
	var entry bytes.Buffer
	if _, err := protodelim.MarshalTo(&entry, &nflogpb.MeshEntry{
		Entry: &nflogpb.Entry{
			Receiver:     &nflogpb.Receiver{GroupName: lane.Receiver, Integration: lane.Integration, Idx: uint32(lane.Index)},
			GroupKey:     []byte(lane.GroupKey),
			Timestamp:    timestamppb.New(t.At),
			FiringAlerts: c.Firing, ResolvedAlerts: c.Resolved,
		},
		ExpiresAt: timestamppb.New(t.Expires),
	}); err != nil {
		return state.Told{}, err
	}
	var firing []*amalert.Alert
	for _, a := range c.Alerts {
		if !a.Resolved() {
			firing = append(firing, a)
		}
	}
	alerts, err := json.Marshal(firing)
	t.Entry, t.Alerts = entry.Bytes(), alerts
	return t, err
}
