package state

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/oriel-obs/oriel/internal/fault"
)

// A Query is one that people keep under a name.
type Query struct {
	UID      string
	Name     string
	Language string // one of QueryLanguages
	Text     string
	Updated  time.Time
	Author   string // of the newest change
	Tenant   string // whose it is; set in answers
}

// QueryLanguages are those that a Query may be in.
var QueryLanguages = []string{"promql", "logql", "traceql"}

// maxQuery bounds the bytes of a query's text.
const maxQuery = 64 << 10

// Queries returns all, by name.
func (db *DB) Queries(ctx context.Context) ([]Query, error) {
	return list(ctx, db.sql, func(row interface{ Scan(...any) error }) (q Query, err error) {
		var updated int64
		err = row.Scan(&q.Tenant, &q.UID, &q.Name, &q.Language, &q.Text, &updated, &q.Author)
		q.Updated = time.UnixMilli(updated).UTC()
		return q, err
	}, `SELECT tenant, uid, name, language, query, updated, author FROM queries WHERE `+owned+` ORDER BY name COLLATE NOCASE, uid, tenant`, owners(ctx))
}

// SaveQuery keeps q, in place of the one with its UID if it has one, and
// returns the UID. An unknown UID wraps fault.ErrNotFound.
func (db *DB) SaveQuery(ctx context.Context, q Query) (uid string, err error) {
	if err := checkTitle("query", q.Name); err != nil {
		return "", err
	}
	switch {
	case !slices.Contains(QueryLanguages, q.Language):
		return "", fmt.Errorf("language %.40q: one of %v: %w", q.Language, QueryLanguages, fault.ErrInvalid)
	case q.Text == "":
		return "", fmt.Errorf("a query without text: %w", fault.ErrInvalid)
	case len(q.Text) > maxQuery:
		return "", fmt.Errorf("a query of %d bytes; at most %d are kept: %w", len(q.Text), maxQuery, fault.ErrTooLarge)
	}
	now := db.now().UnixMilli()
	if q.UID == "" {
		uid = NewUID()
		_, err = db.sql.ExecContext(ctx, `INSERT INTO queries (tenant, uid, name, language, query, updated, author) VALUES (?, ?, ?, ?, ?, ?, ?)`,
			owner(ctx), uid, q.Name, q.Language, q.Text, now, q.Author)
		return uid, err
	}
	return q.UID, affected(db.sql.ExecContext(ctx, `UPDATE queries SET name = ?, language = ?, query = ?, updated = ?, author = ? WHERE tenant = ? AND uid = ?`,
		q.Name, q.Language, q.Text, now, q.Author, owner(ctx), q.UID))("query %.40q", q.UID)
}

// DeleteQuery removes one.
func (db *DB) DeleteQuery(ctx context.Context, uid string) error {
	return affected(db.sql.ExecContext(ctx, `DELETE FROM queries WHERE tenant = ? AND uid = ?`, owner(ctx), uid))("query %.40q", uid)
}
