package pushgateway

import (
	"maps"
	"math"
	"slices"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/metadata"
	stale "github.com/prometheus/prometheus/model/value"

	"github.com/oriel-obs/oriel/ingest/samples"
)

// The metrics that every group has.
const (
	pushTime        = "push_time_seconds"
	pushTimeHelp    = "Last Unix time when changing this group in the Pushgateway succeeded."
	failureTime     = "push_failure_time_seconds"
	failureTimeHelp = "Last Unix time when changing this group in the Pushgateway failed."
)

// A group is what the pushes of one path have left. It is replaced as a whole;
// only the references of its rows change.
type group struct {
	labels         labels.Labels
	families       map[string]*family // by name, with the two times
	pushed, failed int64              // ms; 0 for never
	last           int64              // time of the newest sample, ms
}

// withTimes returns g with the families of its times made anew.
func (g *group) withTimes(now int64) (*group, error) {
	for _, x := range []struct {
		name, help string
		at         int64
	}{{pushTime, pushTimeHelp, g.pushed}, {failureTime, failureTimeHelp, g.failed}} {
		f, err := gaugeOf(x.name, x.help, float64(x.at)/1000, g.labels, now)
		if err != nil {
			return nil, err
		}
		g.families[x.name] = f
	}
	return g, nil
}

// rows returns the number of series of g; a group that is not has none.
func (g *group) rows() int {
	if g == nil {
		return 0
	}
	n := 0
	for _, f := range g.families {
		n += len(f.rows)
	}
	return n
}

// store appends every row of g at now, or later if that has samples already.
func (g *group) store(b *samples.Batch, now int64) {
	g.last = max(now, g.last+1)
	for _, name := range slices.Sorted(maps.Keys(g.families)) {
		f := g.families[name]
		b.Meta = metadata.Metadata{}
		for _, r := range f.rows {
			if r.Labels.Get(model.MetricNameLabel) == name {
				b.Meta = f.meta
			}
			switch {
			case r.h != nil:
				b.AppendAny(&r.Series, g.last, 0, r.h.Copy(), nil)
			case r.fh != nil:
				b.AppendAny(&r.Series, g.last, 0, nil, r.fh.Copy())
			default:
				b.Append(&r.Series, g.last, r.v, nil)
			}
		}
	}
}

// end appends staleness markers to the rows of g that next, which may be nil,
// has no more, and takes over the references of the others.
func (g *group) end(next *group, b *samples.Batch, now int64) {
	at := max(now, g.last+1)
	b.Meta = metadata.Metadata{}
	kept := map[string]*row{}
	if next != nil {
		next.last = g.last
		for _, f := range next.families {
			for _, r := range f.rows {
				kept[r.key] = r
			}
		}
	}
	for _, f := range g.families {
		for _, r := range f.rows {
			if k := kept[r.key]; k != nil {
				k.Series = r.Series
			} else {
				b.Append(&r.Series, at, math.Float64frombits(stale.StaleNaN), nil)
			}
		}
	}
}
