package state

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"math"
	"time"

	"github.com/oriel-obs/oriel/internal/auth"
)

// What happens to an alert: its states, and what people do about it.
const (
	AlertPending  = "pending"
	AlertFiring   = "firing"
	AlertResolved = "resolved" // was firing
	AlertInactive = "inactive" // was pending

	AlertAcknowledged   = "acknowledged"
	AlertUnacknowledged = "unacknowledged"
	AlertSnoozed        = "snoozed"
)

// An AlertKey tells alerts apart. Alerts that others sent have no file and no
// group.
type AlertKey struct {
	File, Group, Rule string
	Fingerprint       string // of the labels: 16 hex digits, as Alertmanager's
}

// An AlertState is the newest state of an alert that is pending or firing.
type AlertState struct {
	AlertKey
	State       string
	Labels      map[string]string
	Annotations map[string]string
	Until       time.Time // when an alert that others sent ends by itself, else zero
}

// Tenant returns whose alert it is, as its labels say.
func (s AlertState) Tenant() string { return s.Labels[auth.TenantLabel] }

// An AlertChange is one thing that happened to an alert.
type AlertChange struct {
	ID int64 // rises with time; the database gives it
	At time.Time
	AlertState
	Value   float64 // of the rule's expression; NaN where there is none
	Author  string  // of what people do
	Comment string
}

// RecordChanges keeps changes, and with them the states they lead to.
func (db *DB) RecordChanges(ctx context.Context, changes ...AlertChange) error {
	return db.write(ctx, func(tx *sql.Tx) error {
		for _, c := range changes {
			if err := recordChange(ctx, tx, c); err != nil {
				return err
			}
		}
		return nil
	})
}

func recordChange(ctx context.Context, tx *sql.Tx, c AlertChange) error {
	labels, annotations := packMap(c.Labels), packMap(c.Annotations)
	value := sql.NullFloat64{Float64: c.Value, Valid: !math.IsNaN(c.Value)}
	if _, err := tx.ExecContext(ctx, `INSERT INTO alert_changes (tenant, at, fingerprint, state, rule, grp, file, value, labels, annotations, author, comment) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		c.Tenant(), c.At.UnixMilli(), c.Fingerprint, c.State, c.Rule, c.Group, c.File, value, labels, annotations, c.Author, c.Comment); err != nil {
		return err
	}
	var err error
	switch c.State {
	case AlertPending, AlertFiring:
		_, err = tx.ExecContext(ctx, `INSERT OR REPLACE INTO alert_states (file, grp, rule, fingerprint, state, labels, annotations, until) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
			c.File, c.Group, c.Rule, c.Fingerprint, c.State, labels, annotations, millis(c.Until))
	case AlertResolved, AlertInactive:
		_, err = tx.ExecContext(ctx, `DELETE FROM alert_states WHERE file = ? AND grp = ? AND rule = ? AND fingerprint = ?`, c.File, c.Group, c.Rule, c.Fingerprint)
	}
	return err
}

// AlertStates returns all.
func (db *DB) AlertStates(ctx context.Context) ([]AlertState, error) {
	return list(ctx, db.sql, func(r interface{ Scan(...any) error }) (s AlertState, err error) {
		var labels, annotations string
		var until int64
		if err := r.Scan(&s.File, &s.Group, &s.Rule, &s.Fingerprint, &s.State, &labels, &annotations, &until); err != nil {
			return s, err
		}
		s.Until = instant(until)
		return s, errors.Join(json.Unmarshal([]byte(labels), &s.Labels), json.Unmarshal([]byte(annotations), &s.Annotations))
	}, `SELECT file, grp, rule, fingerprint, state, labels, annotations, until FROM alert_states`)
}

// An AlertChangeFilter selects changes; zero fields do not.
type AlertChangeFilter struct {
	Fingerprint string
	Rule        string
	State       string
	Start, End  time.Time // half-open
	Before      int64     // ID of the last of the page before
	After       int64     // newer than this ID
	Oldest      bool      // oldest first, not newest
	Limit       int       // required
}

// AlertChanges returns those that f keeps of the tenants that ctx is about: of
// all, if it is about none.
func (db *DB) AlertChanges(ctx context.Context, f AlertChangeFilter) ([]AlertChange, error) {
	var w conditions
	w.addOwners("tenant", alerted(ctx))
	w.add("fingerprint = ?", f.Fingerprint)
	w.add("rule = ?", f.Rule)
	w.add("state = ?", f.State)
	w.add("at >= ?", f.Start)
	w.add("at < ?", f.End)
	w.add("id < ?", f.Before)
	w.add("id > ?", f.After)
	order := "DESC"
	if f.Oldest {
		order = "ASC"
	}
	return list(ctx, db.sql, func(r interface{ Scan(...any) error }) (c AlertChange, err error) {
		var at int64
		var value sql.NullFloat64
		var labels, annotations string
		if err := r.Scan(&c.ID, &at, &c.Fingerprint, &c.State, &c.Rule, &c.Group, &c.File, &value, &labels, &annotations, &c.Author, &c.Comment); err != nil {
			return c, err
		}
		c.At, c.Value = time.UnixMilli(at), math.NaN()
		if value.Valid {
			c.Value = value.Float64
		}
		return c, errors.Join(json.Unmarshal([]byte(labels), &c.Labels), json.Unmarshal([]byte(annotations), &c.Annotations))
	}, `SELECT id, at, fingerprint, state, rule, grp, file, value, labels, annotations, author, comment FROM alert_changes
		WHERE `+w.where()+` ORDER BY id `+order+` LIMIT ?`, append(w.args, f.Limit)...)
}

// PruneAlertChanges forgets changes before a time, and those beyond the newest
// keep.
func (db *DB) PruneAlertChanges(ctx context.Context, before time.Time, keep int) error {
	_, err := db.sql.ExecContext(ctx, `DELETE FROM alert_changes WHERE at < ? OR id <= (SELECT id FROM alert_changes ORDER BY id DESC LIMIT 1 OFFSET ?)`,
		before.UnixMilli(), keep)
	return err
}

// Copied returns up to which ID the rows called name have been copied
// elsewhere; 0 for none.
func (db *DB) Copied(ctx context.Context, name string) (id int64, err error) {
	err = db.sql.QueryRowContext(ctx, `SELECT id FROM copied WHERE name = ?`, name).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil
	}
	return id, err
}

// SetCopied sets what Copied returns.
func (db *DB) SetCopied(ctx context.Context, name string, id int64) error {
	_, err := db.sql.ExecContext(ctx, `INSERT OR REPLACE INTO copied (name, id) VALUES (?, ?)`, name, id)
	return err
}

func packMap(m map[string]string) string {
	if len(m) == 0 {
		return "{}"
	}
	b, _ := json.Marshal(m) // strings always encode
	return string(b)
}
