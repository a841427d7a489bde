package state

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/url"
	"strings"

	"github.com/oriel-obs/oriel/internal/fault"
)

// MaxShortlink bounds the bytes of a path under a short name.
const MaxShortlink = 64 << 10

// Shorten keeps path, an address within the page (path, search and fragment,
// with one slash in front), and returns the name it has from then on: 12
// characters that are safe in URLs, equal for equal paths. A path that leads
// out of the page wraps fault.ErrInvalid.
func (db *DB) Shorten(ctx context.Context, path string) (id string, err error) {
	if len(path) > MaxShortlink {
		return "", fmt.Errorf("an address of %d bytes; at most %d have a short link: %w", len(path), MaxShortlink, fault.ErrTooLarge)
	}
	u, err := url.Parse(path)
	// Browsers read a backslash as a slash, and two slashes as a host.
	if err != nil || u.IsAbs() || u.Host != "" || !strings.HasPrefix(path, "/") || strings.HasPrefix(path, "//") || strings.Contains(u.Path, `\`) {
		return "", fmt.Errorf("%.80q is no address within the page, which begin with one slash: %w", path, fault.ErrInvalid)
	}
	sum := sha256.Sum256([]byte(path))
	id = base64.RawURLEncoding.EncodeToString(sum[:9])
	_, err = db.sql.ExecContext(ctx, `INSERT INTO shortlinks (tenant, id, path, created) VALUES (?, ?, ?, ?) ON CONFLICT (tenant, id) DO NOTHING`,
		owner(ctx), id, path, db.now().UnixMilli())
	return id, err
}

// Lengthen returns the path that Shorten named id; an unknown name wraps
// fault.ErrNotFound.
func (db *DB) Lengthen(ctx context.Context, id string) (path string, err error) {
	err = db.sql.QueryRowContext(ctx, `SELECT path FROM shortlinks WHERE id = ? AND `+owned+` LIMIT 1`, id, owners(ctx)).Scan(&path)
	return path, found(err, "short link %.40q", id)
}
