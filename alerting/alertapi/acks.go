package alertapi

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"time"

	"github.com/go-chi/chi/v5"
	amalert "github.com/prometheus/alertmanager/alert"
	"github.com/prometheus/alertmanager/silence/silencepb"
	promodel "github.com/prometheus/common/model"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/oriel-obs/oriel/alerting/notify"
	"github.com/oriel-obs/oriel/internal/auth"
	"github.com/oriel-obs/oriel/internal/fault"
	"github.com/oriel-obs/oriel/internal/httpx"
	"github.com/oriel-obs/oriel/storage/state"
)

// An acknowledgement is how answers show one.
type acknowledgement struct {
	Fingerprint string    `json:"fingerprint"`
	Owner       string    `json:"owner"`
	Comment     string    `json:"comment"`
	StopRepeats bool      `json:"stopRepeats"`
	At          time.Time `json:"at"`
}

func acknowledgementOf(a state.Acknowledgement) acknowledgement {
	return acknowledgement{a.Fingerprint, a.Owner, a.Comment, a.Quiet, a.At.UTC()}
}

// acknowledgements answers GET /alerts/acknowledgements.
func (d *Desk) acknowledgements(w http.ResponseWriter, r *http.Request) error {
	all := d.opts.Notifications.Acknowledgements()
	out := make([]acknowledgement, 0, len(all))
	for _, fp := range slices.Sorted(maps.Keys(all)) {
		if _, err := d.firing(r.Context(), fp, auth.AlertsRead); err != nil && auth.From(r.Context()) != nil {
			continue // it is not known whose the alert was
		}
		out = append(out, acknowledgementOf(all[fp]))
	}
	return httpx.WriteJSON(w, map[string]any{"acknowledgements": out})
}

// acknowledge answers POST /alerts/{fingerprint}/ack.
func (d *Desk) acknowledge(w http.ResponseWriter, r *http.Request) error {
	body := struct {
		Owner       string `json:"owner"`
		Comment     string `json:"comment"`
		StopRepeats bool   `json:"stopRepeats"`
	}{StopRepeats: true}
	if err := readBody(r, &body); err != nil {
		return err
	}
	owner, err := who(r, "owner", body.Owner)
	if err != nil {
		return err
	}
	if _, err := d.firing(r.Context(), chi.URLParam(r, "fingerprint"), auth.AlertsWrite); err != nil {
		return err
	}
	a := state.Acknowledgement{Fingerprint: chi.URLParam(r, "fingerprint"), Owner: owner, Comment: body.Comment, Quiet: body.StopRepeats}
	if err := d.opts.Notifications.Acknowledge(r.Context(), a); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// unacknowledge answers DELETE /alerts/{fingerprint}/ack.
func (d *Desk) unacknowledge(w http.ResponseWriter, r *http.Request) error {
	author, _ := who(r, "author", r.URL.Query().Get("author")) // it may be nobody's
	if _, err := d.firing(r.Context(), chi.URLParam(r, "fingerprint"), auth.AlertsWrite); err != nil {
		return err
	}
	if err := d.opts.Notifications.Unacknowledge(r.Context(), chi.URLParam(r, "fingerprint"), author); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// snooze answers POST /alerts/{fingerprint}/snooze: a silence of that alert
// alone.
func (d *Desk) snooze(w http.ResponseWriter, r *http.Request) error {
	var body struct {
		Duration promodel.Duration `json:"duration"`
		Until    time.Time         `json:"until"`
		Author   string            `json:"author"`
		Comment  string            `json:"comment"`
	}
	if err := readBody(r, &body); err != nil {
		return err
	}
	author, err := who(r, "author", body.Author)
	if err != nil {
		return err
	}
	now := time.Now()
	switch {
	case (body.Duration != 0) == !body.Until.IsZero():
		return fmt.Errorf("set one of duration and until: %w", fault.ErrInvalid)
	case body.Duration != 0:
		body.Until = now.Add(time.Duration(body.Duration))
	}
	if !body.Until.After(now) {
		return fmt.Errorf("until: %s is past: %w", body.Until.Format(time.RFC3339), fault.ErrInvalid)
	}
	alert, err := d.firing(r.Context(), chi.URLParam(r, "fingerprint"), auth.AlertsWrite)
	if err != nil {
		return err
	}
	comment := body.Comment
	if comment == "" {
		comment = "snoozed"
	}
	s := &silencepb.Silence{
		MatcherSets: []*silencepb.MatcherSet{{Matchers: d.only(alert, auth.From(r.Context()).Reach(auth.AlertsWrite).Labels())}},
		StartsAt:    timestamppb.New(now), EndsAt: timestamppb.New(body.Until), CreatedBy: author, Comment: comment,
	}
	if err := d.opts.Notifications.Silences().Set(r.Context(), s); err != nil {
		return fmt.Errorf("snooze: %w", err)
	}
	if err := d.opts.State.RecordChanges(r.Context(), notify.Change(alert, state.AlertSnoozed, author, comment)); err != nil {
		return err
	}
	d.opts.Happened()
	return httpx.WriteJSON(w, map[string]any{"silenceID": s.Id, "until": body.Until.UTC()})
}

// only matches an alert and, of those there are now, no other: its labels, and
// the absence of those that others have besides the same ones. What tells others
// that may come is in the silence, too.
func (d *Desk) only(alert *amalert.Alert, tell []string) []*silencepb.Matcher {
	absent := map[promodel.LabelName]bool{}
	for _, name := range tell {
		if _, ok := alert.Labels[promodel.LabelName(name)]; !ok {
			absent[promodel.LabelName(name)] = true
		}
	}
	it := d.opts.Notifications.Alerts().GetPending()
	defer it.Close()
	for other := range it.Next() {
		if !has(other.Data.Labels, alert.Labels) {
			continue
		}
		for name := range other.Data.Labels {
			if _, ok := alert.Labels[name]; !ok {
				absent[name] = true
			}
		}
	}
	var out []*silencepb.Matcher
	for _, name := range slices.Sorted(maps.Keys(alert.Labels)) {
		out = append(out, &silencepb.Matcher{Name: string(name), Pattern: string(alert.Labels[name])})
	}
	for _, name := range slices.Sorted(maps.Keys(absent)) {
		out = append(out, &silencepb.Matcher{Name: string(name)})
	}
	return out
}

// has reports whether set has every label of part.
func has(set, part promodel.LabelSet) bool {
	for k, v := range part {
		if set[k] != v {
			return false
		}
	}
	return true
}

// withAcks adds to each alert of an answer of Alertmanager's API, a list of
// alerts or of groups, the field "acknowledgement" if somebody has seen to it.
func withAcks(body []byte, acks map[string]state.Acknowledgement) ([]byte, error) {
	var list []map[string]json.RawMessage
	if err := json.Unmarshal(body, &list); err != nil {
		return nil, err
	}
	for _, one := range list {
		if alerts, ok := one["alerts"]; ok {
			marked, err := withAcks(alerts, acks)
			if err != nil {
				return nil, err
			}
			one["alerts"] = marked
			continue
		}
		var fp string
		if err := json.Unmarshal(one["fingerprint"], &fp); err != nil {
			return nil, err
		}
		if a, ok := acks[fp]; ok {
			mark, err := json.Marshal(acknowledgementOf(a))
			if err != nil {
				return nil, err
			}
			one["acknowledgement"] = mark
		}
	}
	out, err := json.Marshal(list)
	return append(out, '\n'), err
}
