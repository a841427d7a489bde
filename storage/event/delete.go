package event

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/oriel-obs/oriel/internal/fault"
	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/storage"
)

func newDelete(number uint64, created time.Time, over model.Range, where storage.Predicate) *hiding {
	return &hiding{number: number, created: created, where: where, over: over, filter: newFilter(where)}
}

// Delete deletes the rows that r selects, or counts them. When it returns nil
// without DryRun, they are in no answer any more, which no crash undoes; rows
// that are appended later are not concerned. Their bytes go when their part is
// written anew, which Run does soon. A result with a Number beside an error
// says that the delete is in effect but its rows could not be counted.
func (s *Store) Delete(ctx context.Context, r storage.DeleteRequest) (storage.DeleteResult, error) {
	t := s.table(r.Signal)
	if t == nil {
		return storage.DeleteResult{}, fmt.Errorf("delete rows of signal %v: %w", r.Signal, fault.ErrInvalid)
	}
	if err := ctx.Err(); err != nil {
		return storage.DeleteResult{}, err
	}
	var res storage.DeleteResult
	var snap *snapshot
	if r.DryRun {
		snap = t.snapshot()
	} else {
		h, before, err := t.delete(r)
		if err != nil {
			return res, fmt.Errorf("delete rows of %v: %w", r.Signal, err)
		}
		snap, res.Number = before, h.number
		t.log.Info("rows deleted", "number", h.number, "where", fmt.Sprint(r.Where), "start", r.Range.Start, "end", r.Range.End)
		t.changed()
	}
	defer snap.release()
	sc := storage.Scan{Signal: r.Signal, Range: r.Range, Where: r.Where, Project: &storage.Projection{}}
	for b, err := range t.scan(ctx, s.gateFor(ctx), snap, sc) {
		if err != nil {
			return res, fmt.Errorf("count rows of delete %d: %w", res.Number, err)
		}
		res.Rows += int64(b.Len())
	}
	return res, nil
}

// scan is Scan of a snapshot.
func (t *table) scan(ctx context.Context, gate gate, snap *snapshot, sc storage.Scan) iter.Seq2[*model.Batch, error] {
	return func(yield func(*model.Batch, error) bool) {
		x := &scanner{t: t, sc: sc, filter: newFilter(sc.Where), gate: gate}
		err := x.plan(ctx, snap)
		if err == nil {
			err = x.run(ctx, yield)
		}
		if err != nil {
			yield(nil, err)
		}
	}
}

// delete puts a delete into effect, and returns what was visible just before.
// Its number is that of the segment that was active, which is no longer: the
// rows of segments up to that number are those it is about, and no part has
// both such rows and later ones, because none of the later segments has rows
// yet.
func (t *table) delete(r storage.DeleteRequest) (*hiding, *snapshot, error) {
	t.commitMu.Lock()
	defer t.commitMu.Unlock()
	t.mu.RLock()
	err := t.unavailable()
	t.mu.RUnlock()
	if err != nil {
		return nil, nil, err
	}
	number := t.active.segment
	if err := t.advance(); err != nil {
		t.fail(&t.walErr, err)
		return nil, nil, readOnly(err)
	}
	h := newDelete(number, time.Now().UTC(), r.Range, r.Where)
	if err := t.writeTombstone(h); err != nil {
		return nil, nil, fmt.Errorf("record the delete: %w: %w", fault.ErrUnavailable, err)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	snap := t.snapshotLocked()
	t.deletes = append(slices.Clone(t.deletes), h)
	t.m.deletesPending.Set(float64(len(t.deletes)))
	return h, snap, nil
}

// Deletes returns the deletes of both signals whose rows may still be on disk,
// though they are in no answer, oldest first.
func (s *Store) Deletes(context.Context) []storage.Deletion {
	var out []storage.Deletion
	for _, t := range s.tables {
		t.mu.RLock()
		snap := t.snapshotLocked()
		deletes := slices.Clone(t.deletes)
		t.mu.RUnlock()
		for _, h := range deletes {
			out = append(out, storage.Deletion{
				Number: h.number, Signal: t.signal, Range: h.over, Where: h.where, Created: h.created, Pending: snap.pending(h),
			})
		}
		snap.release()
	}
	slices.SortStableFunc(out, func(a, b storage.Deletion) int { return a.Created.Compare(b.Created) })
	return out
}

// pending counts the parts and heads that may still hold rows that h hides.
func (s *snapshot) pending(h *hiding) (n int) {
	for _, v := range s.heads {
		if v.rows > 0 && h.concerns(v.segment, 0, v.minTime, v.maxTime) {
			n++
		}
	}
	for _, p := range s.parts {
		if h.concerns(p.meta.Segments[1], p.meta.Deletes, p.meta.MinTime, p.meta.MaxTime) {
			if v, _ := p.verdict(h); !v.nothing {
				n++
			}
		}
	}
	return n
}

// finishDeletes forgets the deletes that hide nothing any more: nothing in
// memory, and nothing on disk that a crash could bring back.
func (t *table) finishDeletes() error {
	t.mu.RLock()
	snap := t.snapshotLocked()
	var done []*hiding
	for _, h := range t.deletes {
		frozen := slices.ContainsFunc(t.frozen, func(o *head) bool { return o.segment <= h.number })
		if !frozen && snap.pending(h) == 0 {
			done = append(done, h)
		}
	}
	t.mu.RUnlock()
	defer snap.release()
	if len(done) == 0 {
		return nil
	}
	oldest, err := t.oldestLeftover(snap)
	if err != nil {
		return err
	}
	var errs []error
	for _, h := range done {
		if h.number >= oldest {
			continue
		}
		if err := t.fs.RemoveAll(t.tombstoneName(h.number)); err != nil {
			errs = append(errs, err)
			continue
		}
		t.mu.Lock()
		t.deletes = slices.DeleteFunc(slices.Clone(t.deletes), func(o *hiding) bool { return o == h })
		t.m.deletesPending.Set(float64(len(t.deletes)))
		t.mu.Unlock()
		t.log.Info("deleted rows are gone from disk", "number", h.number)
	}
	return errors.Join(errs...)
}

// oldestLeftover returns the last segment of the oldest part or segment that is
// on disk though not in use: one whose readers are not done, or that could not
// be deleted. What is gone when it returns is gone for good.
func (t *table) oldestLeftover(snap *snapshot) (uint64, error) {
	used := map[string]bool{}
	for _, p := range snap.parts {
		used[p.dir] = true
	}
	oldest := ^uint64(0)
	days, err := t.fs.List(t.dir)
	if err != nil {
		return 0, err
	}
	for _, d := range days {
		if _, ok := parseDay(d.Name); !ok || !d.IsDir {
			continue
		}
		dayDir := path.Join(t.dir, d.Name)
		entries, err := t.fs.List(dayDir)
		if err != nil {
			return 0, err
		}
		for _, e := range entries {
			if id, ok := parsePartID(e.Name); ok && !used[path.Join(dayDir, e.Name)] {
				oldest = min(oldest, id.last)
			}
		}
		if err := t.fs.SyncDir(dayDir); err != nil {
			return 0, err
		}
	}
	segments, err := t.fs.List(t.walDir)
	if err != nil {
		return 0, err
	}
	for _, e := range segments {
		if number, ok := segmentNumber(strings.TrimSuffix(e.Name, tmpSuffix)); ok {
			oldest = min(oldest, number)
		}
	}
	return oldest, t.fs.SyncDir(t.walDir)
}
