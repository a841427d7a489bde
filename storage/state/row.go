package state

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"strings"
	"time"

	"github.com/oriel-obs/oriel/internal/fault"
)

// list returns the rows of a query.
func list[T any](ctx context.Context, db *sql.DB, scan func(interface{ Scan(...any) error }) (T, error), query string, args ...any) (all []T, err error) {
	rows, err := db.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		v, err := scan(rows)
		if err != nil {
			return nil, err
		}
		all = append(all, v)
	}
	return all, rows.Err()
}

// conditions are what the rows of a list satisfy, with their arguments.
type conditions struct {
	texts []string
	args  []any
}

// add adds a condition about args, unless the first has its type's zero value:
// filters leave out what they do not ask for.
func (c *conditions) add(text string, args ...any) {
	if reflect.ValueOf(args[0]).IsZero() {
		return
	}
	for i, arg := range args {
		if t, ok := arg.(time.Time); ok {
			args[i] = t.UnixMilli()
		}
	}
	c.texts, c.args = append(c.texts, text), append(c.args, args...)
}

// where returns them for after WHERE.
func (c *conditions) where() string {
	if len(c.texts) == 0 {
		return "TRUE"
	}
	return strings.Join(c.texts, " AND ")
}

// affected turns a change of no row into fault.ErrNotFound of what the
// returned function is told.
func affected(res sql.Result, err error) func(format string, args ...any) error {
	return func(format string, args ...any) error {
		if err != nil {
			return err
		}
		n, err := res.RowsAffected()
		if err == nil && n == 0 {
			err = found(sql.ErrNoRows, format, args...)
		}
		return err
	}
}

// deferKeys lets rows that belong to each other go in any order.
func deferKeys(ctx context.Context, tx *sql.Tx) error {
	_, err := tx.ExecContext(ctx, `PRAGMA defer_foreign_keys = 1`)
	return err
}

// NewUID returns a new identifier: 26 letters and digits.
func NewUID() string { return strings.ToLower(rand.Text()) }

var uidPattern = regexp.MustCompile(`^[a-zA-Z0-9_-]{1,80}$`)

// haveUID gives a uid to what has none, and allows what Grafana allows, and
// twice its length.
func haveUID(uid *string) error {
	if *uid == "" {
		*uid = NewUID()
	}
	if !uidPattern.MatchString(*uid) {
		return fmt.Errorf("uid %.100q: up to 80 letters, digits, - and _: %w", *uid, fault.ErrInvalid)
	}
	return nil
}

// maxTitle bounds the characters of titles and names.
const maxTitle = 500

func checkTitle(noun, title string) error {
	switch {
	case title == "":
		return fmt.Errorf("a %s needs a title: %w", noun, fault.ErrInvalid)
	case len([]rune(title)) > maxTitle:
		return fmt.Errorf("the title of a %s has up to %d characters: %w", noun, maxTitle, fault.ErrInvalid)
	}
	return nil
}

func conflict(noun, uid string, base, have int) error {
	switch {
	case base == 0:
		return fmt.Errorf("%s %q exists already, with version %d: %w", noun, uid, have, fault.ErrConflict)
	case have == 0:
		return fmt.Errorf("%s %.40q: %w", noun, uid, fault.ErrNotFound)
	}
	return fmt.Errorf("%s %q has version %d by now, this change began with %d: %w", noun, uid, have, base, fault.ErrConflict)
}

func packList(list []string) string {
	if len(list) == 0 {
		return "[]"
	}
	b, _ := json.Marshal(list) // strings always encode
	return string(b)
}

func unpackList(s string) (list []string, err error) {
	err = json.Unmarshal([]byte(s), &list)
	return list, err
}
