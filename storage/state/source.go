package state

import (
	"context"
	"database/sql"
	"time"
)

// A Source is a service and when it last sent something.
type Source struct {
	Signal, Service string
	Seen            time.Time
	Gap             time.Duration // that usually lies between two batches
	Saved           time.Time     // when this was known; set by SaveSources
}

// Sources returns those saved last.
func (db *DB) Sources(ctx context.Context) ([]Source, error) {
	return list(ctx, db.sql, func(row interface{ Scan(...any) error }) (s Source, err error) {
		var seen, gap, saved int64
		err = row.Scan(&s.Signal, &s.Service, &seen, &gap, &saved)
		s.Seen, s.Gap, s.Saved = time.UnixMilli(seen).UTC(), time.Duration(gap)*time.Millisecond, time.UnixMilli(saved).UTC()
		return s, err
	}, `SELECT signal, service, seen, gap, saved FROM sources ORDER BY signal, service`)
}

// SaveSources replaces all.
func (db *DB) SaveSources(ctx context.Context, all []Source) error {
	return db.write(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, `DELETE FROM sources`); err != nil {
			return err
		}
		now := db.now().UnixMilli()
		for _, s := range all {
			if _, err := tx.ExecContext(ctx, `INSERT INTO sources (signal, service, seen, gap, saved) VALUES (?, ?, ?, ?, ?)`,
				s.Signal, s.Service, s.Seen.UnixMilli(), s.Gap.Milliseconds(), now); err != nil {
				return err
			}
		}
		return nil
	})
}
