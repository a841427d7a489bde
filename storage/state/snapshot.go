package state

import (
	"context"
	"fmt"
	"time"

	"github.com/oriel-obs/oriel/internal/fault"
)

// A Snapshot is a dashboard with the data that its panels showed.
type Snapshot struct {
	Key     string
	Name    string
	JSON    []byte // nil in lists
	Created time.Time
	Expires time.Time // zero is never
	Author  string
}

func scanSnapshot(row interface{ Scan(...any) error }) (s Snapshot, err error) {
	var created, expires int64
	err = row.Scan(&s.Key, &s.Name, &s.JSON, &created, &expires, &s.Author)
	s.Created = time.UnixMilli(created).UTC()
	if expires != 0 {
		s.Expires = time.UnixMilli(expires).UTC()
	}
	return s, err
}

// SaveSnapshot keeps s under a new key, which it returns.
func (db *DB) SaveSnapshot(ctx context.Context, s Snapshot) (key string, err error) {
	if err := checkTitle("snapshot", s.Name); err != nil {
		return "", err
	}
	var expires int64
	if !s.Expires.IsZero() {
		expires = s.Expires.UnixMilli()
	}
	key = NewUID()
	_, err = db.sql.ExecContext(ctx, `INSERT INTO snapshots (tenant, key, name, json, created, expires, author) VALUES (?, ?, ?, ?, ?, ?, ?)`,
		owner(ctx), key, s.Name, s.JSON, db.now().UnixMilli(), expires, s.Author)
	return key, err
}

// Snapshots returns those that have not expired, newest first, without JSON.
func (db *DB) Snapshots(ctx context.Context) ([]Snapshot, error) {
	return list(ctx, db.sql, scanSnapshot, `SELECT key, name, NULL, created, expires, author FROM snapshots
		WHERE (expires = 0 OR expires > ?) AND `+owned+` ORDER BY created DESC, key`, db.now().UnixMilli(), owners(ctx))
}

// Snapshot returns one; an unknown or expired key wraps fault.ErrNotFound.
func (db *DB) Snapshot(ctx context.Context, key string) (Snapshot, error) {
	s, err := scanSnapshot(db.sql.QueryRowContext(ctx, `SELECT key, name, json, created, expires, author FROM snapshots
		WHERE key = ? AND (expires = 0 OR expires > ?) AND `+owned, key, db.now().UnixMilli(), owners(ctx)))
	return s, found(err, "snapshot %.40q", key)
}

// DeleteSnapshot removes one.
func (db *DB) DeleteSnapshot(ctx context.Context, key string) error {
	return affected(db.sql.ExecContext(ctx, `DELETE FROM snapshots WHERE tenant = ? AND key = ?`, owner(ctx), key))("snapshot %.40q", key)
}

// A Playlist shows dashboards in turn.
type Playlist struct {
	UID      string
	Name     string
	Interval time.Duration // each is shown for; at least a second
	Items    []string      // UIDs
	Author   string
}

func scanPlaylist(row interface{ Scan(...any) error }) (p Playlist, err error) {
	var interval int64
	var items string
	if err := row.Scan(&p.UID, &p.Name, &interval, &items, &p.Author); err != nil {
		return p, err
	}
	p.Interval = time.Duration(interval) * time.Millisecond
	p.Items, err = unpackList(items)
	return p, err
}

// SavePlaylist adds p, or replaces the one with its UID.
func (db *DB) SavePlaylist(ctx context.Context, p Playlist) (uid string, err error) {
	if err := checkTitle("playlist", p.Name); err != nil {
		return "", err
	}
	if p.Interval < time.Second {
		return "", fmt.Errorf("a playlist that shows each dashboard for %s; at least 1s: %w", p.Interval, fault.ErrInvalid)
	}
	if err := haveUID(&p.UID); err != nil {
		return "", err
	}
	_, err = db.sql.ExecContext(ctx, `INSERT INTO playlists (tenant, uid, name, interval, items, author) VALUES (?, ?, ?, ?, ?, ?)
		ON CONFLICT (tenant, uid) DO UPDATE SET name = excluded.name, interval = excluded.interval, items = excluded.items, author = excluded.author`,
		owner(ctx), p.UID, p.Name, p.Interval.Milliseconds(), packList(p.Items), p.Author)
	return p.UID, err
}

// Playlists returns all by name.
func (db *DB) Playlists(ctx context.Context) ([]Playlist, error) {
	return list(ctx, db.sql, scanPlaylist, `SELECT uid, name, interval, items, author FROM playlists WHERE `+owned+` ORDER BY name COLLATE NOCASE, uid, tenant`, owners(ctx))
}

// DeletePlaylist removes one.
func (db *DB) DeletePlaylist(ctx context.Context, uid string) error {
	return affected(db.sql.ExecContext(ctx, `DELETE FROM playlists WHERE tenant = ? AND uid = ?`, owner(ctx), uid))("playlist %.40q", uid)
}
