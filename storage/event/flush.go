package event

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"time"

	"github.com/oriel-obs/oriel/internal/fair"
	"github.com/oriel-obs/oriel/model"
)

// pollInterval is how often the flush loop looks for an idle head and, in a
// read-only spell, tries the disk.
const pollInterval = time.Second

// flushLoop turns full and idle heads into parts and ends read-only spells.
func (t *table) flushLoop(ctx context.Context) error {
	tick := time.NewTicker(pollInterval)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-t.wake:
		case <-tick.C:
			// Failures show in unavailable, and are tried again.
			_ = t.recoverLog()
			if t.due(time.Now()) {
				_ = t.freezeActive()
			}
		}
		_ = t.flushFrozen(ctx)
	}
}

// Rows are found in parts many times faster than in a head, which is searched
// row by row. So a head that is worth a part is flushed soon: after quickIdle
// without a write, and at most quickAge after it got so many rows.
const (
	quickRows = 4 * granuleRows
	quickIdle = time.Second
	quickAge  = 5 * time.Second
)

// due reports whether the active head is to be flushed though it is not full.
func (t *table) due(now time.Time) bool {
	t.mu.RLock()
	defer t.mu.RUnlock()
	if t.active == nil {
		return false
	}
	rows, _ := t.active.size()
	idle := now.Sub(t.lastWrite)
	quick := rows >= quickRows && (idle >= quickIdle || now.Sub(t.worthSince) >= quickAge)
	return rows > 0 && (quick || idle >= time.Duration(t.cfg.FlushIdle))
}

// freezeActive makes the active head one that waits for a flush.
func (t *table) freezeActive() error {
	t.commitMu.Lock()
	defer t.commitMu.Unlock()
	t.mu.RLock()
	err := t.walErr
	t.mu.RUnlock()
	if err != nil {
		return err
	}
	if err := t.rotate(); err != nil {
		t.fail(&t.walErr, err)
		return err
	}
	return nil
}

// flushFrozen turns every waiting head into parts, the oldest first.
func (t *table) flushFrozen(ctx context.Context) error {
	t.flushMu.Lock()
	defer t.flushMu.Unlock()
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		t.mu.RLock()
		var h *head
		if len(t.frozen) > 0 {
			h = t.frozen[0]
		}
		t.mu.RUnlock()
		if h == nil {
			t.restored(&t.flushErr)
			return nil
		}
		start := time.Now()
		parts, err := t.writeParts(ctx, h)
		if err != nil {
			t.fail(&t.flushErr, fmt.Errorf("flush segment %d: %w", h.segment, err))
			return err
		}
		t.m.flushSeconds.Observe(time.Since(start).Seconds())
		t.install(h, parts)
		t.dropSegment(h)
		t.changed()
	}
}

// install replaces a head by the parts that hold its rows, in one step.
func (t *table) install(h *head, parts []*part) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.frozen = slices.DeleteFunc(slices.Clone(t.frozen), func(o *head) bool { return o == h })
	t.parts = append(slices.Clone(t.parts), parts...)
	sortParts(t.parts)
	close(t.room)
	t.room = make(chan struct{})
}

func sortParts(parts []*part) {
	slices.SortFunc(parts, func(a, b *part) int {
		return cmp.Or(cmp.Compare(a.meta.Segments[0], b.meta.Segments[0]), cmp.Compare(a.day, b.day))
	})
}

// dropSegment deletes the segment of a head that is in parts, or moves it to
// the quarantine folder if it is damaged. If that fails, sweep tries again, and
// replay would find the parts and skip the rows.
func (t *table) dropSegment(h *head) {
	if h.seg != nil {
		_ = h.seg.file.Close() // was synced long ago
		h.seg = nil
	}
	var err error
	if h.damaged {
		if err = t.fs.MkdirAll(t.quarantine); err == nil {
			err = t.fs.Rename(h.file, path.Join(t.quarantine, path.Base(h.file)))
		}
	} else {
		err = t.fs.Remove(h.file)
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.log.Warn("a flushed segment could not be deleted, which is tried again", "segment", h.file, "err", err)
		t.mu.Lock()
		t.flushed = append(t.flushed, h)
		t.mu.Unlock()
	}
}

// writeParts writes a head's rows, each day's to a part of its own. Parts that
// an earlier attempt has completed are loaded, not written again.
func (t *table) writeParts(ctx context.Context, h *head) ([]*part, error) {
	defer fair.Work(ctx)()
	v := h.view()
	if v.rows == 0 {
		return nil, nil
	}
	srcs := make([]*model.Batch, len(v.chunks))
	picks := make([]pick, 0, v.rows)
	for i, c := range v.chunks {
		b := c.batch
		b.Streams = v.streams
		srcs[i] = &b
		for row := range b.Time {
			picks = append(picks, pick{uint32(i), uint32(row)})
		}
	}
	byTime := func(a, b pick) int { return cmp.Compare(srcs[a.src].Time[a.row], srcs[b.src].Time[b.row]) }
	if !slices.IsSortedFunc(picks, byTime) {
		slices.SortStableFunc(picks, byTime)
	}
	text, hot := allText(srcs), hotColumns(srcs)

	var parts []*part
	for len(picks) > 0 {
		day := dayOf(srcs[picks[0].src].Time[picks[0].row])
		n, _ := slices.BinarySearchFunc(picks, day+1, func(p pick, d int64) int {
			return cmp.Compare(dayOf(srcs[p.src].Time[p.row]), d)
		})
		p, err := t.writePart(ctx, h.segment, day, srcs, picks[:n], text, hot)
		if err != nil {
			for _, p := range parts {
				p.release()
			}
			return nil, err
		}
		parts = append(parts, p)
		picks = picks[n:]
	}
	return parts, nil
}

// writePart writes the picked rows, which are of one day and sorted.
func (t *table) writePart(ctx context.Context, segment uint64, day int64, srcs []*model.Batch, picks []pick, text bool, hot []hotColumn) (*part, error) {
	dayDir := path.Join(t.dir, dayName(day))
	dir := path.Join(dayDir, partName(segment, segment))
	if err := t.fs.MkdirAll(dayDir); err != nil {
		return nil, err
	}
	if err := t.fs.SyncDir(t.dir); err != nil {
		return nil, err
	}
	if p, err := t.loadPart(dir, day); err == nil && p.meta.Rows == int64(len(picks)) {
		return p, t.fs.SyncDir(dayDir) // what failed last time
	}
	meta := partMeta{Day: dayName(day), Segments: [2]uint64{segment, segment}}
	w, err := t.newPartWriter(dir+tmpSuffix, meta, text, hot, t.planBodies(ctx, srcs, picks))
	if err != nil {
		return nil, err
	}
	for rows := range slices.Chunk(picks, granuleRows) {
		fair.Pause(ctx)
		if err := w.add(gather(t.signal, srcs, rows, nil)); err != nil {
			w.abort()
			return nil, err
		}
	}
	m, err := w.finish()
	if err != nil {
		return nil, err
	}
	if err := t.fs.Rename(dir+tmpSuffix, dir); err != nil {
		return nil, err
	}
	if err := t.fs.SyncDir(dayDir); err != nil {
		return nil, err
	}
	t.m.flushedRows.Add(float64(m.Rows))
	return t.newPart(dir, day, m), nil
}
