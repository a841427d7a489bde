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

// A LibraryPanel is a panel that dashboards show by its UID, so that a change
// of it is seen in all of them.
type LibraryPanel struct {
	ID               int64  // for clients that know no UIDs; never reused
	Tenant           string // whose it is; set in answers
	UID              string
	Folder           string // UID; "" at the top
	Name             string // no other in the folder has it
	Model            []byte // JSON, byte for byte as it came in
	Version          int    // 1 when new
	Created, Updated time.Time
	Creator          string
	Author           string // of the newest version
}

const libraryColumns = `id, tenant, uid, coalesce(folder, ''), name, model, version, created, updated, creator, author`

func scanLibraryPanel(row interface{ Scan(...any) error }) (p LibraryPanel, err error) {
	var created, updated int64
	err = row.Scan(&p.ID, &p.Tenant, &p.UID, &p.Folder, &p.Name, &p.Model, &p.Version, &created, &updated, &p.Creator, &p.Author)
	p.Created, p.Updated = time.UnixMilli(created).UTC(), time.UnixMilli(updated).UTC()
	return p, err
}

// LibraryPanels returns all, by name.
func (db *DB) LibraryPanels(ctx context.Context) ([]LibraryPanel, error) {
	return list(ctx, db.sql, scanLibraryPanel, `SELECT `+libraryColumns+` FROM library_elements WHERE `+owned+` ORDER BY name COLLATE NOCASE, uid, tenant`, owners(ctx))
}

// LibraryPanel returns one; an unknown uid wraps fault.ErrNotFound.
func (db *DB) LibraryPanel(ctx context.Context, uid string) (LibraryPanel, error) {
	p, err := scanLibraryPanel(db.sql.QueryRowContext(ctx, `SELECT `+libraryColumns+` FROM library_elements WHERE uid = ? AND `+owned+` ORDER BY tenant LIMIT 1`, uid, owners(ctx)))
	return p, found(err, "library panel %.40q", uid)
}

// SaveLibraryPanel adds a panel, or changes the one with its UID if base is
// that one's version; base 0 is for one that must not exist. It returns what is
// kept. Without a UID it is given one. A version that is no longer the newest
// wraps fault.ErrConflict, a name that the folder has already fault.ErrInvalid.
func (db *DB) SaveLibraryPanel(ctx context.Context, p LibraryPanel, base int) (kept LibraryPanel, err error) {
	p.Name = strings.TrimSpace(p.Name)
	if err := checkTitle("library panel", p.Name); err != nil {
		return p, err
	}
	if err := haveUID(&p.UID); err != nil {
		return p, err
	}
	tenant := owner(ctx)
	err = db.write(ctx, func(tx *sql.Tx) error {
		if err := mayKeepIn(ctx, tx, tenant, p.Folder); err != nil {
			return err
		}
		have := 0
		err := tx.QueryRowContext(ctx, `SELECT version FROM library_elements WHERE tenant = ? AND uid = ?`, tenant, p.UID).Scan(&have)
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		if have != base {
			return conflict("library panel", p.UID, base, have)
		}
		var other string
		err = tx.QueryRowContext(ctx, `SELECT uid FROM library_elements WHERE tenant = ? AND coalesce(folder, '') = ? AND name = ? AND uid <> ?`, tenant, p.Folder, p.Name, p.UID).Scan(&other)
		if err == nil {
			return fmt.Errorf("library panel %q has the name %q in this folder already: %w", other, p.Name, fault.ErrInvalid)
		} else if !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		kept, err = scanLibraryPanel(tx.QueryRowContext(ctx, `INSERT INTO library_elements (tenant, uid, folder, name, model, version, created, updated, creator, author)
			VALUES (?1, ?2, nullif(?3, ''), ?4, ?5, ?6, ?7, ?7, ?8, ?8)
			ON CONFLICT (tenant, uid) DO UPDATE SET folder = excluded.folder, name = excluded.name, model = excluded.model, version = excluded.version,
				updated = excluded.updated, author = excluded.author
			RETURNING `+libraryColumns,
			tenant, p.UID, p.Folder, p.Name, p.Model, base+1, db.now().UnixMilli(), p.Author))
		return err
	})
	return kept, err
}

// DeleteLibraryPanel removes one. Dashboards that show it keep saying so.
func (db *DB) DeleteLibraryPanel(ctx context.Context, uid string) error {
	return affected(db.sql.ExecContext(ctx, `DELETE FROM library_elements WHERE tenant = ? AND uid = ?`, owner(ctx), uid))("library panel %.40q", uid)
}
