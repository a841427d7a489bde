package history

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/oriel-obs/oriel/internal/auth"
	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/storage/state"
)

// streamOf is where the history of a tenant's alerts is in the event store.
func streamOf(tenant string) *model.Stream {
	s := &model.Stream{Attrs: []model.Attr{
		{Key: "kind", Value: model.String("alert_history")},
		{Key: "service_name", Value: model.String("oriel")},
	}}
	if tenant != "" {
		s.Attrs = append([]model.Attr{{Key: auth.TenantLabel, Value: model.String(tenant)}}, s.Attrs...)
	}
	return s
}

// copyRows is how many rows are copied at once.
const copyRows = 500

// copyRestTimeout bounds the copying when the process stops.
const copyRestTimeout = 5 * time.Second

// copy brings into the event store what it has not of the history. A crash
// between a batch and the note that it was copied brings the batch twice.
func (h *History) copy(ctx context.Context) error {
	for _, kind := range []func(context.Context) (int, error){h.copyChanges, h.copyAttempts} {
		for {
			n, err := kind(ctx)
			if err != nil {
				return err
			}
			if n < copyRows {
				break
			}
		}
	}
	return nil
}

func (h *History) copyRest() error {
	ctx, cancel := context.WithTimeout(context.Background(), copyRestTimeout)
	defer cancel()
	if err := h.copy(ctx); err != nil {
		return fmt.Errorf("copy the history of alerts: %w", err)
	}
	return nil
}

func (h *History) copyChanges(ctx context.Context) (n int, err error) {
	const name = "alert_changes"
	last, err := h.opts.State.Copied(ctx, name)
	if err != nil {
		return 0, err
	}
	rows, err := h.opts.State.AlertChanges(ctx, state.AlertChangeFilter{After: last, Oldest: true, Limit: copyRows})
	if err != nil || len(rows) == 0 {
		return 0, err
	}
	b := model.NewBuilder(model.Logs, len(rows))
	for _, c := range rows {
		f := fields{{"event", "alert"}, {"state", c.State}, {"alertname", c.Rule}, {"fingerprint", c.Fingerprint}}
		f.add("rule_group", c.Group)
		f.add("rule_file", c.File)
		if !math.IsNaN(c.Value) {
			f.add("value", strconv.FormatFloat(c.Value, 'g', -1, 64))
		}
		f.add("author", c.Author)
		f.add("comment", c.Comment)
		f.add("labels", jsonOf(c.Labels))
		level := "info"
		if c.State == state.AlertFiring {
			level = "warn"
		}
		f.row(b, c.Tenant(), c.At, level)
	}
	return len(rows), h.append(ctx, b, name, rows[len(rows)-1].ID)
}

func (h *History) copyAttempts(ctx context.Context) (n int, err error) {
	const name = "notification_attempts"
	last, err := h.opts.State.Copied(ctx, name)
	if err != nil {
		return 0, err
	}
	rows, err := h.opts.State.Attempts(ctx, state.AttemptFilter{After: last, Oldest: true, Limit: copyRows})
	if err != nil || len(rows) == 0 {
		return 0, err
	}
	b := model.NewBuilder(model.Logs, len(rows))
	for _, a := range rows {
		f := fields{
			{"event", "delivery"},
			{"status", a.Status},
			{"receiver", a.Receiver},
			{"integration", fmt.Sprintf("%s[%d]", a.Integration, a.Index)},
			{"notification", strconv.FormatInt(a.Notification, 10)},
			{"attempt", strconv.Itoa(a.Number)},
			{"took", a.Took.String()},
			{"reason", a.Reason},
			{"group_key", a.GroupKey},
		}
		f.add("error", a.Error)
		var firing, resolved []string
		for _, n := range a.Alerts {
			if n.Resolved {
				resolved = append(resolved, n.Fingerprint)
			} else {
				firing = append(firing, n.Fingerprint)
			}
		}
		f.add("firing", strings.Join(firing, ","))
		f.add("resolved", strings.Join(resolved, ","))
		level := "info"
		if a.Status != state.AttemptDelivered {
			level = "error"
		}
		f.row(b, a.Tenant, a.At, level)
	}
	return len(rows), h.append(ctx, b, name, rows[len(rows)-1].ID)
}

func (h *History) append(ctx context.Context, b *model.Builder, name string, last int64) error {
	if err := h.opts.Events.Append(ctx, b.Batch()); err != nil {
		return err
	}
	return h.opts.State.SetCopied(ctx, name, last)
}

// fields are the line of an event, in logfmt, and its attributes.
type fields [][2]string

// add leaves out what is empty.
func (f *fields) add(key, value string) {
	if value != "" && value != "{}" {
		*f = append(*f, [2]string{key, value})
	}
}

func (f fields) row(b *model.Builder, tenant string, at time.Time, level string) {
	var line strings.Builder
	for i, kv := range f {
		if i > 0 {
			line.WriteByte(' ')
		}
		line.WriteString(kv[0])
		line.WriteByte('=')
		if plain(kv[1]) {
			line.WriteString(kv[1])
		} else {
			line.WriteString(jsonOf(kv[1]))
		}
	}
	b.Row(b.Stream(streamOf(tenant)), at.UnixNano(), line.String())
	b.Attr("detected_level", model.String(level))
	for _, kv := range f {
		b.Attr(kv[0], model.String(kv[1]))
	}
}

// plain reports whether v needs no quotes in logfmt.
func plain(v string) bool {
	return strings.IndexFunc(v, func(r rune) bool { return r <= ' ' || r == '"' || r == '=' || r == 0x7f || r == 0xfffd }) < 0
}

// jsonOf encodes strings and maps of strings, which always works.
func jsonOf(v any) string {
	b, _ := json.Marshal(v)
	return string(b)
}
