package alertapi

import (
	"fmt"
	"math"
	"net/http"
	"strconv"
	"time"

	"github.com/go-chi/chi/v5"

	"github.com/oriel-obs/oriel/internal/fault"
	"github.com/oriel-obs/oriel/internal/httpx"
	"github.com/oriel-obs/oriel/storage/state"
)

// changes answers GET /alerts/history: what happened to alerts, newest first.
func (d *Desk) changes(w http.ResponseWriter, r *http.Request) error {
	p, err := pageOf(r)
	if err != nil {
		return err
	}
	q := r.URL.Query()
	f := state.AlertChangeFilter{Fingerprint: q.Get("fingerprint"), Rule: q.Get("rule"), State: q.Get("state"), Before: p.cursor, Limit: p.limit}
	if f.Start, f.End, err = startAndEnd(r); err != nil {
		return err
	}
	rows, err := d.opts.State.AlertChanges(r.Context(), f)
	if err != nil {
		return err
	}
	type change struct {
		At          time.Time         `json:"at"`
		State       string            `json:"state"`
		Fingerprint string            `json:"fingerprint"`
		Rule        string            `json:"rule"`
		Group       string            `json:"group,omitempty"`
		File        string            `json:"file,omitempty"`
		Value       any               `json:"value"` // a number, or its name if JSON has none; null where there is no value
		Labels      map[string]string `json:"labels"`
		Annotations map[string]string `json:"annotations"`
		Author      string            `json:"author,omitempty"`
		Comment     string            `json:"comment,omitempty"`
	}
	answer := struct {
		Changes []change `json:"changes"`
		Next    string   `json:"next,omitempty"`
	}{Changes: make([]change, 0, len(rows))}
	for _, c := range rows {
		answer.Changes = append(answer.Changes, change{
			At: c.At.UTC(), State: c.State, Fingerprint: c.Fingerprint, Rule: c.Rule, Group: c.Group, File: c.File,
			Value: number(c.Value), Labels: c.Labels, Annotations: c.Annotations, Author: c.Author, Comment: c.Comment,
		})
		answer.Next = p.next(len(rows), c.ID)
	}
	return httpx.WriteJSON(w, answer)
}

// number is v for JSON: NaN stands for no value.
func number(v float64) any {
	switch {
	case math.IsNaN(v):
		return nil
	case math.IsInf(v, 0):
		return strconv.FormatFloat(v, 'g', -1, 64)
	}
	return v
}

// notified are the alerts of a notification, by fingerprint.
type notified struct {
	Firing   []string `json:"firing"`
	Resolved []string `json:"resolved"`
}

func notifiedOf(as []state.NotifiedAlert) notified {
	n := notified{[]string{}, []string{}}
	for _, a := range as {
		if a.Resolved {
			n.Resolved = append(n.Resolved, a.Fingerprint)
		} else {
			n.Firing = append(n.Firing, a.Fingerprint)
		}
	}
	return n
}

// attempts answers GET /notifications: attempts to deliver, newest first.
func (d *Desk) attempts(w http.ResponseWriter, r *http.Request) error {
	p, err := pageOf(r)
	if err != nil {
		return err
	}
	q := r.URL.Query()
	f := state.AttemptFilter{
		Receiver: q.Get("receiver"), Integration: q.Get("integration"), Status: q.Get("status"), Fingerprint: q.Get("fingerprint"),
		Before: p.cursor, Limit: p.limit,
	}
	if f.Start, f.End, err = startAndEnd(r); err != nil {
		return err
	}
	rows, err := d.opts.State.Attempts(r.Context(), f)
	if err != nil {
		return err
	}
	type attempt struct {
		At           time.Time `json:"at"`
		Notification int64     `json:"notification"`
		Receiver     string    `json:"receiver"`
		Integration  string    `json:"integration"`
		Index        int       `json:"index"`
		GroupKey     string    `json:"groupKey"`
		Reason       string    `json:"reason"`
		Attempt      int       `json:"attempt"` // from 1
		Status       string    `json:"status"`
		Seconds      float64   `json:"seconds"`
		Error        string    `json:"error,omitempty"`
		Alerts       notified  `json:"alerts"`
	}
	answer := struct {
		Attempts []attempt `json:"attempts"`
		Next     string    `json:"next,omitempty"`
	}{Attempts: make([]attempt, 0, len(rows))}
	for _, a := range rows {
		answer.Attempts = append(answer.Attempts, attempt{
			At: a.At.UTC(), Notification: a.Notification, Receiver: a.Receiver, Integration: a.Integration, Index: a.Index, GroupKey: a.GroupKey,
			Reason: a.Reason, Attempt: a.Number, Status: a.Status, Seconds: a.Took.Seconds(), Error: a.Error, Alerts: notifiedOf(a.Alerts),
		})
		answer.Next = p.next(len(rows), a.ID)
	}
	return httpx.WriteJSON(w, answer)
}

// queue answers GET /notifications/waiting and /notifications/dead: oldest
// first.
func (d *Desk) queue(of string) func(http.ResponseWriter, *http.Request) error {
	type notification struct {
		ID          int64      `json:"id"`
		Receiver    string     `json:"receiver"`
		Integration string     `json:"integration"`
		Index       int        `json:"index"`
		GroupKey    string     `json:"groupKey"`
		Reason      string     `json:"reason"`
		Queued      time.Time  `json:"queued"`
		Attempts    int        `json:"attempts"`
		Attempted   *time.Time `json:"attempted,omitempty"` // the newest
		Error       string     `json:"error,omitempty"`     // of the newest
		Alerts      notified   `json:"alerts"`
	}
	return func(w http.ResponseWriter, r *http.Request) error {
		p, err := pageOf(r)
		if err != nil {
			return err
		}
		rows, err := d.opts.State.Notifications(r.Context(), state.NotificationFilter{State: of, Receiver: r.URL.Query().Get("receiver"), After: p.cursor, Limit: p.limit})
		if err != nil {
			return err
		}
		answer := struct {
			Notifications []notification `json:"notifications"`
			Next          string         `json:"next,omitempty"`
		}{Notifications: make([]notification, 0, len(rows))}
		for _, n := range rows {
			out := notification{
				ID: n.ID, Receiver: n.Receiver, Integration: n.Integration, Index: n.Index, GroupKey: n.GroupKey, Reason: n.Reason,
				Queued: n.Queued.UTC(), Attempts: n.Attempts, Error: n.Error, Alerts: notifiedOf(n.Alerts),
			}
			if !n.Attempted.IsZero() {
				at := n.Attempted.UTC()
				out.Attempted = &at
			}
			answer.Notifications = append(answer.Notifications, out)
			answer.Next = p.next(len(rows), n.ID)
		}
		return httpx.WriteJSON(w, answer)
	}
}

// retry answers POST /notifications/dead/{id}/retry.
func (d *Desk) retry(w http.ResponseWriter, r *http.Request) error {
	id, err := idOf(r)
	if err != nil {
		return err
	}
	if err := d.opts.Notifications.Retry(r.Context(), id); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// discard answers DELETE /notifications/dead/{id}.
func (d *Desk) discard(w http.ResponseWriter, r *http.Request) error {
	id, err := idOf(r)
	if err != nil {
		return err
	}
	if err := d.opts.State.Discard(r.Context(), id); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

func idOf(r *http.Request) (int64, error) {
	s := chi.URLParam(r, "id")
	id, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		return 0, fmt.Errorf("%.40q is no notification's id: %w", s, fault.ErrInvalid)
	}
	return id, nil
}
