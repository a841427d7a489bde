package event

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"syscall"
	"time"

	"github.com/oriel-obs/oriel/internal/fair"
)

const (
	// mergeInterval is how often parts are looked at that time alone has made
	// worth merging.
	mergeInterval = time.Minute

	// mergeBackOff is how long merging rests after a failure, which is a full
	// disk as a rule.
	mergeBackOff = time.Minute
)

// mergeLoop merges parts, one merge at a time over both signals, and writes
// those anew that have deleted rows.
func (s *Store) mergeLoop(ctx context.Context) error {
	tick := time.NewTicker(mergeInterval)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-s.merges:
		case <-tick.C:
		}
		s.mergeRound(ctx, time.Now())
	}
}

// mergeRound merges what is worth it at a time, unless a failure is too fresh.
func (s *Store) mergeRound(ctx context.Context, now time.Time) {
	if now.Before(s.mergeRest) {
		return
	}
	if err := s.mergeAll(ctx, mergePace{now: now, share: s.tables[0].cfg.MergeCPU}); err != nil && ctx.Err() == nil {
		s.mergeRest = now.Add(mergeBackOff)
		s.tables[0].log.Warn("parts could not be merged, which is tried again later; nothing is lost", "err", err)
	}
}

// A mergePace says how eagerly to merge.
type mergePace struct {
	now    time.Time
	urgent bool    // whether deletes do not wait for others to come
	share  float64 // of one core
}

// nudgeMerges wakes the merge loop.
func (s *Store) nudgeMerges() {
	select {
	case s.merges <- struct{}{}:
	default:
	}
}

// Merge does at once and at full speed what Run would do bit by bit: it merges
// the parts that are worth it and writes those anew that have deleted rows. It
// is for tests and tools.
func (s *Store) Merge(ctx context.Context) error {
	return s.mergeAll(ctx, mergePace{now: time.Now(), urgent: true, share: 1})
}

// mergeAll merges until nothing is left that pays.
func (s *Store) mergeAll(ctx context.Context, pace mergePace) error {
	s.mergeMu.Lock()
	defer s.mergeMu.Unlock()
	var errs []error
	for _, t := range s.tables {
		errs = append(errs, t.mergeAll(ctx, pace))
	}
	return errors.Join(errs...)
}

func (t *table) mergeAll(ctx context.Context, pace mergePace) error {
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := t.settle(ctx, pace); err != nil {
			return err
		}
		j := t.nextMerge(pace.now, pace.urgent)
		if j == nil {
			t.sweep()
			return t.finishDeletes()
		}
		err := j.run(ctx, pace.share)
		j.release()
		if err != nil {
			t.m.mergeErrors.Inc()
			return err
		}
	}
}

// run replaces the sources by one part, or by none if no visible row is left.
// A crash at any moment leaves either all of them or what supersedes them. A
// source that proves damaged is set aside, and the merge is left for the next
// round.
func (j *mergeJob) run(ctx context.Context, share float64) error {
	t, start := j.t, time.Now()
	for _, p := range j.sources {
		p.enter()
		defer p.leave()
	}
	dir := path.Join(t.dir, dayName(j.sources[0].day), j.name().String())
	// A merge whose last step failed may have left the same part: nobody uses
	// it, and it may lack what was deleted since.
	if err := t.discard(dir); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := j.room(); err != nil {
		return err
	}
	meta, read, err := j.write(ctx, dir+tmpSuffix, share)
	if err == nil {
		err = ctx.Err()
	}
	if err == nil && meta != nil {
		if err = t.fs.Rename(dir+tmpSuffix, dir); err == nil {
			err = t.fs.SyncDir(path.Dir(dir))
		}
		if err != nil { // it may be there; nobody is to find it
			t.retire([]*part{t.newPart(dir, j.sources[0].day, meta)})
		}
	}
	if err != nil {
		_ = t.fs.RemoveAll(dir + tmpSuffix)
		if errors.Is(err, errUnfit) {
			return nil
		}
		return fmt.Errorf("merge %d parts into %s: %w", len(j.sources), dir, err)
	}
	var merged *part
	if meta != nil {
		merged = t.newPart(dir, j.sources[0].day, meta)
		t.m.mergedRows.Add(float64(meta.Rows))
		t.m.mergedBytes.Add(float64(meta.bytes()))
	}
	t.m.mergeReadBytes.Add(float64(read))
	t.m.mergeSeconds.Observe(time.Since(start).Seconds())
	j.install(merged)
	return nil
}

// room returns an error if a merge would take from writes the last of the disk:
// until the sources are deleted it needs as much again as they do.
func (j *mergeJob) room() error {
	fsys, ok := j.t.fs.(interface {
		Free(dir string) (int64, error)
	})
	if !ok {
		return nil // not known
	}
	var need int64
	for _, p := range j.sources {
		need += p.meta.bytes()
	}
	need += spareRoom
	free, err := fsys.Free(j.t.dir)
	if err != nil {
		return fmt.Errorf("look for room to merge: %w", err)
	}
	if free < need {
		return fmt.Errorf("merge %d parts: needs %d bytes of disk, %d are free: %w", len(j.sources), need, free, syscall.ENOSPC)
	}
	return nil
}

// spareRoom is left for writes by merges.
const spareRoom = 256 << 20

// name returns the name of the part to be written.
func (j *mergeJob) name() partID {
	first, last := j.sources[0].meta, j.sources[len(j.sources)-1].meta
	id := partID{first: first.Segments[0], last: last.Segments[1]}
	if len(j.sources) == 1 {
		id.rewrite = first.Rewrite + 1
	}
	return id
}

// write writes the visible rows of the sources to a folder; meta is nil if
// there are none.
func (j *mergeJob) write(ctx context.Context, dir string, share float64) (meta *partMeta, read int64, err error) {
	id := j.name()
	r, err := newMergeReader(j)
	if err != nil {
		return nil, 0, err
	}
	var w *partWriter
	defer func() {
		if err != nil && w != nil {
			w.abort()
		}
	}()
	granule := func() (more bool, err error) {
		b, bad, err := r.next()
		if err != nil {
			return false, j.bad(bad, err)
		}
		if b == nil {
			return false, nil
		}
		if w == nil {
			m := partMeta{
				Day: j.sources[0].meta.Day, Segments: [2]uint64{id.first, id.last}, Rewrite: id.rewrite, Deletes: j.deletes,
			}
			if w, err = j.newWriter(dir, m); err != nil {
				return false, err
			}
		}
		return true, w.add(b)
	}
	for more := true; more; {
		if err := ctx.Err(); err != nil {
			return nil, 0, err
		}
		done := fair.Work(ctx)
		start := time.Now()
		more, err = granule()
		done()
		if err == nil && more {
			err = pause(ctx, time.Since(start), share)
		}
		if err != nil {
			return nil, 0, err
		}
	}
	for _, s := range r.sources {
		read += s.bytes
	}
	if w == nil {
		return nil, read, nil
	}
	meta, err = w.finish()
	return meta, read, err
}

// pause waits after some work, so that work is no more than a share of the
// time.
func pause(ctx context.Context, work time.Duration, share float64) error {
	if share >= 1 {
		return nil
	}
	wait := time.NewTimer(time.Duration(float64(work) * (1/share - 1)))
	defer wait.Stop()
	select {
	case <-wait.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// newWriter makes the writer of a part with the rows of the sources.
func (j *mergeJob) newWriter(dir string, m partMeta) (*partWriter, error) {
	text, hot, err := j.shape()
	if err != nil {
		return nil, err
	}
	plan, err := j.planBodies()
	if err != nil {
		return nil, err
	}
	return j.t.newPartWriter(dir, m, text, hot, plan)
}

// bad judges an error of reading p, as table.corrupt does. It is errUnfit if p
// was set aside.
func (j *mergeJob) bad(p *part, err error) error {
	if err = j.t.corrupt(p, err); err == nil {
		return errUnfit
	}
	return err
}

// install replaces the sources by merged, which may be nil, in one step. If one
// of them was dropped or set aside meanwhile, merged is deleted again.
func (j *mergeJob) install(merged *part) {
	t := j.t
	t.mu.Lock()
	rest := slices.DeleteFunc(slices.Clone(t.parts), func(p *part) bool { return slices.Contains(j.sources, p) })
	ok := len(rest)+len(j.sources) == len(t.parts)
	if ok {
		if merged != nil {
			rest = append(rest, merged)
			sortParts(rest)
		}
		t.parts = rest
	}
	t.mu.Unlock()
	old := j.sources
	if !ok {
		old = nil
		if merged != nil {
			old = []*part{merged}
		}
	}
	t.retire(old)
}

// retire deletes parts that are out of service with their last reference.
func (t *table) retire(parts []*part) {
	t.mu.Lock()
	t.retired = append(t.retired, parts...)
	t.mu.Unlock()
	for _, p := range parts {
		p.gone.Store(true)
		p.release()
	}
}

// sweep deletes the parts and segments that could not be deleted when it was
// their time. No merge is running.
func (t *table) sweep() {
	t.mu.Lock()
	retired, flushed := t.retired, t.flushed
	t.retired, t.flushed = nil, nil
	used := map[string]bool{} // a later merge may have written the same part
	for _, p := range t.parts {
		used[p.dir] = true
	}
	t.mu.Unlock()
	for _, h := range flushed {
		t.dropSegment(h)
	}
	retired = slices.DeleteFunc(retired, func(p *part) bool {
		if p.refs.Load() > 0 {
			return false
		}
		if used[p.dir] {
			return true
		}
		err := t.discard(p.dir)
		return err == nil || errors.Is(err, fs.ErrNotExist)
	})
	t.mu.Lock()
	t.retired = append(t.retired, retired...)
	t.mu.Unlock()
}
