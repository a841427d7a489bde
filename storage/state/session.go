package state

import (
	"context"
	"database/sql"
	"encoding/json"
	"time"

	"github.com/oriel-obs/oriel/internal/auth"
)

const sessionColumns = `hash, user, roles, created, seen, address, agent, source, subject, sid`

func scanSession(row interface{ Scan(...any) error }) (s auth.SessionRecord, err error) {
	var roles sql.NullString
	var created, seen int64
	if err := row.Scan(&s.Hash, &s.User, &roles, &created, &seen, &s.Address, &s.Agent, &s.Source, &s.Subject, &s.SID); err != nil {
		return s, err
	}
	s.Created, s.Seen = instant(created), instant(seen)
	if roles.Valid {
		s.Roles, err = unpackList(roles.String)
	}
	return s, err
}

// Sessions returns a user's, or everybody's for "", newest first.
func (db *DB) Sessions(ctx context.Context, user string) ([]auth.SessionRecord, error) {
	return list(ctx, db.sql, scanSession, `SELECT `+sessionColumns+` FROM sessions WHERE ?1 = '' OR user = ?1 ORDER BY created DESC, hash`, user)
}

// Session returns the one that has, or had, an identifier.
func (db *DB) Session(ctx context.Context, hash string) (auth.SessionRecord, error) {
	var s auth.SessionRecord
	err := db.read(ctx, func(tx *sql.Tx) (err error) {
		if s, err = scanSession(tx.QueryRowContext(ctx, `SELECT `+sessionColumns+` FROM sessions WHERE hash = (SELECT session FROM session_ids WHERE hash = ?)`, hash)); err != nil {
			return err
		}
		var issued, replaced int64
		err = tx.QueryRowContext(ctx, `SELECT issued, replaced,
			EXISTS (SELECT 1 FROM session_ids o WHERE o.session = i.session AND o.issued < i.issued AND o.replaced = 0) FROM session_ids i WHERE hash = ?`, hash).
			Scan(&issued, &replaced, &s.Newest)
		s.Issued, s.Replaced = instant(issued), instant(replaced)
		return err
	})
	return s, found(err, "session")
}

// AddSession keeps a new one.
func (db *DB) AddSession(ctx context.Context, s auth.SessionRecord) error {
	var roles any
	if s.Roles != nil {
		roles = packList(s.Roles)
	}
	return db.write(ctx, func(tx *sql.Tx) error {
		now := db.now().UnixMilli()
		err := added(tx.ExecContext(ctx, `INSERT INTO sessions (`+sessionColumns+`) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
			s.Hash, s.User, roles, now, now, s.Address, s.Agent, s.Source, s.Subject, s.SID))("session")
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `INSERT INTO session_ids (hash, session, issued, replaced) VALUES (?1, ?1, ?2, 0)`, s.Hash, now)
		return err
	})
}

// OfferSession gives one another identifier, unless it has that.
func (db *DB) OfferSession(ctx context.Context, session, hash string, at time.Time) error {
	_, err := db.sql.ExecContext(ctx, `INSERT INTO session_ids (hash, session, issued, replaced) VALUES (?, ?, ?, 0) ON CONFLICT DO NOTHING`, hash, session, at.UnixMilli())
	return err
}

// ReplaceSession notes that an identifier has taken the place of those before it.
func (db *DB) ReplaceSession(ctx context.Context, session, hash string, at time.Time) error {
	_, err := db.sql.ExecContext(ctx, `UPDATE session_ids SET replaced = ? WHERE session = ? AND replaced = 0
		AND issued < (SELECT issued FROM session_ids WHERE hash = ?)`, at.UnixMilli(), session, hash)
	return err
}

// SeeSession notes when one was used.
func (db *DB) SeeSession(ctx context.Context, hash string, at time.Time) error {
	return affected(db.sql.ExecContext(ctx, `UPDATE sessions SET seen = max(seen, ?) WHERE hash = ?`, at.UnixMilli(), hash))("session")
}

// DeleteSession ends the one that has, or had, an identifier.
func (db *DB) DeleteSession(ctx context.Context, hash string) error {
	return affected(db.sql.ExecContext(ctx, `DELETE FROM sessions WHERE hash = (SELECT session FROM session_ids WHERE hash = ?)`, hash))("session")
}

// EndSessions ends those that have been idle, or are old.
func (db *DB) EndSessions(ctx context.Context, seenBefore, createdBefore time.Time) error {
	_, err := db.sql.ExecContext(ctx, `DELETE FROM sessions WHERE seen < ? OR created < ?`, millis(seenBefore), millis(createdBefore))
	return err
}

func scanRole(row interface{ Scan(...any) error }) (r auth.RoleRecord, err error) {
	var scopes, selectors string
	var tenants sql.NullString
	if err := row.Scan(&r.Name, &scopes, &tenants, &selectors); err != nil {
		return r, err
	}
	if tenants.Valid {
		if r.Tenants, err = unpackList(tenants.String); err != nil {
			return r, err
		}
	}
	if err := json.Unmarshal([]byte(scopes), &r.Scopes); err != nil {
		return r, err
	}
	return r, json.Unmarshal([]byte(selectors), &r.Selectors)
}

// Roles returns the operator's own, by name.
func (db *DB) Roles(ctx context.Context) ([]auth.RoleRecord, error) {
	return list(ctx, db.sql, scanRole, `SELECT name, scopes, tenants, selectors FROM roles ORDER BY name`)
}

// SaveRole adds or replaces one.
func (db *DB) SaveRole(ctx context.Context, r auth.RoleRecord) error {
	scopes, err := json.Marshal(r.Scopes)
	if err != nil {
		return err
	}
	selectors, err := json.Marshal(r.Selectors)
	if err != nil {
		return err
	}
	var tenants any
	if r.Tenants != nil {
		tenants = packList(r.Tenants)
	}
	_, err = db.sql.ExecContext(ctx, `INSERT INTO roles (name, scopes, tenants, selectors) VALUES (?, ?, ?, ?)
		ON CONFLICT (name) DO UPDATE SET scopes = excluded.scopes, tenants = excluded.tenants, selectors = excluded.selectors`,
		r.Name, string(scopes), tenants, string(selectors))
	return err
}

// DeleteRole removes one.
func (db *DB) DeleteRole(ctx context.Context, name string) error {
	return affected(db.sql.ExecContext(ctx, `DELETE FROM roles WHERE name = ?`, name))("role %.100q", name)
}
