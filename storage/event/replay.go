package event

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/oriel-obs/oriel/internal/vfs"
	"github.com/oriel-obs/oriel/model"
)

// load reads the table's folder: parts first, then the segments whose rows are
// not in parts.
func (t *table) load() error {
	if err := t.fs.MkdirAll(t.walDir); err != nil {
		return err
	}
	data := path.Dir(t.dir)
	for _, dir := range []string{path.Dir(data), data, t.dir} {
		// The folder above the data may be none of ours to open.
		if err := t.fs.SyncDir(dir); err != nil && !errors.Is(err, fs.ErrPermission) {
			return err
		}
	}
	t.countQuarantined()
	if err := t.loadParts(); err != nil {
		return err
	}
	if err := t.loadDeletes(); err != nil {
		return err
	}
	t.limits = t.retentionAt(time.Now())
	last, err := t.replay()
	if err != nil {
		return err
	}
	for _, p := range t.parts {
		last = max(last, p.meta.Segments[1], p.meta.Deletes)
	}
	for _, h := range t.deletes {
		last = max(last, h.number)
	}
	// Numbers are never used twice: the newest segment is deleted only when a
	// newer one is there.
	seg, err := createSegment(t.fs, t.walDir, last+1)
	if err != nil {
		return err
	}
	t.mu.Lock()
	t.activate(seg)
	t.mu.Unlock()
	t.nudge()
	return nil
}

// loadParts finds the parts, cleans up what flushes, merges and retention left,
// and sets aside what does not open.
func (t *table) loadParts() error {
	days, err := t.fs.List(t.dir)
	if err != nil {
		return err
	}
	for _, d := range days {
		if day, ok := parseDay(d.Name); ok && d.IsDir {
			if err := t.loadDay(day); err != nil {
				return err
			}
		}
	}
	sortParts(t.parts)
	return nil
}

// loadDay loads the parts of a day. A part that another supersedes is what a
// merge had no time to delete: it holds no row that the other lacks, but for
// those that were deleted.
func (t *table) loadDay(day int64) error {
	dayDir := path.Join(t.dir, dayName(day))
	entries, err := t.fs.List(dayDir)
	if err != nil {
		return err
	}
	var ids []partID
	for _, e := range entries {
		if strings.HasSuffix(e.Name, tmpSuffix) {
			if err := t.fs.RemoveAll(path.Join(dayDir, e.Name)); err != nil {
				return err
			}
		} else if id, ok := parsePartID(e.Name); ok && e.IsDir {
			ids = append(ids, id)
		}
	}
	slices.SortFunc(ids, func(a, b partID) int { // what supersedes comes first
		return cmp.Or(cmp.Compare(b.last-b.first, a.last-a.first), cmp.Compare(b.rewrite, a.rewrite))
	})
	var loaded []partID
	for _, id := range ids {
		dir := path.Join(dayDir, id.String())
		if slices.ContainsFunc(loaded, func(o partID) bool { return o.supersedes(id) }) {
			if err := t.discard(dir); err != nil {
				return err
			}
			continue
		}
		p, err := t.loadPart(dir, day)
		if err != nil {
			t.setAside(dir, err)
			continue
		}
		t.parts, loaded = append(t.parts, p), append(loaded, id)
	}
	return nil
}

// discard deletes a part's folder, under a temporary name first, so that it is
// complete or absent even if there is no time to finish.
func (t *table) discard(dir string) error {
	if err := t.fs.Rename(dir, dir+tmpSuffix); err != nil {
		return err
	}
	return t.fs.RemoveAll(dir + tmpSuffix)
}

// inPart reports whether the segment's rows of a day are in a part.
func (t *table) inPart(day int64, segment uint64) bool {
	return slices.ContainsFunc(t.parts, func(p *part) bool {
		return p.day == day && p.meta.Segments[0] <= segment && segment <= p.meta.Segments[1]
	})
}

// replay makes a head of each segment, without the rows that are in parts, and
// returns the highest segment number there is.
func (t *table) replay() (last uint64, err error) {
	entries, err := t.fs.List(t.walDir)
	if err != nil {
		return 0, err
	}
	var numbers []uint64
	for _, e := range entries {
		if strings.HasSuffix(e.Name, tmpSuffix) {
			if err := t.fs.Remove(path.Join(t.walDir, e.Name)); err != nil {
				return 0, err
			}
		} else if number, ok := segmentNumber(e.Name); ok && !e.IsDir {
			numbers = append(numbers, number)
		}
	}
	var at atomic.Int64
	told := t.cfg.Replays[t.signal]
	told.Begin(func() (int, int) { return int(at.Load()), len(numbers) })
	defer told.End()
	for i, number := range numbers {
		at.Store(int64(i + 1))
		last = max(last, number)
		h, err := t.replaySegment(number)
		if err != nil {
			return 0, err
		}
		t.frozen = append(t.frozen, h) // an empty one is only deleted
	}
	slices.SortFunc(t.frozen, func(a, b *head) int { return int(int64(a.segment) - int64(b.segment)) })
	return last, nil
}

func (t *table) replaySegment(number uint64) (*head, error) {
	name := segmentName(t.walDir, number)
	b, err := vfs.ReadFile(t.fs, name)
	if err != nil {
		return nil, err
	}
	h := newHead(t.signal, number)
	h.file, h.logged = name, int64(len(b))
	covered := map[int64]bool{}
	bad := readSegment(b, number, func(payload []byte) error {
		batch, err := parseBatch(stringOf(payload))
		if err != nil {
			return err
		}
		if batch.Signal != t.signal {
			return fmt.Errorf("batch of %v", batch.Signal)
		}
		if batch = t.uncovered(batch, number, covered); batch.Len() > 0 {
			h.append(batch, batchBytes(batch))
		}
		return nil
	})
	t.m.replayedRows.Add(float64(h.rows))
	switch {
	case bad == nil:
	case bad.torn:
		t.log.Info("cut off the end of a segment that a crash left incomplete; nothing in it was acknowledged",
			"segment", name, "offset", bad.offset, "bytes", int64(len(b))-bad.offset)
	default:
		h.damaged = true
		t.noteDamage()
		t.cfg.Replays[t.signal].Damage()
		t.log.Error("a segment of the write-ahead log is damaged; rows after that are lost, and it will be set aside",
			"segment", name, "offset", bad.offset, "bytes", int64(len(b))-bad.offset, "why", bad.err)
	}
	for day, in := range covered {
		if in { // the segment will be deleted on the strength of this part's name
			if err := t.fs.SyncDir(path.Join(t.dir, dayName(day))); err != nil {
				return nil, err
			}
		}
	}
	return h, nil
}

// uncovered drops the rows of b that are in parts; covered remembers days.
func (t *table) uncovered(b *model.Batch, segment uint64, covered map[int64]bool) *model.Batch {
	var picks []pick
	for i, at := range b.Time {
		day := dayOf(at)
		in, known := covered[day]
		if !known {
			in = t.inPart(day, segment)
			covered[day] = in
		}
		if !in {
			picks = append(picks, pick{0, uint32(i)})
		}
	}
	if len(picks) == b.Len() {
		return b
	}
	return gather(b.Signal, []*model.Batch{b}, picks, nil)
}

// setAside moves a part that cannot be read to the quarantine folder and says
// so. The part is no longer looked at, even if the move fails.
func (t *table) setAside(dir string, why error) {
	to := path.Join(t.quarantine, path.Base(path.Dir(dir))+"_"+path.Base(dir))
	err := t.fs.MkdirAll(t.quarantine)
	if err == nil {
		err = t.fs.RemoveAll(to)
	}
	if err == nil {
		err = t.fs.Rename(dir, to)
	}
	t.noteDamage()
	t.log.Error("a damaged part was set aside; its rows are missing from answers",
		"part", dir, "moved_to", to, "why", why, "move_err", err)
}

func (t *table) noteDamage() {
	t.mu.Lock()
	t.damaged++
	t.m.quarantined.Set(float64(t.damaged))
	t.mu.Unlock()
}

// countQuarantined counts what earlier runs have set aside.
func (t *table) countQuarantined() {
	if entries, err := t.fs.List(t.quarantine); err == nil {
		t.damaged = len(entries)
		t.m.quarantined.Set(float64(t.damaged))
	}
}

// errUnfit says that a part left service while a scan was on its way to it.
var errUnfit = errors.New("part is out of service")

// corrupt judges an error of reading p. Wrong bytes put the part out of
// service and the scan goes on without it; a failing disk or a full table of
// open files does not, and its error is returned.
func (t *table) corrupt(p *part, err error) error {
	if p == nil || err == nil {
		return err
	}
	if p.unfit.Load() && (errors.Is(err, errUnfit) || errors.Is(err, fs.ErrNotExist)) {
		return nil
	}
	var pathErr *fs.PathError
	if io := (ioError{}); errors.As(err, &io) || errors.As(err, &pathErr) && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("read part %s: %w", p.dir, err)
	}
	if p.unfit.Swap(true) {
		return nil // another scan saw it first
	}
	t.mu.Lock()
	n := len(t.parts)
	t.parts = slices.DeleteFunc(slices.Clone(t.parts), func(o *part) bool { return o == p })
	listed := len(t.parts) < n
	t.mu.Unlock()
	t.setAside(p.dir, err)
	if listed {
		p.release()
	}
	return nil
}
