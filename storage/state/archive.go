package state

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/oriel-obs/oriel/internal/fault"
)

// An ArchivedTrace is a trace that is kept beyond the retention of spans.
type ArchivedTrace struct {
	ID    [16]byte
	Spans int
	Data  []byte // as whoever keeps it has encoded it
}

// ArchiveTrace keeps a trace in place of the copy there is, unless that has
// more spans. Data of all traces takes up to maxBytes; more is a
// fault.ErrTooLarge, and changes nothing.
func (db *DB) ArchiveTrace(ctx context.Context, t ArchivedTrace, maxBytes int64) error {
	return db.write(ctx, func(tx *sql.Tx) error {
		var spans int
		err := tx.QueryRowContext(ctx, `SELECT spans FROM archived_traces WHERE trace_id = ?`, t.ID[:]).Scan(&spans)
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		if spans > t.Spans {
			return nil
		}
		var used int64
		if err := tx.QueryRowContext(ctx, `SELECT COALESCE(SUM(LENGTH(data)), 0) FROM archived_traces WHERE trace_id != ?`, t.ID[:]).Scan(&used); err != nil {
			return err
		}
		if used+int64(len(t.Data)) > maxBytes {
			return fmt.Errorf("the archive of traces has %d bytes of at most %d, and this trace takes %d: %w", used, maxBytes, len(t.Data), fault.ErrTooLarge)
		}
		_, err = tx.ExecContext(ctx, `INSERT OR REPLACE INTO archived_traces (trace_id, spans, data, archived) VALUES (?, ?, ?, ?)`,
			t.ID[:], t.Spans, t.Data, db.now().UnixMilli())
		return err
	})
}

// ArchivedTrace returns the copy of a trace, or fault.ErrNotFound.
func (db *DB) ArchivedTrace(ctx context.Context, id [16]byte) (ArchivedTrace, error) {
	t := ArchivedTrace{ID: id}
	err := db.sql.QueryRowContext(ctx, `SELECT spans, data FROM archived_traces WHERE trace_id = ?`, id[:]).Scan(&t.Spans, &t.Data)
	return t, found(err, "archived trace %x", id)
}

// ArchivedTraces returns the ids of all copies.
func (db *DB) ArchivedTraces(ctx context.Context) ([][16]byte, error) {
	return list(ctx, db.sql, func(r interface{ Scan(...any) error }) ([16]byte, error) {
		var id []byte
		if err := r.Scan(&id); err != nil {
			return [16]byte{}, err
		}
		if len(id) != 16 {
			return [16]byte{}, fmt.Errorf("archived trace %x: an id has 16 bytes", id)
		}
		return [16]byte(id), nil
	}, `SELECT trace_id FROM archived_traces ORDER BY trace_id`)
}

// ShrinkArchivedTrace puts t in place of a copy that has more spans; one that is
// not there is fault.ErrNotFound.
func (db *DB) ShrinkArchivedTrace(ctx context.Context, t ArchivedTrace) error {
	return affected(db.sql.ExecContext(ctx, `UPDATE archived_traces SET spans = ?, data = ? WHERE trace_id = ?`, t.Spans, t.Data, t.ID[:]))("archived trace %x", t.ID)
}

// DeleteArchivedTrace drops the copy of a trace; one that is not there is
// fault.ErrNotFound.
func (db *DB) DeleteArchivedTrace(ctx context.Context, id [16]byte) error {
	return affected(db.sql.ExecContext(ctx, `DELETE FROM archived_traces WHERE trace_id = ?`, id[:]))("archived trace %x", id)
}
