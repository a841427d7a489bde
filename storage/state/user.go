package state

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/oriel-obs/oriel/internal/auth"
	"github.com/oriel-obs/oriel/internal/fault"
)

var _ auth.Store = (*DB)(nil)

const userColumns = `name, password, roles, totp, step, recovery, disabled, created, login`

func scanUser(row interface{ Scan(...any) error }) (u auth.UserRecord, err error) {
	var roles, recovery string
	var created, login int64
	if err := row.Scan(&u.Name, &u.PasswordHash, &roles, &u.TOTPSecret, &u.TOTPStep, &recovery, &u.Disabled, &created, &login); err != nil {
		return u, err
	}
	u.Created, u.LastLogin = instant(created), instant(login)
	if u.Roles, err = unpackList(roles); err != nil {
		return u, err
	}
	u.Recovery, err = unpackList(recovery)
	return u, err
}

// instant reads a time of which 0 is the zero Time.
func instant(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}

func millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

// Users returns all by name.
func (db *DB) Users(ctx context.Context) ([]auth.UserRecord, error) {
	return list(ctx, db.sql, scanUser, `SELECT `+userColumns+` FROM users ORDER BY name`)
}

// User returns one.
func (db *DB) User(ctx context.Context, name string) (auth.UserRecord, error) {
	u, err := scanUser(db.sql.QueryRowContext(ctx, `SELECT `+userColumns+` FROM users WHERE name = ?`, name))
	return u, found(err, "user %.100q", name)
}

// AddUser keeps a new one.
func (db *DB) AddUser(ctx context.Context, u auth.UserRecord) error {
	return added(db.sql.ExecContext(ctx, `INSERT INTO users (`+userColumns+`) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
		u.Name, u.PasswordHash, packList(u.Roles), u.TOTPSecret, u.TOTPStep, packList(u.Recovery), u.Disabled, db.now().UnixMilli(), millis(u.LastLogin)))("user %q", u.Name)
}

// added turns an insertion that met another row into fault.ErrConflict.
func added(res sql.Result, err error) func(format string, args ...any) error {
	return func(format string, args ...any) error {
		if err != nil {
			return err
		}
		n, err := res.RowsAffected()
		if err == nil && n == 0 {
			err = fmt.Errorf(format+" exists already: %w", append(args, fault.ErrConflict)...)
		}
		return err
	}
}

// ChangeUser keeps what change makes of one, all but the name and the time of
// creation, or nothing if change returns an error. Nobody else changes the user
// meanwhile, in other processes either; change must not use the database.
func (db *DB) ChangeUser(ctx context.Context, name string, change func(*auth.UserRecord) error) error {
	return db.write(ctx, func(tx *sql.Tx) error {
		u, err := scanUser(tx.QueryRowContext(ctx, `SELECT `+userColumns+` FROM users WHERE name = ?`, name))
		if err != nil {
			return found(err, "user %.100q", name)
		}
		if err := change(&u); err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `UPDATE users SET password = ?, roles = ?, totp = ?, step = ?, recovery = ?, disabled = ?, login = ? WHERE name = ?`,
			u.PasswordHash, packList(u.Roles), u.TOTPSecret, u.TOTPStep, packList(u.Recovery), u.Disabled, millis(u.LastLogin), name)
		return err
	})
}

// DeleteUser removes one with the sessions.
func (db *DB) DeleteUser(ctx context.Context, name string) error {
	return db.write(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, `DELETE FROM sessions WHERE user = ?`, name); err != nil {
			return err
		}
		return affected(tx.ExecContext(ctx, `DELETE FROM users WHERE name = ?`, name))("user %.100q", name)
	})
}
