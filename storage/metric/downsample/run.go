package downsample

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/oriel-obs/oriel/internal/vfs"
)

// interval is between two passes over the blocks.
const interval = 10 * time.Second

// Run writes, renews, merges and drops blocks until ctx ends, in one goroutine
// that rests as long as it works.
func (s *Store) Run(ctx context.Context) error {
	t := time.NewTicker(interval)
	defer t.Stop()
	for {
		if err := s.Pass(ctx); err != nil && ctx.Err() == nil {
			s.metrics.failures.Inc()
			s.log.Warn("Old samples are not downsampled; it is tried again", "err", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-t.C:
		}
	}
}

// Pass does all that there is to do.
func (s *Store) Pass(ctx context.Context) error {
	defer s.observe()
	now := s.now().UnixMilli()
	for i, l := range s.levels {
		if err := s.retain(l, now); err != nil {
			return err
		}
		if err := s.noticeLate(l); err != nil {
			return err
		}
		if err := s.renew(ctx, i); err != nil {
			return err
		}
		if err := s.build(ctx, i, now); err != nil {
			return err
		}
		if err := s.merge(ctx, l, now); err != nil {
			return err
		}
	}
	return nil
}

// retain drops the blocks that have aged.
func (s *Store) retain(l *level, now int64) error {
	if l.Retention == 0 {
		return nil
	}
	for _, b := range l.blocks {
		if b.End >= now-l.retention() {
			break
		}
		if err := s.replace(l, nil, b); err != nil {
			return fmt.Errorf("drop block: %w", err)
		}
	}
	return nil
}

// noticeLate marks the blocks that samples came to after they were written,
// from an import or far out of order. A block of tsdb says of what others it
// was compacted, and their names when those were written: for samples that come
// in time that is within hours of the last of them.
func (s *Store) noticeLate(l *level) error {
	for _, raw := range s.db.Blocks() {
		m := raw.Meta()
		var written int64
		for _, id := range m.Compaction.Sources {
			written = max(written, int64(id.Time()))
		}
		if written < m.MaxTime+day {
			continue
		}
		maps.DeleteFunc(l.empty, func(start, found int64) bool {
			return written > found && m.MinTime <= start+day && start < m.MaxTime
		})
		for _, b := range l.blocks {
			if written <= int64(b.Meta().ULID.Time()) || !b.overlaps(m.MinTime-1, m.MaxTime-1) || b.rebuild.Load() {
				continue
			}
			if err := b.wantRebuild(); err != nil {
				return fmt.Errorf("mark block: %w", err)
			}
		}
	}
	return nil
}

// renew writes the blocks anew that are marked.
func (s *Store) renew(ctx context.Context, i int) error {
	l := s.levels[i]
	for _, b := range l.blocks {
		if !b.rebuild.Load() {
			continue
		}
		src := s.source(i, b.Start, b.End)
		if src == nil {
			src = windows{[]*block{b}, b.Start, b.End} // without what is deleted
		}
		in := info{Resolution: b.Resolution, Start: b.Start, End: b.End}
		if err := s.write(ctx, l, in, src, "renewed", b); err != nil {
			return err
		}
	}
	return nil
}

// source returns what windows of level i in (start, end] can be made of: finer
// windows, or else samples; nil if neither are left for the whole of it.
func (s *Store) source(i int, start, end int64) source {
	if i > 0 {
		if bs, ok := s.levels[i-1].cover(start, end); ok {
			return windows{bs, start, end}
		}
	}
	if s.rawFrom() <= start+1 {
		return rawSamples{s.db, start, end}
	}
	return nil
}

// cover returns the blocks that together have all of (start, end], as they are
// to be.
func (l *level) cover(start, end int64) (bs []*block, ok bool) {
	at := start
	for _, b := range l.blocks {
		if !b.overlaps(start, end) {
			continue
		}
		if b.rebuild.Load() {
			return nil, false
		}
		for ; at < b.Start; at += day {
			if _, ok := l.empty[at]; !ok {
				return nil, false
			}
		}
		bs, at = append(bs, b), b.End
	}
	return bs, at >= end
}

// rawFrom is the time of the oldest sample in the database, or the end of time.
func (s *Store) rawFrom() int64 {
	from := s.db.Head().MinTime()
	for _, b := range s.db.Blocks() {
		from = min(from, b.MinTime())
	}
	return from
}

// build writes a block for each day that is old enough and has none.
func (s *Store) build(ctx context.Context, i int, now int64) error {
	l := s.levels[i]
	todo := s.due(l, now)
	lag := s.metrics.lag.WithLabelValues(l.Resolution.String())
	for n, start := range todo {
		lag.Set(float64(len(todo) - n))
		src := s.source(i, start, start+day)
		if src == nil {
			src = rawSamples{s.db, start, start + day} // what there is of it
		}
		in := info{Resolution: l.resolution(), Start: start, End: start + day}
		if err := s.write(ctx, l, in, src, "new"); err != nil {
			return err
		}
	}
	lag.Set(0)
	return nil
}

// due lists the days, by start, that are to get a block.
func (s *Store) due(l *level, now int64) (starts []int64) {
	// A day that is not in blocks as a whole may get samples yet.
	until := min(now-l.after(), s.db.Head().MinTime()-1)
	done := make(map[int64]struct{})
	note := func(from, to int64, f func(start int64)) {
		for start := max(0, floorDay(from)); start < to; start += day {
			f(start)
		}
	}
	for _, b := range l.blocks {
		note(b.Start, b.End, func(start int64) { done[start] = struct{}{} })
	}
	want := func(start int64) {
		_, have := done[start]
		_, none := l.empty[start]
		if have || none || start+day > until || l.Retention != 0 && start+day < now-l.retention() {
			return
		}
		done[start] = struct{}{}
		starts = append(starts, start)
	}
	for _, raw := range s.db.Blocks() {
		note(raw.MinTime()-1, raw.MaxTime()-1, want)
	}
	if i := slices.Index(s.levels, l); i > 0 { // the samples may be gone
		for _, b := range s.levels[i-1].blocks {
			note(b.Start, b.End, want)
		}
	}
	slices.Sort(starts)
	return starts
}

func floorDay(t int64) int64 { return windowEnd(t+1, day) - day }

// spans are the lengths, in days, that blocks are merged to.
var spans = [...]int64{8, 64}

// merge makes one block of those in each aligned stretch of days that is
// complete.
func (s *Store) merge(ctx context.Context, l *level, now int64) error {
	due := s.due(l, now)
	for _, days := range spans {
		length := days * day
		if l.Retention != 0 && length > l.retention()/5 {
			return nil // so that not much is dropped at a time, nor kept for long
		}
		for _, group := range groups(l.blocks, length) {
			end := group[0].Start/length*length + length
			if len(group) < 2 || end > now-l.after() || unfinished(group, due, end-length, end) {
				continue
			}
			in := info{Resolution: l.resolution(), Start: group[0].Start, End: group[len(group)-1].End}
			if err := s.write(ctx, l, in, windows{group, in.Start, in.End}, "merged", group...); err != nil {
				return err
			}
		}
	}
	return nil
}

// groups are the blocks that lie in the same aligned stretch.
func groups(blocks []*block, length int64) (all [][]*block) {
	var last int64 = -1
	for _, b := range blocks {
		stretch := b.Start / length
		if (b.End-1)/length != stretch {
			continue
		}
		if stretch != last {
			all, last = append(all, nil), stretch
		}
		all[len(all)-1] = append(all[len(all)-1], b)
	}
	return all
}

// unfinished says that a block of [start, end) is still to be written.
func unfinished(group []*block, due []int64, start, end int64) bool {
	return slices.ContainsFunc(due, func(t int64) bool { return t >= start && t < end }) ||
		slices.ContainsFunc(group, func(b *block) bool { return b.rebuild.Load() })
}

// write writes a block and puts it in the place of gone. If something was
// deleted meanwhile, the block may have it, and is dropped to be written again.
func (s *Store) write(ctx context.Context, l *level, in info, src source, why string, gone ...*block) error {
	begin, deletes := time.Now(), s.deletes.Load()
	for _, b := range gone {
		in.Replaces = append(in.Replaces, b.Meta().ULID)
	}
	tmp, err := writeBlock(ctx, l.dir, in, src, rest(ctx))
	if err != nil {
		return fmt.Errorf("downsample %v to %v: %w", time.UnixMilli(in.Start).UTC(), l.Resolution, err)
	}

	s.changing.Lock()
	defer s.changing.Unlock()
	if s.deletes.Load() != deletes {
		return os.RemoveAll(tmp)
	}
	if tmp == "" {
		l.empty[in.Start] = begin.UnixMilli()
		return s.replace(l, nil, gone...)
	}
	name := strings.TrimSuffix(tmp, tmpSuffix)
	if err := os.Rename(tmp, name); err != nil {
		return errors.Join(fmt.Errorf("name block: %w", err), os.RemoveAll(tmp))
	}
	if err := (vfs.Disk{}).SyncDir(l.dir); err != nil {
		return err
	}
	b, err := openBlock(name)
	if err != nil {
		return errors.Join(err, removeBlock(name))
	}
	s.metrics.written.WithLabelValues(l.Resolution.String(), why).Inc()
	s.metrics.duration.WithLabelValues(l.Resolution.String()).Observe(time.Since(begin).Seconds())
	return s.replace(l, b, gone...)
}

// restEvery is the work after which a writer of blocks rests as long, so that
// queries and receivers have the processors.
const restEvery = 20 * time.Millisecond

// rest returns a function to be called again and again while at work.
func rest(ctx context.Context) func() {
	since := time.Now()
	return func() {
		worked := time.Since(since)
		if worked < restEvery {
			return
		}
		t := time.NewTimer(worked)
		defer t.Stop()
		select {
		case <-ctx.Done():
		case <-t.C:
		}
		since = time.Now()
	}
}
