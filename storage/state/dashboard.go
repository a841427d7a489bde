package state

import (
	"context"
	"database/sql"
	"errors"
	"time"
)

// A Dashboard is what is known of one without reading it.
type Dashboard struct {
	ID               int64  // for clients that know no UIDs; never reused
	Tenant           string // whose it is; set in answers
	UID              string
	Folder           string // UID; "" at the top
	Title            string
	Tags             []string
	Version          int
	Created, Updated time.Time
	Creator          string
	Author           string // of the newest version
}

// A Version is one state of a dashboard.
type Version struct {
	Version  int
	JSON     []byte // as it came in, byte for byte; nil in lists
	Created  time.Time
	Author   string
	Message  string
	Restored int // the version that this one brought back; 0 for none
}

const dashboardColumns = `id, tenant, uid, coalesce(folder, ''), title, tags, version, created, updated, creator, author`

func scanDashboard(row interface{ Scan(...any) error }) (d Dashboard, err error) {
	var created, updated int64
	var tags string
	if err := row.Scan(&d.ID, &d.Tenant, &d.UID, &d.Folder, &d.Title, &tags, &d.Version, &created, &updated, &d.Creator, &d.Author); err != nil {
		return d, err
	}
	d.Created, d.Updated = time.UnixMilli(created).UTC(), time.UnixMilli(updated).UTC()
	d.Tags, err = unpackList(tags)
	return d, err
}

// Dashboards returns all dashboards by title.
func (db *DB) Dashboards(ctx context.Context) ([]Dashboard, error) {
	return list(ctx, db.sql, scanDashboard, `SELECT `+dashboardColumns+` FROM dashboards WHERE `+owned+` ORDER BY title COLLATE NOCASE, uid, tenant`, owners(ctx))
}

// A Text is a dashboard with the JSON of its newest version.
type Text struct {
	Dashboard
	JSON []byte
}

// DashboardsWith returns the dashboards whose newest version has some bytes
// anywhere in its JSON.
func (db *DB) DashboardsWith(ctx context.Context, text string) ([]Text, error) {
	return list(ctx, db.sql, func(row interface{ Scan(...any) error }) (t Text, err error) {
		err = row.Scan(&t.ID, &t.Tenant, &t.UID, &t.Title, &t.JSON)
		return t, err
	}, `SELECT d.id, d.tenant, d.uid, d.title, v.json FROM dashboards d JOIN dashboard_versions v ON v.dashboard = d.id AND v.version = d.version
		WHERE instr(v.json, CAST(?1 AS BLOB)) > 0 AND `+owned+` ORDER BY d.title COLLATE NOCASE, d.uid`, text, owners(ctx))
}

// Dashboard returns one with its newest version; an unknown uid wraps
// fault.ErrNotFound.
func (db *DB) Dashboard(ctx context.Context, uid string) (d Dashboard, v Version, err error) {
	err = db.read(ctx, func(tx *sql.Tx) error {
		if d, err = scanDashboard(tx.QueryRowContext(ctx, `SELECT `+dashboardColumns+` FROM dashboards WHERE uid = ? AND `+owned+` ORDER BY tenant LIMIT 1`, uid, owners(ctx))); err != nil {
			return found(err, "dashboard %.40q", uid)
		}
		v, err = version(ctx, tx, d.ID, d.Version)
		return err
	})
	return d, v, err
}

// SaveDashboard keeps a version of a dashboard: UID, Folder, Title and Tags of
// d, and v's JSON, author, message and origin. base is the version that the
// change began with, 0 for a dashboard that must not exist, and -1 replaces
// whatever there is. Without a UID it is given one. A version that is no longer
// the newest wraps fault.ErrConflict; nothing is kept then.
func (db *DB) SaveDashboard(ctx context.Context, d Dashboard, v Version, base int) (kept Dashboard, err error) {
	if err := checkTitle("dashboard", d.Title); err != nil {
		return d, err
	}
	if err := haveUID(&d.UID); err != nil {
		return d, err
	}
	tenant := owner(ctx)
	err = db.write(ctx, func(tx *sql.Tx) error {
		if err := mayKeepIn(ctx, tx, tenant, d.Folder); err != nil {
			return err
		}
		have := 0
		err := tx.QueryRowContext(ctx, `SELECT version FROM dashboards WHERE tenant = ? AND uid = ?`, tenant, d.UID).Scan(&have)
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		if base >= 0 && have != base {
			return conflict("dashboard", d.UID, base, have)
		}
		now := db.now().UnixMilli()
		kept, err = scanDashboard(tx.QueryRowContext(ctx, `INSERT INTO dashboards (tenant, uid, folder, title, tags, version, created, updated, creator, author)
			VALUES (?1, ?2, nullif(?3, ''), ?4, ?5, ?6, ?7, ?7, ?8, ?8)
			ON CONFLICT (tenant, uid) DO UPDATE SET folder = excluded.folder, title = excluded.title, tags = excluded.tags, version = excluded.version,
				updated = excluded.updated, author = excluded.author
			RETURNING `+dashboardColumns,
			tenant, d.UID, d.Folder, d.Title, packList(d.Tags), have+1, now, v.Author))
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `INSERT INTO dashboard_versions (dashboard, version, json, created, author, message, restored) VALUES (?, ?, ?, ?, ?, ?, nullif(?, 0))`,
			kept.ID, kept.Version, v.JSON, now, v.Author, v.Message, v.Restored)
		return err
	})
	return kept, err
}

// DeleteDashboard removes a dashboard with its versions, stars and annotations.
func (db *DB) DeleteDashboard(ctx context.Context, uid string) error {
	tenant := owner(ctx)
	return db.write(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, `DELETE FROM stars WHERE tenant = ? AND dashboard = ?`, tenant, uid); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `DELETE FROM annotations WHERE tenant = ? AND dashboard = ?`, tenant, uid); err != nil {
			return err
		}
		return affected(tx.ExecContext(ctx, `DELETE FROM dashboards WHERE tenant = ? AND uid = ?`, tenant, uid))("dashboard %.40q", uid)
	})
}

// Versions returns the versions of a dashboard, newest first, without JSON.
func (db *DB) Versions(ctx context.Context, uid string) ([]Version, error) {
	all, err := list(ctx, db.sql, func(row interface{ Scan(...any) error }) (v Version, err error) {
		var created int64
		err = row.Scan(&v.Version, &created, &v.Author, &v.Message, &v.Restored)
		v.Created = time.UnixMilli(created).UTC()
		return v, err
	}, `SELECT v.version, v.created, v.author, v.message, coalesce(v.restored, 0)
		FROM dashboard_versions v WHERE v.dashboard = (SELECT id FROM dashboards WHERE uid = ? AND `+owned+` ORDER BY tenant LIMIT 1) ORDER BY v.version DESC`, uid, owners(ctx))
	if err == nil && len(all) == 0 {
		err = found(sql.ErrNoRows, "dashboard %.40q", uid)
	}
	return all, err
}

// Version returns one version of a dashboard.
func (db *DB) Version(ctx context.Context, uid string, n int) (v Version, err error) {
	err = db.read(ctx, func(tx *sql.Tx) error {
		var id int64
		if err := tx.QueryRowContext(ctx, `SELECT id FROM dashboards WHERE uid = ? AND `+owned+` ORDER BY tenant LIMIT 1`, uid, owners(ctx)).Scan(&id); err != nil {
			return found(err, "dashboard %.40q", uid)
		}
		v, err = version(ctx, tx, id, n)
		return found(err, "version %d of dashboard %q", n, uid)
	})
	return v, err
}

func version(ctx context.Context, tx *sql.Tx, dashboard int64, n int) (v Version, err error) {
	var created int64
	err = tx.QueryRowContext(ctx, `SELECT version, json, created, author, message, coalesce(restored, 0) FROM dashboard_versions WHERE dashboard = ? AND version = ?`,
		dashboard, n).Scan(&v.Version, &v.JSON, &created, &v.Author, &v.Message, &v.Restored)
	v.Created = time.UnixMilli(created).UTC()
	return v, err
}

// Star marks a dashboard for a user, or takes the mark away.
func (db *DB) Star(ctx context.Context, user, dashboard string, on bool) error {
	statement := `DELETE FROM stars WHERE tenant = ? AND user = ? AND dashboard = ?`
	if on {
		statement = `INSERT INTO stars (tenant, user, dashboard) VALUES (?, ?, ?) ON CONFLICT DO NOTHING`
	}
	_, err := db.sql.ExecContext(ctx, statement, owner(ctx), user, dashboard)
	return err
}

// Starred returns the UIDs of a user's marked dashboards.
func (db *DB) Starred(ctx context.Context, user string) (map[string]bool, error) {
	uids, err := list(ctx, db.sql, func(row interface{ Scan(...any) error }) (uid string, err error) {
		return uid, row.Scan(&uid)
	}, `SELECT DISTINCT dashboard FROM stars WHERE user = ? AND `+owned, user, owners(ctx))
	all := make(map[string]bool, len(uids))
	for _, uid := range uids {
		all[uid] = true
	}
	return all, err
}
