package state

import (
	"context"
	"time"
)

// A Retention is how long a signal is kept because an admin said so, whatever
// oriel.yaml says.
type Retention struct {
	Signal  string // metrics, logs or spans
	Period  time.Duration
	Updated time.Time // set by SaveRetention
	Author  string
}

// Retentions returns those that were set, by signal.
func (db *DB) Retentions(ctx context.Context) ([]Retention, error) {
	return list(ctx, db.sql, func(row interface{ Scan(...any) error }) (r Retention, err error) {
		var period, updated int64
		err = row.Scan(&r.Signal, &period, &updated, &r.Author)
		r.Period, r.Updated = time.Duration(period)*time.Millisecond, time.UnixMilli(updated).UTC()
		return r, err
	}, `SELECT signal, period, updated, author FROM retentions ORDER BY signal`)
}

// SaveRetention sets that of a signal.
func (db *DB) SaveRetention(ctx context.Context, r Retention) error {
	_, err := db.sql.ExecContext(ctx, `INSERT INTO retentions (signal, period, updated, author) VALUES (?1, ?2, ?3, ?4)
		ON CONFLICT (signal) DO UPDATE SET period = ?2, updated = ?3, author = ?4`,
		r.Signal, r.Period.Milliseconds(), db.now().UnixMilli(), r.Author)
	return err
}

// DeleteRetention leaves that of a signal to oriel.yaml again.
func (db *DB) DeleteRetention(ctx context.Context, signal string) error {
	_, err := db.sql.ExecContext(ctx, `DELETE FROM retentions WHERE signal = ?`, signal)
	return err
}
