package state

import (
	"context"
	"database/sql"
	"errors"
	"time"
)

// Outcomes of an attempt to deliver a notification.
const (
	AttemptDelivered = "delivered"
	AttemptFailed    = "failed"  // trying again may help
	AttemptRefused   = "refused" // the receiver says that it will not
)

// An Attempt is one attempt to deliver a notification.
type Attempt struct {
	ID           int64 // rises with time
	Notification int64
	At           time.Time     // its begin
	Took         time.Duration // to the microsecond
	Number       int           // from 1
	Status       string
	Error        string

	// Of the notification, in answers only:
	Lane
	Tenant string
	Reason string
	Alerts []NotifiedAlert
}

// AddAttempt notes a, of which it reads notification, begin, duration, status
// and error. A notification that was delivered waits no longer; memory is then
// what its integration remembers of the group, nil for nothing.
func (db *DB) AddAttempt(ctx context.Context, a Attempt, memory []byte) error {
	return db.write(ctx, func(tx *sql.Tx) error {
		state := NotificationWaiting
		if a.Status == AttemptDelivered {
			state = NotificationDelivered
		}
		var l Lane
		err := tx.QueryRowContext(ctx, `UPDATE notifications SET attempts = attempts + 1, refused = refused + ?, attempted = ?, error = ?, state = ?,
			content = CASE ? WHEN 'delivered' THEN NULL ELSE content END WHERE id = ? RETURNING attempts, receiver, integration, idx, group_key`,
			a.Status == AttemptRefused, a.At.UnixMilli(), a.Error, state, state, a.Notification).
			Scan(&a.Number, &l.Receiver, &l.Integration, &l.Index, &l.GroupKey)
		if err != nil {
			return found(err, "notification %d", a.Notification)
		}
		if _, err := tx.ExecContext(ctx, `INSERT INTO notification_attempts (notification, at, took, number, status, error) VALUES (?, ?, ?, ?, ?, ?)`,
			a.Notification, a.At.UnixMilli(), a.Took.Microseconds(), a.Number, a.Status, a.Error); err != nil {
			return err
		}
		if state != NotificationDelivered {
			return nil
		}
		_, err = tx.ExecContext(ctx, `UPDATE told SET memory = ? WHERE receiver = ? AND integration = ? AND idx = ? AND group_key = ? AND memory IS NOT ?`,
			memory, l.Receiver, l.Integration, l.Index, l.GroupKey, memory)
		return err
	})
}

// An AttemptFilter selects attempts; zero fields do not.
type AttemptFilter struct {
	Receiver    string
	Integration string
	Status      string
	Fingerprint string    // of an alert of the notification
	Start, End  time.Time // half-open, of the begin
	Before      int64     // ID of the last of the page before
	After       int64     // newer than this ID
	Oldest      bool      // oldest first, not newest
	Limit       int       // required
}

// Attempts returns those that f keeps of the tenants that ctx is about: of all,
// if it is about none.
func (db *DB) Attempts(ctx context.Context, f AttemptFilter) (out []Attempt, err error) {
	var c conditions
	c.addOwners("n.tenant", alerted(ctx))
	c.add("n.receiver = ?", f.Receiver)
	c.add("n.integration = ?", f.Integration)
	c.add("a.status = ?", f.Status)
	c.add("n.id IN (SELECT notification FROM notification_alerts WHERE fingerprint = ?)", f.Fingerprint)
	c.add("a.at >= ?", f.Start)
	c.add("a.at < ?", f.End)
	c.add("a.id < ?", f.Before)
	c.add("a.id > ?", f.After)
	order := "DESC"
	if f.Oldest {
		order = "ASC"
	}
	query := `SELECT a.id, a.notification, a.at, a.took, a.number, a.status, a.error, n.receiver, n.integration, n.idx, n.group_key, n.tenant, n.reason
		FROM notification_attempts a JOIN notifications n ON n.id = a.notification WHERE ` + c.where() + ` ORDER BY a.id ` + order + ` LIMIT ?`
	err = db.read(ctx, func(tx *sql.Tx) (err error) {
		rows, err := tx.QueryContext(ctx, query, append(c.args, f.Limit)...)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, rows.Close()) }()
		for rows.Next() {
			var a Attempt
			var at, took int64
			if err := rows.Scan(&a.ID, &a.Notification, &at, &took, &a.Number, &a.Status, &a.Error, &a.Receiver, &a.Integration, &a.Index, &a.GroupKey, &a.Tenant, &a.Reason); err != nil {
				return err
			}
			a.At, a.Took = time.UnixMilli(at), time.Duration(took)*time.Microsecond
			out = append(out, a)
		}
		if err := rows.Err(); err != nil {
			return err
		}
		for i := range out {
			if out[i].Alerts, err = notifiedAlerts(ctx, tx, out[i].Notification); err != nil {
				return err
			}
		}
		return nil
	})
	return out, err
}
