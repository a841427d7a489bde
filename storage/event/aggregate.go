package event

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/bits-and-blooms/bitset"

	"github.com/oriel-obs/oriel/internal/fault"
	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/storage"
)

// Aggregate implements query.EventSource. It plans as a scan does, counts the
// rows of a granule into arrays, and merges them into the groups once for each
// group that the granule has. Stream tables answer for whole granules where
// they can.
func (s *Store) Aggregate(ctx context.Context, a storage.Aggregate) ([]storage.Group, error) {
	t := s.table(a.Signal)
	if t == nil {
		return nil, fmt.Errorf("aggregate signal %v: %w", a.Signal, fault.ErrInvalid)
	}
	ctx, done := t.observe(ctx, "event aggregate", a.Where, a.Stats)
	start := time.Now()
	snap := t.snapshot()
	defer snap.release()
	sc := storage.Scan{Signal: a.Signal, Range: a.Range, Where: a.Where}
	g := &aggregation{
		scanner: scanner{t: t, sc: sc, filter: newFilter(a.Where), gate: s.gateFor(ctx), scratches: &s.scratches},
		a:       a, groups: newGroupSet(a),
	}
	err := g.plan(ctx, snap)
	g.stats.PlanTime = time.Since(start)
	if err == nil {
		err = sweep(ctx, g.gate, g.tasks())
	}
	done(g.stats, err)
	if err != nil {
		return nil, err
	}
	return g.groups.list, nil
}

// An aggregation runs one Aggregate.
type aggregation struct {
	scanner // for its plan
	a       storage.Aggregate

	mu     sync.Mutex // guards what follows, and stats
	groups *groupSet
}

// tasks divides the units among tasks.
func (g *aggregation) tasks() []task {
	var out []task
	byTable := map[*part][]unit{} // what its stream table knows
	var parts []*part
	counters := make([]counter, g.gate.room())
	wanted := map[*part]*bitset.BitSet{}
	for _, u := range g.units {
		if u.part == nil || !g.tableKnows(u) {
			if u.part != nil && u.keep != nil && !g.groups.hasClasses() {
				if _, known := wanted[u.part]; !known {
					wanted[u.part] = allWanted(u.part, u.keep)
				}
				if in := wanted[u.part]; in != nil && in.Test(uint(u.number)) {
					u.keep = nil // and the column of streams is not needed
				}
			}
			out = append(out, func(worker int) error { return g.countUnit(u, &counters[worker]) })
			continue
		}
		if byTable[u.part] == nil {
			parts = append(parts, u.part)
		}
		byTable[u.part] = append(byTable[u.part], u)
	}
	for _, p := range parts {
		out = append(out, func(int) error { return g.countTable(p, byTable[p]) })
	}
	return out
}

// allWanted returns the granules of which keep has the streams of all rows, or
// nil if that cannot be told.
func allWanted(p *part, keep []bool) *bitset.BitSet {
	p.enter()
	defer p.leave()
	t, err := p.streams()
	if err != nil {
		return nil
	}
	rows := make([]int64, len(p.meta.Granules))
	for i, k := range keep {
		if k && t.counts(i, p.meta.Granules, func(g int, n, _ int64) { rows[g] += n }) != nil {
			return nil
		}
	}
	out := bitset.New(uint(len(rows)))
	for g, n := range rows {
		out.SetTo(uint(g), n == int64(p.meta.Granules[g].Rows))
	}
	return out
}

// fits reports whether all rows of u are in the range, and whether they are
// in one bucket.
func (g *aggregation) fits(u unit) (inRange, oneBucket bool) {
	return g.a.Range.Contains(u.minTime) && g.a.Range.Contains(u.maxTime), g.a.BucketStart(u.minTime) == g.a.BucketStart(u.maxTime)
}

// tableKnows reports whether the stream table alone tells all about u.
func (g *aggregation) tableKnows(u unit) bool {
	inRange, oneBucket := g.fits(u)
	return inRange && oneBucket && len(u.hidden) == 0 && len(u.filter.steps) == 0 && len(g.groups.onRow) == 0 && g.a.Of == nil
}

// countTable counts units of p by its stream table.
func (g *aggregation) countTable(p *part, units []unit) error {
	p.enter()
	defer p.leave()
	start := time.Now()
	counts, err := g.readTable(p, units)
	if err != nil {
		return g.t.corrupt(p, err)
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.stats.ReadTime += time.Since(start)
	classes := g.groups.classesOf(source{p, p.meta.Segments[0]}, counts.streams, units[0].keep)
	for _, n := range counts.found {
		group, err := g.groups.group(classes[n.local], nil)
		if err != nil {
			return err
		}
		n.addTo(g.groups.bucket(group, n.start))
	}
	return nil
}

// readTable returns the counts by stream of units of p, each of them in one
// bucket.
func (g *aggregation) readTable(p *part, units []unit) (*tableCounts, error) {
	if p.unfit.Load() {
		return nil, errUnfit
	}
	t, err := p.streams()
	if err != nil {
		return nil, err
	}
	out := &tableCounts{streams: t.streams}
	keep := units[0].keep
	whole := len(units) == len(p.meta.Granules) && g.a.BucketStart(p.meta.MinTime) == g.a.BucketStart(p.meta.MaxTime)
	const unwanted = -1
	unitOf := slices.Repeat([]int{unwanted}, len(p.meta.Granules))
	for i, u := range units {
		unitOf[u.number] = i
	}
	for i := range t.streams {
		if keep != nil && !keep[i] {
			continue
		}
		if whole {
			out.add(uint32(i), g.a.BucketStart(p.meta.MinTime), t.rows[i], t.bytes[i])
			continue
		}
		first := len(out.found)
		err := t.counts(i, p.meta.Granules, func(n int, rows, bytes int64) {
			if unitOf[n] == unwanted {
				return
			}
			start := g.a.BucketStart(units[unitOf[n]].minTime)
			if last := len(out.found) - 1; last >= first && out.found[last].start == start {
				out.found[last].rows += rows
				out.found[last].bytes += bytes
				return
			}
			out.add(uint32(i), start, rows, bytes)
		})
		if err != nil {
			return nil, err
		}
	}
	if !g.a.Bytes {
		for i := range out.found {
			out.found[i].bytes = 0
		}
	}
	return out, nil
}

// tableCounts are counts by stream.
type tableCounts struct {
	streams []*model.Stream
	found   []localCount
}

func (t *tableCounts) add(stream uint32, start, rows, bytes int64) {
	t.found = append(t.found, localCount{local: stream, start: start, rows: rows, bytes: bytes})
}
