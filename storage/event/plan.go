package event

import (
	"cmp"
	"context"
	"fmt"
	"runtime/debug"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/bits-and-blooms/bitset"

	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/storage"
)

// A planner finds the granules of parts that may hold rows of a scan. A scan
// may have several, each for some of the parts.
type planner struct {
	t      *table
	filter *filter
	over   model.Range

	special map[string]*filter                 // of filterOf
	known   map[*filter]map[*model.Stream]bool // whether it keeps the stream
	stats   storage.Stats
}

// plan lists the units that may hold rows, in the order of the scan.
func (x *scanner) plan(ctx context.Context, snap *snapshot) error {
	for _, h := range snap.heads {
		x.planHead(h, h.hiddenBy(snap.hidings))
	}
	var parts []*part
	for _, p := range snap.parts {
		if !p.unfit.Load() && x.sc.Range.Overlaps(p.meta.MinTime, p.meta.MaxTime) {
			parts = append(parts, p)
		}
	}
	if err := x.planParts(ctx, parts, snap.hidings); err != nil {
		return err
	}
	if x.sc.Reverse {
		slices.SortFunc(x.units, func(a, b unit) int { return cmp.Compare(b.maxTime, a.maxTime) })
	} else {
		slices.SortFunc(x.units, func(a, b unit) int { return cmp.Compare(a.minTime, b.minTime) })
	}
	return nil
}

func (x *scanner) planHead(h headView, hidden []hide) {
	if h.rows == 0 || !x.sc.Range.Overlaps(h.minTime, h.maxTime) {
		return
	}
	keep, none := x.filter.keepStreams(h.streams)
	if none {
		return
	}
	for i, c := range h.chunks {
		if x.sc.Range.Overlaps(c.minTime, c.maxTime) {
			x.units = append(x.units, unit{
				order: [2]uint64{h.segment, uint64(i)}, minTime: c.minTime, maxTime: c.maxTime,
				keep: keep, chunk: c, streams: h.streams, number: i, hidden: hidden, filter: x.filter,
			})
		}
	}
}

// partsPerPlanner is for how many parts another planner pays.
const partsPerPlanner = 8

// planParts plans parts, several at once as far as the gate has room.
func (x *scanner) planParts(ctx context.Context, parts []*part, hidings []*hiding) error {
	var next atomic.Int64
	units, errs := make([][]unit, len(parts)), make([]error, len(parts))
	work := func(pl *planner) {
		for {
			i := int(next.Add(1)) - 1
			if i >= len(parts) {
				return
			}
			if errs[i] = ctx.Err(); errs[i] == nil {
				if units[i], errs[i] = pl.part(parts[i], hidings); errs[i] != nil {
					errs[i] = x.t.corrupt(parts[i], errs[i])
				}
			}
			if errs[i] != nil {
				next.Store(int64(len(parts)))
			}
		}
	}
	planners := []*planner{x.planner()}
	var wg sync.WaitGroup
	panics := make(chan error, x.gate.room())
	for range min(x.gate.room(), len(parts)/partsPerPlanner) - 1 {
		if !x.gate.tryEnter(ctx) {
			break
		}
		pl := x.planner()
		planners = append(planners, pl)
		wg.Go(func() {
			defer func() {
				if v := recover(); v != nil { // here it would end the process
					panics <- fmt.Errorf("plan: %v\n%s", v, debug.Stack())
				}
				x.gate.leave(ctx)
			}()
			work(pl)
		})
	}
	func() {
		defer wg.Wait()
		work(planners[0])
	}()
	select {
	case err := <-panics:
		panic(err)
	default:
	}
	for _, pl := range planners {
		x.stats.Add(pl.stats)
	}
	for i, err := range errs {
		if err != nil {
			return err
		}
		x.units = append(x.units, units[i]...)
	}
	return nil
}

func (x *scanner) planner() *planner {
	return &planner{t: x.t, filter: x.filter, over: x.sc.Range}
}

// part returns the units of p.
func (pl *planner) part(p *part, hidings []*hiding) (units []unit, err error) {
	p.enter()
	defer p.leave()
	pl.stats.Parts++
	granules := p.meta.Granules
	in := bitset.New(uint(len(granules)))
	for i, g := range granules {
		in.SetTo(uint(i), pl.over.Overlaps(g.MinTime, g.MaxTime))
	}
	f, err := pl.filterOf(p)
	if err != nil {
		return nil, err
	}
	keep, halves, err := pl.granules(p, f, in)
	pl.stats.GranulesPruned += int64(len(granules)) - int64(in.Count())
	if err != nil || in.None() {
		return nil, err
	}
	hidden, err := p.hiddenBy(hidings)
	if err != nil {
		return nil, err
	}
	for i := range in.EachSet() {
		u := unit{
			order: [2]uint64{p.meta.Segments[0], uint64(i)}, minTime: granules[i].MinTime, maxTime: granules[i].MaxTime,
			keep: keep, part: p, number: int(i), hidden: hidden, filter: f,
		}
		if halves != nil {
			u.half = halves[i]
		}
		units = append(units, u)
	}
	return units, nil
}

// granules removes from in the granules that cannot hold rows that f keeps, as
// streams and the token index tell, and returns the streams wanted and, unless
// nil, which half of each granule. An index that is open goes first: in most
// parts it rules out all there is to a needle, for less than a look at every
// stream takes.
func (pl *planner) granules(p *part, f *filter, in *bitset.BitSet) (keep []bool, halves []half, err error) {
	t, err := p.streams()
	if err != nil {
		return nil, nil, err
	}
	indexed := len(f.indexed) > 0
	early := indexed && p.hasIndexOpen()
	if early {
		if halves, err = pl.ask(p, f.indexed, in); err != nil || in.None() {
			return nil, nil, err
		}
	}
	keep, none := pl.keepStreams(f, t.streams)
	if none {
		in.ClearAll()
		return nil, nil, nil
	}
	if keep != nil {
		have, err := t.granulesWith(keep, p.meta.Granules)
		if err != nil {
			return nil, nil, err
		}
		in.InPlaceIntersection(have)
	}
	if !indexed || in.None() {
		return keep, nil, nil
	}
	if !early {
		if halves, err = pl.ask(p, f.indexed, in); err != nil {
			return nil, nil, err
		}
	}
	if keep != nil && p.halves() > 1 && in.Any() { // which half of a granule has such streams
		with, err := pl.ask(p, f.streams, in)
		return keep, bothHalves(in, halves, with), err
	}
	return keep, halves, nil
}

// ask removes from in the granules that the token index rules out, and returns
// what narrowHalves does.
func (pl *planner) ask(p *part, where storage.Predicate, in *bitset.BitSet) ([]half, error) {
	tokens, err := p.index(pl.t.tokens)
	if err != nil {
		return nil, err
	}
	pl.stats.IndexLookups++
	candidates, all, err := tokens.Granules(where)
	if err != nil || all {
		return nil, err
	}
	return p.narrowHalves(in, candidates), nil
}

// keepStreams is f.keepStreams, but looks at a stream that parts share once.
func (pl *planner) keepStreams(f *filter, streams []*model.Stream) (keep []bool, none bool) {
	if f.streams == nil {
		return nil, len(streams) == 0
	}
	known := pl.known[f]
	if known == nil {
		known = map[*model.Stream]bool{}
		if pl.known == nil {
			pl.known = map[*filter]map[*model.Stream]bool{}
		}
		pl.known[f] = known
	}
	var fresh []*model.Stream
	for _, s := range streams {
		if _, ok := known[s]; !ok {
			fresh = append(fresh, s)
		}
	}
	for i, k := range matchStreams(f.streams, fresh) {
		known[fresh[i]] = k
	}
	keep = make([]bool, len(streams))
	for i, s := range streams {
		keep[i] = known[s]
	}
	return tidy(keep)
}
