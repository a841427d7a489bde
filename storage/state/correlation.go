package state

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/oriel-obs/oriel/internal/fault"
)

// Correlations are how signals lead to each other: JSON that its owner reads.
type Correlations struct {
	JSON    []byte    // nil while none were saved
	Version int       // 0 while none were saved
	Updated time.Time // zero while none were saved
	Author  string
}

// Correlations returns those saved last.
func (db *DB) Correlations(ctx context.Context) (c Correlations, err error) {
	var updated int64
	err = db.sql.QueryRowContext(ctx, `SELECT json, version, updated, author FROM correlations WHERE tenant = ?`, owner(ctx)).
		Scan(&c.JSON, &c.Version, &updated, &c.Author)
	if errors.Is(err, sql.ErrNoRows) {
		return Correlations{}, nil
	}
	c.Updated = time.UnixMilli(updated).UTC()
	return c, err
}

// SaveCorrelations replaces those of c.Version, and returns the next version. If
// there is another by now, it wraps fault.ErrConflict.
func (db *DB) SaveCorrelations(ctx context.Context, c Correlations) (version int, err error) {
	err = db.write(ctx, func(tx *sql.Tx) error {
		have := 0
		err := tx.QueryRowContext(ctx, `SELECT version FROM correlations WHERE tenant = ?`, owner(ctx)).Scan(&have)
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		if have != c.Version {
			return fmt.Errorf("correlation rules have version %d by now, this change began with %d: %w", have, c.Version, fault.ErrConflict)
		}
		version = have + 1
		_, err = tx.ExecContext(ctx, `INSERT INTO correlations (tenant, json, version, updated, author) VALUES (?1, ?2, ?3, ?4, ?5)
			ON CONFLICT (tenant) DO UPDATE SET json = ?2, version = ?3, updated = ?4, author = ?5`,
			owner(ctx), string(c.JSON), version, db.now().UnixMilli(), c.Author)
		return err
	})
	return version, err
}
