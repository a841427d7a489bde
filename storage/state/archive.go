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

	// Tenants are those whose spans are in it, the default one being "". Nil is not
	// known; what is read, but for TenantsOfArchive, does not say.
	Tenants []string
}

// tenants are how a row has them.
func (t ArchivedTrace) tenants() any {
	if t.Tenants == nil {
		return nil
	}
	return packList(t.Tenants)
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
		_, err = tx.ExecContext(ctx, `INSERT OR REPLACE INTO archived_traces (trace_id, spans, data, archived, tenants) VALUES (?, ?, ?, ?, ?)`,
			t.ID[:], t.Spans, t.Data, db.now().UnixMilli(), t.tenants())
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
	return list(ctx, db.sql, scanTraceID, `SELECT trace_id FROM archived_traces ORDER BY trace_id`)
}

func scanTraceID(r interface{ Scan(...any) error }) ([16]byte, error) {
	var id []byte
	if err := r.Scan(&id); err != nil {
		return [16]byte{}, err
	}
	if len(id) != 16 {
		return [16]byte{}, fmt.Errorf("archived trace %x: an id has 16 bytes", id)
	}
	return [16]byte(id), nil
}

// TenantsOfArchive returns the tenants whose spans are in copies, and the copies
// of which that is not known.
func (db *DB) TenantsOfArchive(ctx context.Context) (tenants []string, unknown [][16]byte, err error) {
	tenants, err = list(ctx, db.sql, func(r interface{ Scan(...any) error }) (name string, err error) {
		return name, r.Scan(&name)
	}, `SELECT DISTINCT value FROM archived_traces, json_each(tenants) ORDER BY value`)
	if err != nil {
		return nil, nil, err
	}
	unknown, err = list(ctx, db.sql, scanTraceID, `SELECT trace_id FROM archived_traces WHERE tenants IS NULL ORDER BY trace_id`)
	return tenants, unknown, err
}

// SetArchivedTenants notes whose spans are in a copy; one that is not there is
// fault.ErrNotFound.
func (db *DB) SetArchivedTenants(ctx context.Context, t ArchivedTrace) error {
	return affected(db.sql.ExecContext(ctx, `UPDATE archived_traces SET tenants = ? WHERE trace_id = ?`, t.tenants(), t.ID[:]))("archived trace %x", t.ID)
}

// ShrinkArchivedTrace puts t in place of a copy that has more spans; one that is
// not there is fault.ErrNotFound.
func (db *DB) ShrinkArchivedTrace(ctx context.Context, t ArchivedTrace) error {
	return affected(db.sql.ExecContext(ctx, `UPDATE archived_traces SET spans = ?, data = ?, tenants = ? WHERE trace_id = ?`, t.Spans, t.Data, t.tenants(), t.ID[:]))("archived trace %x", t.ID)
}

// DeleteArchivedTrace drops the copy of a trace; one that is not there is
// fault.ErrNotFound.
func (db *DB) DeleteArchivedTrace(ctx context.Context, id [16]byte) error {
	return affected(db.sql.ExecContext(ctx, `DELETE FROM archived_traces WHERE trace_id = ?`, id[:]))("archived trace %x", id)
}
