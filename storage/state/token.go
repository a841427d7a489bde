package state

import (
	"context"
	"encoding/json"
	"net/netip"
	"time"

	"github.com/oriel-obs/oriel/internal/auth"
)

const tokenColumns = `id, name, hash, scopes, tenant, networks, created, expires, used, creator`

func scanToken(row interface{ Scan(...any) error }) (t auth.TokenRecord, err error) {
	var scopes, networks string
	var created, expires, used int64
	if err := row.Scan(&t.ID, &t.Name, &t.Hash, &scopes, &t.Tenant, &networks, &created, &expires, &used, &t.Creator); err != nil {
		return t, err
	}
	t.Created, t.Expires, t.LastUsed = instant(created), instant(expires), instant(used)
	if err := json.Unmarshal([]byte(scopes), &t.Scopes); err != nil {
		return t, err
	}
	return t, json.Unmarshal([]byte(networks), &t.Networks)
}

// Tokens returns all by name.
func (db *DB) Tokens(ctx context.Context) ([]auth.TokenRecord, error) {
	return list(ctx, db.sql, scanToken, `SELECT `+tokenColumns+` FROM tokens ORDER BY name`)
}

// TokenByHash returns the one whose token has the hash.
func (db *DB) TokenByHash(ctx context.Context, hash string) (auth.TokenRecord, error) {
	t, err := scanToken(db.sql.QueryRowContext(ctx, `SELECT `+tokenColumns+` FROM tokens WHERE hash = ?`, hash))
	return t, found(err, "token")
}

// AddToken keeps a new one. Its name must be free.
func (db *DB) AddToken(ctx context.Context, t auth.TokenRecord) error {
	if t.Networks == nil {
		t.Networks = []netip.Prefix{}
	}
	scopes, err := json.Marshal(t.Scopes)
	if err != nil {
		return err
	}
	networks, err := json.Marshal(t.Networks)
	if err != nil {
		return err
	}
	return added(db.sql.ExecContext(ctx, `INSERT INTO tokens (`+tokenColumns+`) VALUES (?, ?, ?, ?, ?, ?, ?, ?, 0, ?) ON CONFLICT DO NOTHING`,
		t.ID, t.Name, t.Hash, string(scopes), t.Tenant, string(networks), db.now().UnixMilli(), millis(t.Expires), t.Creator))("token %q", t.Name)
}

// UseToken notes when one was used.
func (db *DB) UseToken(ctx context.Context, id string, at time.Time) error {
	return affected(db.sql.ExecContext(ctx, `UPDATE tokens SET used = max(used, ?) WHERE id = ?`, at.UnixMilli(), id))("token %.40q", id)
}

// DeleteToken removes one, which is refused from then on.
func (db *DB) DeleteToken(ctx context.Context, id string) error {
	return affected(db.sql.ExecContext(ctx, `DELETE FROM tokens WHERE id = ?`, id))("token %.40q", id)
}
