package state

import (
	"context"
	"fmt"
	"time"

	"github.com/oriel-obs/oriel/internal/fault"
)

// An Annotation is a note on a moment or a stretch of time.
type Annotation struct {
	ID               int64
	Dashboard        string // UID; "" belongs to all
	Panel            int64  // 0 belongs to all panels
	Start, End       time.Time
	Text             string
	Tags             []string
	Created, Updated time.Time
	Author           string
}

// AnnotationQuery selects annotations that touch a range.
type AnnotationQuery struct {
	Start, End time.Time // zero is open
	Dashboard  string    // "" for all
	Panel      int64     // 0 for all
	Tags       []string  // all of them, or
	AnyTag     bool      // one of them
	Limit      int       // newest first; 0 for 100
}

const annotationColumns = `id, dashboard, panel, start, stop, text, tags, created, updated, author`

func scanAnnotation(row interface{ Scan(...any) error }) (a Annotation, err error) {
	var start, end, created, updated int64
	var tags string
	if err := row.Scan(&a.ID, &a.Dashboard, &a.Panel, &start, &end, &a.Text, &tags, &created, &updated, &a.Author); err != nil {
		return a, err
	}
	a.Start, a.End = time.UnixMilli(start).UTC(), time.UnixMilli(end).UTC()
	a.Created, a.Updated = time.UnixMilli(created).UTC(), time.UnixMilli(updated).UTC()
	a.Tags, err = unpackList(tags)
	return a, err
}

// Annotations returns what q selects, newest first.
func (db *DB) Annotations(ctx context.Context, q AnnotationQuery) ([]Annotation, error) {
	c := conditions{texts: []string{owned}, args: []any{owners(ctx)}}
	c.add("stop >= ?", q.Start)
	c.add("start <= ?", q.End)
	c.add("dashboard = ?", q.Dashboard)
	c.add("panel = ?", q.Panel)
	if len(q.Tags) > 0 {
		const hits = `(SELECT count(DISTINCT t.value) FROM json_each(tags) t WHERE t.value IN (SELECT value FROM json_each(?)))`
		if q.AnyTag {
			c.add(hits+" > 0", packList(q.Tags))
		} else {
			c.add(hits+" = (SELECT count(DISTINCT value) FROM json_each(?))", packList(q.Tags), packList(q.Tags))
		}
	}
	if q.Limit <= 0 {
		q.Limit = 100
	}
	return list(ctx, db.sql, scanAnnotation, `SELECT `+annotationColumns+` FROM annotations WHERE `+c.where()+
		` ORDER BY start DESC, id DESC LIMIT ?`, append(c.args, q.Limit)...)
}

// Annotation returns one; an unknown id wraps fault.ErrNotFound.
func (db *DB) Annotation(ctx context.Context, id int64) (Annotation, error) {
	a, err := scanAnnotation(db.sql.QueryRowContext(ctx, `SELECT `+annotationColumns+` FROM annotations WHERE id = ? AND `+owned, id, owners(ctx)))
	return a, found(err, "annotation %d", id)
}

// SaveAnnotation adds a, or replaces the one with its ID, and returns the ID. A
// zero End is the start.
func (db *DB) SaveAnnotation(ctx context.Context, a Annotation) (id int64, err error) {
	if a.End.IsZero() {
		a.End = a.Start
	}
	if a.End.Before(a.Start) {
		return 0, fmt.Errorf("an annotation that ends %s before it starts: %w", a.Start.Sub(a.End), fault.ErrInvalid)
	}
	if a.Text == "" && len(a.Tags) == 0 {
		return 0, fmt.Errorf("an annotation needs a text or a tag: %w", fault.ErrInvalid)
	}
	now := db.now().UnixMilli()
	if a.ID == 0 {
		err = db.sql.QueryRowContext(ctx, `INSERT INTO annotations (tenant, dashboard, panel, start, stop, text, tags, created, updated, author)
			VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?8, ?9) RETURNING id`,
			owner(ctx), a.Dashboard, a.Panel, a.Start.UnixMilli(), a.End.UnixMilli(), a.Text, packList(a.Tags), now, a.Author).Scan(&id)
		return id, err
	}
	return a.ID, affected(db.sql.ExecContext(ctx, `UPDATE annotations SET dashboard = ?, panel = ?, start = ?, stop = ?, text = ?, tags = ?, updated = ?, author = ? WHERE tenant = ? AND id = ?`,
		a.Dashboard, a.Panel, a.Start.UnixMilli(), a.End.UnixMilli(), a.Text, packList(a.Tags), now, a.Author, owner(ctx), a.ID))("annotation %d", a.ID)
}

// DeleteAnnotation removes one.
func (db *DB) DeleteAnnotation(ctx context.Context, id int64) error {
	return affected(db.sql.ExecContext(ctx, `DELETE FROM annotations WHERE tenant = ? AND id = ?`, owner(ctx), id))("annotation %d", id)
}

// AnnotationTags returns the tags in use with their numbers of annotations.
func (db *DB) AnnotationTags(ctx context.Context) (map[string]int, error) {
	counts := map[string]int{}
	_, err := list(ctx, db.sql, func(row interface{ Scan(...any) error }) (struct{}, error) {
		var tag string
		var n int
		err := row.Scan(&tag, &n)
		counts[tag] = n
		return struct{}{}, err
	}, `SELECT t.value, count(*) FROM annotations, json_each(tags) t WHERE `+owned+` GROUP BY t.value`, owners(ctx))
	return counts, err
}
