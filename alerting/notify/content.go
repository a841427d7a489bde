package notify

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	amalert "github.com/prometheus/alertmanager/alert"
	amnotify "github.com/prometheus/alertmanager/notify"
	promodel "github.com/prometheus/common/model"
)

// content is a notification as Alertmanager's pipeline made it, for a notifier
// to send later: the alerts, and what the pipeline puts into the context.
type content struct {
	Now            time.Time             `json:"now"`
	GroupLabels    promodel.LabelSet     `json:"groupLabels"`
	RouteLabels    promodel.LabelSet     `json:"routeLabels,omitempty"`
	RouteID        string                `json:"routeID"`
	Reason         amnotify.NotifyReason `json:"reason"`
	RepeatInterval time.Duration         `json:"repeatInterval"`
	Firing         []uint64              `json:"firing"` // hashes of alerts, as are Resolved
	Resolved       []uint64              `json:"resolved"`
	Alerts         []*amalert.Alert      `json:"alerts"`
}

// contentOf reads what the pipeline has put into ctx.
func contentOf(ctx context.Context, as []*amalert.Alert) (c content, err error) {
	var ok [4]bool
	c.Alerts = as
	c.Now, ok[0] = amnotify.Now(ctx)
	c.RepeatInterval, ok[1] = amnotify.RepeatInterval(ctx)
	c.Firing, ok[2] = amnotify.FiringAlerts(ctx)
	c.Resolved, ok[3] = amnotify.ResolvedAlerts(ctx)
	if ok != [4]bool{true, true, true, true} {
		return content{}, errors.New("the context is not that of a notification")
	}
	c.GroupLabels, _ = amnotify.GroupLabels(ctx)
	c.RouteLabels, _ = amnotify.RouteLabels(ctx)
	c.RouteID, _ = amnotify.RouteID(ctx)
	c.Reason, _ = amnotify.NotificationReason(ctx)
	return c, nil
}

func (c content) encode() ([]byte, error) { return json.Marshal(c) }

func decodeContent(b []byte) (c content, err error) {
	if err := json.Unmarshal(b, &c); err != nil {
		return content{}, fmt.Errorf("read a waiting notification: %w", err)
	}
	return c, nil
}

// context returns ctx with what the pipeline had put there.
func (c content) context(ctx context.Context, receiver, groupKey string) context.Context {
	ctx = amnotify.WithNow(ctx, c.Now)
	ctx = amnotify.WithReceiverName(ctx, receiver)
	ctx = amnotify.WithGroupKey(ctx, groupKey)
	ctx = amnotify.WithGroupLabels(ctx, c.GroupLabels)
	ctx = amnotify.WithRouteLabels(ctx, c.RouteLabels)
	ctx = amnotify.WithRouteID(ctx, c.RouteID)
	ctx = amnotify.WithNotificationReason(ctx, c.Reason)
	ctx = amnotify.WithRepeatInterval(ctx, c.RepeatInterval)
	ctx = amnotify.WithFiringAlerts(ctx, c.Firing)
	return amnotify.WithResolvedAlerts(ctx, c.Resolved)
}
