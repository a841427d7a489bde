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

// A Folder holds dashboards and folders.
type Folder struct {
	Tenant           string // whose it is; set in answers
	UID              string
	Parent           string // UID; "" at the top
	Title            string
	Version          int // 1 when new
	Created, Updated time.Time
	Author           string // of the newest change
}

const folderColumns = `tenant, uid, coalesce(parent, ''), title, version, created, updated, author`

func scanFolder(row interface{ Scan(...any) error }) (f Folder, err error) {
	var created, updated int64
	err = row.Scan(&f.Tenant, &f.UID, &f.Parent, &f.Title, &f.Version, &created, &updated, &f.Author)
	f.Created, f.Updated = time.UnixMilli(created).UTC(), time.UnixMilli(updated).UTC()
	return f, err
}

// Folders returns all folders by title.
func (db *DB) Folders(ctx context.Context) ([]Folder, error) {
	return list(ctx, db.sql, scanFolder, `SELECT `+folderColumns+` FROM folders WHERE `+owned+` ORDER BY title COLLATE NOCASE, uid, tenant`, owners(ctx))
}

// Folder returns one folder; an unknown uid wraps fault.ErrNotFound.
func (db *DB) Folder(ctx context.Context, uid string) (Folder, error) {
	f, err := scanFolder(db.sql.QueryRowContext(ctx, `SELECT `+folderColumns+` FROM folders WHERE uid = ? AND `+owned+` ORDER BY tenant LIMIT 1`, uid, owners(ctx)))
	return f, found(err, "folder %.40q", uid)
}

// SaveFolder adds a folder, or changes the one with its UID if base is that
// one's version; base 0 is for one that must not exist. It returns what is
// kept. Without a UID it is given one. A version that is no longer the newest,
// and a parent below the folder itself, wrap fault.ErrConflict and
// fault.ErrInvalid.
func (db *DB) SaveFolder(ctx context.Context, f Folder, base int) (kept Folder, err error) {
	f.Title = strings.TrimSpace(f.Title)
	if err := checkTitle("folder", f.Title); err != nil {
		return f, err
	}
	if err := haveUID(&f.UID); err != nil {
		return f, err
	}
	f.Tenant = owner(ctx)
	err = db.write(ctx, func(tx *sql.Tx) error {
		if err := mayBeUnder(ctx, tx, f); err != nil {
			return err
		}
		have := 0
		err := tx.QueryRowContext(ctx, `SELECT version FROM folders WHERE tenant = ? AND uid = ?`, f.Tenant, f.UID).Scan(&have)
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		if have != base {
			return conflict("folder", f.UID, base, have)
		}
		now := db.now().UnixMilli()
		_, err = tx.ExecContext(ctx, `INSERT INTO folders (tenant, uid, parent, title, version, created, updated, author)
			VALUES (?1, ?2, nullif(?3, ''), ?4, ?5, ?6, ?6, ?7)
			ON CONFLICT (tenant, uid) DO UPDATE SET parent = excluded.parent, title = excluded.title, version = excluded.version,
				updated = excluded.updated, author = excluded.author`,
			f.Tenant, f.UID, f.Parent, f.Title, base+1, now, f.Author)
		if err != nil {
			return err
		}
		kept, err = scanFolder(tx.QueryRowContext(ctx, `SELECT `+folderColumns+` FROM folders WHERE tenant = ? AND uid = ?`, f.Tenant, f.UID))
		return err
	})
	return kept, err
}

// mayBeUnder walks up from the parent: it must exist, and not be below f.
func mayBeUnder(ctx context.Context, tx *sql.Tx, f Folder) error {
	for uid := f.Parent; uid != ""; {
		if uid == f.UID {
			return fmt.Errorf("folder %q cannot be moved below itself: %w", f.Title, fault.ErrInvalid)
		}
		var parent string
		err := tx.QueryRowContext(ctx, `SELECT coalesce(parent, '') FROM folders WHERE tenant = ? AND uid = ?`, f.Tenant, uid).Scan(&parent)
		if err != nil {
			return found(err, "folder %.40q", uid)
		}
		uid = parent
	}
	return nil
}

// mayKeepIn refuses a folder that does not exist; "" is the top.
func mayKeepIn(ctx context.Context, tx *sql.Tx, tenant, folder string) error {
	if folder == "" {
		return nil
	}
	var one int
	return found(tx.QueryRowContext(ctx, `SELECT 1 FROM folders WHERE tenant = ? AND uid = ?`, tenant, folder).Scan(&one), "folder %.40q", folder)
}

// DeleteFolder removes a folder with all that is below it, and returns how many
// dashboards went with it. Library panels move to the top: dashboards elsewhere
// may show them.
func (db *DB) DeleteFolder(ctx context.Context, uid string) (dashboards int64, err error) {
	const below = `WITH RECURSIVE below (uid) AS (SELECT uid FROM folders WHERE tenant = ?1 AND uid = ?2 UNION SELECT f.uid FROM folders f JOIN below b ON f.tenant = ?1 AND f.parent = b.uid) `
	const within = `tenant = ?1 AND dashboard IN (SELECT d.uid FROM dashboards d JOIN below b ON d.tenant = ?1 AND d.folder = b.uid)`
	tenant := owner(ctx)
	err = db.write(ctx, func(tx *sql.Tx) error {
		if err := deferKeys(ctx, tx); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, below+`DELETE FROM annotations WHERE `+within, tenant, uid); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, below+`DELETE FROM stars WHERE `+within, tenant, uid); err != nil {
			return err
		}
		gone, err := tx.ExecContext(ctx, below+`DELETE FROM dashboards WHERE tenant = ?1 AND folder IN (SELECT uid FROM below)`, tenant, uid)
		if err != nil {
			return err
		}
		if dashboards, err = gone.RowsAffected(); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, below+`UPDATE library_elements SET folder = NULL WHERE tenant = ?1 AND folder IN (SELECT uid FROM below)`, tenant, uid); err != nil {
			return err
		}
		return affected(tx.ExecContext(ctx, below+`DELETE FROM folders WHERE tenant = ?1 AND uid IN (SELECT uid FROM below)`, tenant, uid))("folder %.40q", uid)
	})
	return dashboards, err
}
