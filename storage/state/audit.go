package state

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"time"
)

// An AuditLink is where the chain of audit records stands: after a record, or
// before the first of a day.
type AuditLink struct {
	Seq  int64  // of the newest record; of an AuditDay, of its first one
	Hash string // of the newest record's body, SHA-256 in hex; of an AuditDay, of the one before; "" before the first
}

// An AuditRecord is one record of the chain.
type AuditRecord struct {
	Seq  int64
	Time time.Time
	Body string // what the chain is about, byte for byte
}

// An AuditDay is where the chain stood when a day of it began.
type AuditDay struct {
	Day time.Time // midnight, UTC
	AuditLink
}

// AuditHash is how a record is named in the one after it.
func AuditHash(body string) string {
	sum := sha256.Sum256([]byte(body))
	return hex.EncodeToString(sum[:])
}

// ExtendAudit adds a record to the chain and keeps it among those that are not
// in the event store yet. encode makes its body, given its number and the hash
// of the one before. Processes that do so at once wait for each other, so that
// the chain never forks.
func (db *DB) ExtendAudit(ctx context.Context, at time.Time, encode func(seq int64, prev string) (string, error)) error {
	return db.write(ctx, func(tx *sql.Tx) error {
		head, err := auditHead(ctx, tx)
		if err != nil {
			return err
		}
		seq := head.Seq + 1
		body, err := encode(seq, head.Hash)
		if err != nil {
			return err
		}
		day := at.UTC().Unix() / (24 * 60 * 60)
		for _, q := range []struct {
			text string
			args []any
		}{
			{`INSERT OR REPLACE INTO audit_head (id, seq, hash) VALUES (1, ?, ?)`, []any{seq, AuditHash(body)}},
			{`INSERT OR IGNORE INTO audit_days (day, seq, prev) VALUES (?, ?, ?)`, []any{day, seq, head.Hash}},
			{`INSERT INTO audit_pending (seq, at, body) VALUES (?, ?, ?)`, []any{seq, at.UnixNano(), body}},
		} {
			if _, err := tx.ExecContext(ctx, q.text, q.args...); err != nil {
				return err
			}
		}
		return nil
	})
}

// AuditHead returns the end of the chain; the zero AuditLink of an empty one.
func (db *DB) AuditHead(ctx context.Context) (AuditLink, error) { return auditHead(ctx, db.sql) }

func auditHead(ctx context.Context, q interface {
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
},
) (l AuditLink, err error) {
	err = q.QueryRowContext(ctx, `SELECT seq, hash FROM audit_head`).Scan(&l.Seq, &l.Hash)
	if errors.Is(err, sql.ErrNoRows) {
		return AuditLink{}, nil
	}
	return l, err
}

// AuditDays returns where each day of the chain begins, oldest first.
func (db *DB) AuditDays(ctx context.Context) ([]AuditDay, error) {
	return list(ctx, db.sql, func(r interface{ Scan(...any) error }) (d AuditDay, err error) {
		var day int64
		err = r.Scan(&day, &d.Seq, &d.Hash)
		d.Day = time.Unix(day*24*60*60, 0).UTC()
		return d, err
	}, `SELECT day, seq, prev FROM audit_days ORDER BY day`)
}

// PendingAudit returns up to limit records that the event store may not have
// yet, in the order of the chain.
func (db *DB) PendingAudit(ctx context.Context, limit int) ([]AuditRecord, error) {
	return list(ctx, db.sql, func(r interface{ Scan(...any) error }) (a AuditRecord, err error) {
		var at int64
		err = r.Scan(&a.Seq, &at, &a.Body)
		a.Time = time.Unix(0, at)
		return a, err
	}, `SELECT seq, at, body FROM audit_pending ORDER BY seq LIMIT ?`, limit)
}

// SettleAudit forgets pending records up to a number: the event store has them.
func (db *DB) SettleAudit(ctx context.Context, seq int64) error {
	_, err := db.sql.ExecContext(ctx, `DELETE FROM audit_pending WHERE seq <= ?`, seq)
	return err
}
