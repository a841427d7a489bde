package downsample

import (
	promstorage "github.com/prometheus/prometheus/storage"
)

// A reading is how one selector reads windows.
type reading struct {
	rule
	function string // around the selector, "" if none
	spread   int64  // most time between two samples that the function must see; 0 if any
	aligned  bool   // every range, less surplus, begins and ends at ends of windows
	surplus  int64  // what is given is as much earlier, so that it does not reach into the window before
	group    int64  // then, every range is of whole groups of windows, group long,
	phase    int64  // that begin phase after multiples of group
	single   bool   // and of one
	moments  bool   // there are no ranges, and all moments are ends of groups
	bucket   int64  // of what has a mean, the resolution that was chosen; 0 means samples
	after    int64  // samples at this time and before it are not wanted
}

// A rule is what a function reads of windows.
type rule struct {
	batches func(*reading) batches
	first   lane
	last    lane
	means   bool // reads sums and counts for their mean
	inexact bool // the function needs samples, and reads windows only where there are none
}

// rules are those of functions of a range. Any other needs samples; where they
// are gone it sees the last of each window.
var rules = map[string]rule{
	"rate":              {newCounter, laneLast, laneExtra, false, false},
	"increase":          {newCounter, laneLast, laneExtra, false, false},
	"delta":             {newEnds, laneLast, laneExtra, false, false},
	"irate":             {newCounter, laneLast, laneExtra, false, true},
	"idelta":            {newEnds, laneLast, laneExtra, false, true},
	"min_over_time":     {newValue, laneMin, laneMin, false, false},
	"max_over_time":     {newValue, laneMax, laneMax, false, false},
	"sum_over_time":     {newShare, laneSum, laneSum, false, false},
	"avg_over_time":     {newMean, laneSum, laneCount, true, false},
	"count_over_time":   {newCount, laneCount, laneCount, false, false},
	"last_over_time":    {newSteps, laneLast, laneLast, false, false},
	"present_over_time": {newSteps, laneLast, laneLast, false, false},
	"absent_over_time":  {newSteps, laneLast, laneLast, false, false},
}

// groupEnd is the end of the group that t is in.
func (how *reading) groupEnd(t int64) int64 {
	return windowEnd(t-how.phase, how.group) + how.phase
}

// wideRange is the number of windows from which a range counts as wide: one
// window more or less at its edges does not matter much.
const wideRange = 10

// coarseStep is the same for the step of a selector of single moments: its
// values come up to a window late.
const coarseStep = 5

// choose returns how a selector with hints reads windows, and in which
// resolution; 0 means samples. No more than the resolution most is taken if
// that is not negative, and then the coarsest is, whatever the step.
func choose(resolutions []int64, hints *promstorage.SelectHints, most int64) (*reading, int64) {
	how := &reading{rule: rule{newSteps, laneLast, laneLast, false, true}}
	if hints == nil {
		hints = &promstorage.SelectHints{}
	}
	how.function = hints.Func
	switch {
	case hints.Range > 0:
		how.spread = hints.Range
		if r, ok := rules[hints.Func]; ok {
			how.rule = r
		}
	default:
		how.spread = lookback
		how.inexact = hints.Func == "timestamp"
	}
	var chosen int64
	for _, r := range resolutions {
		if how.inexact || hints.Func == "series" {
			break
		}
		if most >= 0 {
			if r <= most {
				chosen = r
			}
		} else if fits(r, hints) {
			chosen = r
		}
	}
	how.bucket = chosen
	if how.aligned = chosen > 0 && hints.Range > 0 && alignedRanges(chosen, hints); how.aligned {
		how.surplus = surplus(chosen, hints)
		rng := hints.Range - how.surplus
		how.group = rng
		for rest := hints.Step; rest > 0; {
			how.group, rest = rest, how.group%rest
		}
		how.phase = (hints.Start - 1 + how.surplus) % how.group
		how.single = how.group == rng
	}
	// If the lookback is another one, the last moment gives it away.
	first := hints.Start - 1 + lookback
	if chosen > 0 && hints.Range == 0 && hints.Step > 0 && alignedMoments(chosen, hints) && (hints.End-first)%hints.Step == 0 {
		how.moments, how.group, how.phase = true, hints.Step, first%hints.Step
	}
	return how, chosen
}

// fits says that windows of r answer as well as samples do: exactly, because
// ranges begin and end with windows, or nearly, because windows are short
// beside the step and the range.
func fits(r int64, h *promstorage.SelectHints) bool {
	if h.Range == 0 {
		return h.Step >= coarseStep*r || h.Step >= r && alignedMoments(r, h)
	}
	if h.Step == 0 {
		return h.Range >= wideRange*r
	}
	return h.Step >= r && (h.Range >= wideRange*r || alignedRanges(r, h))
}

// littleSurplus is the part of a range that may be left out, so that the rest is
// of whole windows: ranges of dashboards are often as long as the step and the
// time between two samples.
const littleSurplus = 50

// surplus is by how much the ranges of h are longer than windows of r; 0 if that
// is more than little.
func surplus(r int64, h *promstorage.SelectHints) int64 {
	if d := h.Range % r; d*littleSurplus <= h.Range {
		return d
	}
	return 0
}

// alignedRanges says that the ranges of h, less surplus at their beginning, begin
// and end at multiples of r. Start is the first millisecond of the first range.
func alignedRanges(r int64, h *promstorage.SelectHints) bool {
	d := surplus(r, h)
	return (h.Start-1+d)%r == 0 && h.Step%r == 0 && (h.Range-d)%r == 0
}

// alignedMoments says that the moments of h are multiples of r. Start is the
// first millisecond that they look back to.
func alignedMoments(r int64, h *promstorage.SelectHints) bool {
	return (h.Start-1+lookback)%r == 0 && h.Step%r == 0
}
