package state

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/oriel-obs/oriel/internal/fault"
)

// A Lane is what one integration of one receiver is told about one group of
// alerts. Notifications of a lane are sent in their order.
type Lane struct {
	Receiver    string
	Integration string // its kind, such as webhook
	Index       int    // within its kind
	GroupKey    string
}

// States of a notification.
const (
	NotificationWaiting   = "waiting"
	NotificationDelivered = "delivered"
	NotificationDead      = "dead"      // given up; people may have it tried again
	NotificationDiscarded = "discarded" // people gave it up
)

// A Notification tells a lane of alerts.
type Notification struct {
	ID int64 // rises with time
	Lane
	Tenant  string // of the alerts
	Reason  string // why it was sent, for people
	Alerts  []NotifiedAlert
	Content []byte // what is sent; nil once it is delivered or discarded
	State   string
	Queued  time.Time
	Since   time.Time // when trying began: queued, or taken up again

	Attempts  int
	Refused   int       // attempts since Since that the receiver refused for good
	Attempted time.Time // the newest attempt; zero before the first
	Error     string    // of that attempt
}

// A NotifiedAlert is an alert within a notification.
type NotifiedAlert struct {
	Fingerprint string
	Resolved    bool
}

// Told is what a lane was told last, in the words of package notify.
type Told struct {
	Lane
	Entry   []byte // of the notification log
	Alerts  []byte
	At      time.Time
	Expires time.Time
}

// A QueueLimit bounds what waits.
type QueueLimit struct {
	Rows  int
	Bytes int64
}

// ErrQueueFull is returned by Enqueue at the limit.
var ErrQueueFull = fmt.Errorf("too many notifications are waiting: %w", fault.ErrOverloaded)

// Enqueue puts n, of which it reads lane, tenant, reason, alerts and content, behind
// what waits in its lane, and notes in the same transaction what the lane has
// thereby been told. It returns n's ID.
func (db *DB) Enqueue(ctx context.Context, n Notification, t Told, limit QueueLimit) (id int64, err error) {
	now := db.now().UnixMilli()
	err = db.write(ctx, func(tx *sql.Tx) error {
		var rows int
		var bytes int64
		if err := tx.QueryRowContext(ctx, `SELECT count(*), coalesce(sum(size), 0) FROM notifications WHERE state = 'waiting'`).Scan(&rows, &bytes); err != nil {
			return err
		}
		if rows >= limit.Rows || bytes+int64(len(n.Content)) > limit.Bytes {
			return ErrQueueFull
		}
		res, err := tx.ExecContext(ctx, `INSERT INTO notifications (receiver, integration, idx, group_key, tenant, reason, state, content, size, queued, since) VALUES (?, ?, ?, ?, ?, ?, 'waiting', ?, ?, ?, ?)`,
			n.Receiver, n.Integration, n.Index, n.GroupKey, n.Tenant, n.Reason, n.Content, len(n.Content), now, now)
		if err != nil {
			return err
		}
		if id, err = res.LastInsertId(); err != nil {
			return err
		}
		for _, a := range n.Alerts {
			if _, err := tx.ExecContext(ctx, `INSERT OR REPLACE INTO notification_alerts (notification, fingerprint, resolved) VALUES (?, ?, ?)`, id, a.Fingerprint, a.Resolved); err != nil {
				return err
			}
		}
		_, err = tx.ExecContext(ctx, `INSERT INTO told (receiver, integration, idx, group_key, entry, alerts, at, expires) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
			ON CONFLICT DO UPDATE SET entry = excluded.entry, alerts = excluded.alerts, at = excluded.at, expires = excluded.expires`,
			n.Receiver, n.Integration, n.Index, n.GroupKey, t.Entry, t.Alerts, t.At.UnixMilli(), t.Expires.UnixMilli())
		return err
	})
	return id, err
}

// Waiting reports whether anything waits in lane.
func (db *DB) Waiting(ctx context.Context, l Lane) (yes bool, err error) {
	err = db.sql.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM notifications WHERE state = 'waiting' AND receiver = ? AND integration = ? AND idx = ? AND group_key = ?)`,
		l.Receiver, l.Integration, l.Index, l.GroupKey).Scan(&yes)
	return yes, err
}

// WaitingLanes returns the lanes in which something waits.
func (db *DB) WaitingLanes(ctx context.Context) ([]Lane, error) {
	return list(ctx, db.sql, func(r interface{ Scan(...any) error }) (l Lane, err error) {
		err = r.Scan(&l.Receiver, &l.Integration, &l.Index, &l.GroupKey)
		return l, err
	}, `SELECT DISTINCT receiver, integration, idx, group_key FROM notifications WHERE state = 'waiting'`)
}

const notificationColumns = `id, receiver, integration, idx, group_key, tenant, reason, state, content, queued, since, attempts, refused, attempted, error`

func scanNotification(r interface{ Scan(...any) error }) (n Notification, err error) {
	var queued, since, attempted int64
	err = r.Scan(&n.ID, &n.Receiver, &n.Integration, &n.Index, &n.GroupKey, &n.Tenant, &n.Reason, &n.State, &n.Content, &queued, &since, &n.Attempts, &n.Refused, &attempted, &n.Error)
	n.Queued, n.Since = time.UnixMilli(queued), time.UnixMilli(since)
	if attempted > 0 {
		n.Attempted = time.UnixMilli(attempted)
	}
	return n, err
}

// NextNotification returns the oldest that waits in lane, without Alerts; an
// empty lane wraps fault.ErrNotFound.
func (db *DB) NextNotification(ctx context.Context, l Lane) (Notification, error) {
	n, err := scanNotification(db.sql.QueryRowContext(ctx, `SELECT `+notificationColumns+` FROM notifications
		WHERE state = 'waiting' AND receiver = ? AND integration = ? AND idx = ? AND group_key = ? ORDER BY id LIMIT 1`,
		l.Receiver, l.Integration, l.Index, l.GroupKey))
	return n, found(err, "notification")
}

// Bury gives a notification up: it waits no longer, until people say
// otherwise. A reason that is not empty replaces the error of its newest
// attempt. Of the dead beyond limit the oldest are discarded.
func (db *DB) Bury(ctx context.Context, id int64, reason string, limit QueueLimit) error {
	return db.write(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, `UPDATE notifications SET state = 'dead', error = CASE ? WHEN '' THEN error ELSE ? END WHERE id = ? AND state = 'waiting'`, reason, reason, id); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, `UPDATE notifications SET state = 'discarded', content = NULL WHERE id IN (SELECT id FROM (
			SELECT id, row_number() OVER newest AS n, sum(size) OVER newest AS bytes FROM notifications WHERE state = 'dead' WINDOW newest AS (ORDER BY id DESC)
		) WHERE n > ? OR bytes > ?)`, limit.Rows, limit.Bytes)
		return err
	})
}

// Revive has a dead notification tried again, before later ones of its lane,
// which it returns. One of a tenant that ctx is not about is not there.
func (db *DB) Revive(ctx context.Context, id int64) (l Lane, err error) {
	c := deadOf(ctx, id)
	err = db.sql.QueryRowContext(ctx, `UPDATE notifications SET state = 'waiting', since = ?, refused = 0 WHERE `+c.where()+` RETURNING receiver, integration, idx, group_key`,
		append([]any{db.now().UnixMilli()}, c.args...)...).Scan(&l.Receiver, &l.Integration, &l.Index, &l.GroupKey)
	return l, found(err, "dead notification %d", id)
}

// deadOf are the conditions of a dead notification that ctx may change.
func deadOf(ctx context.Context, id int64) conditions {
	c := conditions{texts: []string{"id = ?", "state = 'dead'"}, args: []any{id}}
	c.addOwners("tenant", alerted(ctx))
	return c
}

// Discard ends a dead notification. One of a tenant that ctx is not about is not
// there.
func (db *DB) Discard(ctx context.Context, id int64) error {
	c := deadOf(ctx, id)
	return affected(db.sql.ExecContext(ctx, `UPDATE notifications SET state = 'discarded', content = NULL WHERE `+c.where(), c.args...))("dead notification %d", id)
}

// A NotificationFilter selects notifications; zero fields do not.
type NotificationFilter struct {
	State    string
	Receiver string
	After    int64 // ID of the last of the page before
	Limit    int   // required
}

// Notifications returns those that f keeps of the tenants that ctx is about, or
// of all if it is about none, oldest first.
func (db *DB) Notifications(ctx context.Context, f NotificationFilter) (out []Notification, err error) {
	err = db.read(ctx, func(tx *sql.Tx) error {
		var w conditions
		w.addOwners("tenant", alerted(ctx))
		w.add("id > ?", f.After)
		w.add("state = ?", f.State)
		w.add("receiver = ?", f.Receiver)
		rows, err := tx.QueryContext(ctx, `SELECT `+notificationColumns+` FROM notifications WHERE `+w.where()+` ORDER BY id LIMIT ?`, append(w.args, f.Limit)...)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, rows.Close()) }()
		for rows.Next() {
			n, err := scanNotification(rows)
			if err != nil {
				return err
			}
			out = append(out, n)
		}
		if err := rows.Err(); err != nil {
			return err
		}
		for i := range out {
			if out[i].Alerts, err = notifiedAlerts(ctx, tx, out[i].ID); err != nil {
				return err
			}
		}
		return nil
	})
	return out, err
}

func notifiedAlerts(ctx context.Context, tx *sql.Tx, id int64) (out []NotifiedAlert, err error) {
	rows, err := tx.QueryContext(ctx, `SELECT fingerprint, resolved FROM notification_alerts WHERE notification = ? ORDER BY fingerprint`, id)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var a NotifiedAlert
		if err := rows.Scan(&a.Fingerprint, &a.Resolved); err != nil {
			return nil, err
		}
		out = append(out, a)
	}
	return out, rows.Err()
}

// Told returns what every lane was told last and has not expired.
func (db *DB) Told(ctx context.Context) ([]Told, error) {
	return list(ctx, db.sql, func(r interface{ Scan(...any) error }) (t Told, err error) {
		var at, expires int64
		err = r.Scan(&t.Receiver, &t.Integration, &t.Index, &t.GroupKey, &t.Entry, &t.Alerts, &at, &expires)
		t.At, t.Expires = time.UnixMilli(at), time.UnixMilli(expires)
		return t, err
	}, `SELECT receiver, integration, idx, group_key, entry, alerts, at, expires FROM told WHERE expires > ?`, db.now().UnixMilli())
}

// Memory returns what the integration of a lane remembers of its group; nil
// for nothing.
func (db *DB) Memory(ctx context.Context, l Lane) (memory []byte, err error) {
	err = db.sql.QueryRowContext(ctx, `SELECT memory FROM told WHERE receiver = ? AND integration = ? AND idx = ? AND group_key = ?`,
		l.Receiver, l.Integration, l.Index, l.GroupKey).Scan(&memory)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	return memory, err
}

// A NotificationCount is how much waits for an integration, or was given up.
type NotificationCount struct {
	Receiver, Integration string
	Dead                  bool
	Rows                  int
	Oldest                time.Time // queued
}

// CountNotifications returns the counts that are not zero.
func (db *DB) CountNotifications(ctx context.Context) ([]NotificationCount, error) {
	return list(ctx, db.sql, func(r interface{ Scan(...any) error }) (c NotificationCount, err error) {
		var oldest int64
		err = r.Scan(&c.Receiver, &c.Integration, &c.Dead, &c.Rows, &oldest)
		c.Oldest = time.UnixMilli(oldest)
		return c, err
	}, `SELECT receiver, integration, 0, count(*), min(queued) FROM notifications WHERE state = 'waiting' GROUP BY 1, 2
		UNION ALL SELECT receiver, integration, 1, count(*), min(queued) FROM notifications WHERE state = 'dead' GROUP BY 1, 2`)
}

// PruneNotifications forgets what lanes were told and has expired, and
// notifications that neither wait nor are newer than before, nor among the
// newest keep. Dead ones count as others do.
func (db *DB) PruneNotifications(ctx context.Context, before time.Time, keep int) error {
	return db.write(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, `DELETE FROM told WHERE expires <= ?`, db.now().UnixMilli()); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, `DELETE FROM notifications WHERE state <> 'waiting' AND
			(queued < ? OR id <= (SELECT id FROM notifications ORDER BY id DESC LIMIT 1 OFFSET ?))`, before.UnixMilli(), keep)
		return err
	})
}
