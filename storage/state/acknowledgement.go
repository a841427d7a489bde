package state

import (
	"context"
	"database/sql"
	"time"
)

// An Acknowledgement says that somebody has seen to an alert. It lasts until
// the alert is resolved.
type Acknowledgement struct {
	Fingerprint string // of the alert
	Owner       string
	Comment     string
	Quiet       bool // stops repeated notifications, not that of the end
	At          time.Time
}

// Acknowledgements returns all.
func (db *DB) Acknowledgements(ctx context.Context) ([]Acknowledgement, error) {
	return list(ctx, db.sql, func(r interface{ Scan(...any) error }) (a Acknowledgement, err error) {
		var at int64
		err = r.Scan(&a.Fingerprint, &a.Owner, &a.Comment, &a.Quiet, &at)
		a.At = time.UnixMilli(at)
		return a, err
	}, `SELECT fingerprint, owner, comment, quiet, at FROM acknowledgements`)
}

// Acknowledge keeps a, instead of an earlier one, and the change it is.
func (db *DB) Acknowledge(ctx context.Context, a Acknowledgement, c AlertChange) error {
	return db.write(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, `INSERT OR REPLACE INTO acknowledgements (fingerprint, owner, comment, quiet, at) VALUES (?, ?, ?, ?, ?)`,
			a.Fingerprint, a.Owner, a.Comment, a.Quiet, a.At.UnixMilli()); err != nil {
			return err
		}
		return recordChange(ctx, tx, c)
	})
}

// Unacknowledge forgets an acknowledgement, and keeps the changes that is: one,
// or none when the alert has ended, which is a change of its own.
func (db *DB) Unacknowledge(ctx context.Context, fingerprint string, changes ...AlertChange) error {
	return db.write(ctx, func(tx *sql.Tx) error {
		if err := affected(tx.ExecContext(ctx, `DELETE FROM acknowledgements WHERE fingerprint = ?`, fingerprint))("acknowledgement of alert %.40q", fingerprint); err != nil {
			return err
		}
		for _, c := range changes {
			if err := recordChange(ctx, tx, c); err != nil {
				return err
			}
		}
		return nil
	})
}
