package state

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/oriel-obs/oriel/internal/fault"
)

// A NotificationConfig is one version of who is notified of which alerts, as it
// was written in the page. It is the operator's: no tenant has its own.
type NotificationConfig struct {
	Version  int
	Sealed   []byte // Alertmanager's YAML, encrypted; nil in lists
	Created  time.Time
	Author   string
	Message  string
	Restored int // the version that this one brought back; 0 for none
}

// keptNotificationConfigs is how many versions are kept.
const keptNotificationConfigs = 100

const notificationConfigColumns = `version, created, author, message, coalesce(restored, 0)`

func (c *NotificationConfig) scan(row interface{ Scan(...any) error }, more ...any) error {
	var created int64
	err := row.Scan(append([]any{&c.Version, &created, &c.Author, &c.Message, &c.Restored}, more...)...)
	c.Created = time.UnixMilli(created).UTC()
	return err
}

// NotificationConfig returns a version, or with 0 the newest; one that is not
// kept wraps fault.ErrNotFound.
func (db *DB) NotificationConfig(ctx context.Context, version int) (c NotificationConfig, err error) {
	err = c.scan(db.sql.QueryRowContext(ctx, `SELECT `+notificationConfigColumns+`, sealed FROM notification_configs
		WHERE ?1 IN (0, version) ORDER BY version DESC LIMIT 1`, version), &c.Sealed)
	return c, found(err, "version %d of the notification configuration", version)
}

// NotificationConfigs returns the versions that are kept, newest first, without
// what they say.
func (db *DB) NotificationConfigs(ctx context.Context) ([]NotificationConfig, error) {
	return list(ctx, db.sql, func(row interface{ Scan(...any) error }) (c NotificationConfig, err error) {
		return c, c.scan(row)
	}, `SELECT `+notificationConfigColumns+` FROM notification_configs ORDER BY version DESC`)
}

// SaveNotificationConfig keeps c as the version after base, which must be the
// newest, or 0 for the first; another wraps fault.ErrConflict, and nothing is
// kept then. The oldest versions make room.
func (db *DB) SaveNotificationConfig(ctx context.Context, c NotificationConfig, base int) (kept NotificationConfig, err error) {
	err = db.write(ctx, func(tx *sql.Tx) error {
		have := 0
		err := tx.QueryRowContext(ctx, `SELECT version FROM notification_configs ORDER BY version DESC LIMIT 1`).Scan(&have)
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		if have != base {
			return fmt.Errorf("the notification configuration has version %d by now, this change began with %d: %w", have, base, fault.ErrConflict)
		}
		if err := kept.scan(tx.QueryRowContext(ctx, `INSERT INTO notification_configs (version, sealed, created, author, message, restored)
			VALUES (?, ?, ?, ?, ?, nullif(?, 0)) RETURNING `+notificationConfigColumns,
			base+1, c.Sealed, db.now().UnixMilli(), c.Author, c.Message, c.Restored)); err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `DELETE FROM notification_configs WHERE version <= ?`, kept.Version-keptNotificationConfigs)
		return err
	})
	return kept, err
}
