package state

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/oriel-obs/oriel/internal/fault"
)

// A DataSource is a server elsewhere that panels may ask, as a client of
// Grafana's API has pushed it. They are the operator's: no tenant has its own.
type DataSource struct {
	ID               int64 // never reused
	UID              string
	Name             string // no other has it
	JSON             []byte // what it is, without its secrets; its owner reads it
	Sealed           []byte // its secrets, encrypted; nil without any
	IsDefault        bool   // at most one is
	Version          int    // 1 when new
	Created, Updated time.Time
	Author           string // of the newest version
}

const dataSourceColumns = `id, uid, name, json, sealed, is_default, version, created, updated, author`

func scanDataSource(row interface{ Scan(...any) error }) (d DataSource, err error) {
	var created, updated int64
	err = row.Scan(&d.ID, &d.UID, &d.Name, &d.JSON, &d.Sealed, &d.IsDefault, &d.Version, &created, &updated, &d.Author)
	d.Created, d.Updated = time.UnixMilli(created).UTC(), time.UnixMilli(updated).UTC()
	return d, err
}

// DataSources returns all, the oldest first.
func (db *DB) DataSources(ctx context.Context) ([]DataSource, error) {
	return list(ctx, db.sql, scanDataSource, `SELECT `+dataSourceColumns+` FROM data_sources ORDER BY id`)
}

// SaveDataSource adds one, or changes the one with its ID if base is that one's
// version; ID 0 and base 0 are for a new one. It returns what is kept. Without
// a UID it is given one. A default one ends that another is. A version that is
// no longer the newest, and a UID or name that another has, wrap
// fault.ErrConflict.
func (db *DB) SaveDataSource(ctx context.Context, d DataSource, base int) (kept DataSource, err error) {
	d.Name = strings.TrimSpace(d.Name)
	if err := checkTitle("data source", d.Name); err != nil {
		return d, err
	}
	if err := haveUID(&d.UID); err != nil {
		return d, err
	}
	err = db.write(ctx, func(tx *sql.Tx) error {
		have := 0
		err := tx.QueryRowContext(ctx, `SELECT version FROM data_sources WHERE id = ?`, d.ID).Scan(&have)
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		if have != base {
			return conflict("data source", d.UID, base, have)
		}
		var other string
		err = tx.QueryRowContext(ctx, `SELECT uid FROM data_sources WHERE id <> ? AND (uid = ? OR name = ?)`, d.ID, d.UID, d.Name).Scan(&other)
		if err == nil {
			return fmt.Errorf("data source %q has the uid %q or the name %q already: %w", other, d.UID, d.Name, fault.ErrConflict)
		} else if !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		if d.IsDefault {
			if _, err := tx.ExecContext(ctx, `UPDATE data_sources SET is_default = 0`); err != nil {
				return err
			}
		}
		kept, err = scanDataSource(tx.QueryRowContext(ctx, `INSERT INTO data_sources (id, uid, name, json, sealed, is_default, version, created, updated, author)
			VALUES (nullif(?1, 0), ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?8, ?9)
			ON CONFLICT (id) DO UPDATE SET uid = excluded.uid, name = excluded.name, json = excluded.json, sealed = excluded.sealed, is_default = excluded.is_default,
				version = excluded.version, updated = excluded.updated, author = excluded.author
			RETURNING `+dataSourceColumns,
			d.ID, d.UID, d.Name, d.JSON, d.Sealed, d.IsDefault, base+1, db.now().UnixMilli(), d.Author))
		return err
	})
	return kept, err
}

// DeleteDataSource removes one. Dashboards that name it ask the default one
// from then on.
func (db *DB) DeleteDataSource(ctx context.Context, id int64) error {
	return affected(db.sql.ExecContext(ctx, `DELETE FROM data_sources WHERE id = ?`, id))("data source %d", id)
}
