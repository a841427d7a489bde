package fold

import (
	"math"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/value"
	"github.com/prometheus/prometheus/schema"
)

// absent stands in for a value at a step that has none. It is the NaN that marks
// series as stale: the engine takes no sample with it for a value, and arithmetic
// cannot make it, as it is a signaling one.
var absent = math.Float64frombits(value.StaleNaN)

func isAbsent(v float64) bool { return math.Float64bits(v) == value.StaleNaN }

// A series is what a node has for one set of labels: a value at each step, or
// absent.
type series struct {
	view
	values []float64
}

// A view is a set of labels that is not written down: that of a stored series,
// less or more of what operators do to it. Most series only go into a group, and
// of them no more than the few labels of that is looked at.
type view struct {
	base     labels.Labels
	nameless bool // without the name of the metric, its type and its unit

	keep   []string // if not nil, no labels but these,
	remove []string // and none of these

	right   labels.Labels // of the one series that the many were joined with,
	include []string      // which these come from
}

// get returns the value of a label, "" if there is none.
func (v *view) get(name string) string {
	for _, in := range v.include {
		if in == name {
			return v.right.Get(name)
		}
	}
	if v.nameless && schema.IsMetadataLabel(name) || v.keep != nil && !contains(v.keep, name) || contains(v.remove, name) {
		return ""
	}
	return v.base.Get(name)
}

// whole writes the labels down.
func (v *view) whole(b *labels.Builder) labels.Labels {
	if v.keep == nil && len(v.remove) == 0 && len(v.include) == 0 {
		if v.nameless {
			return v.base.DropReserved(schema.IsMetadataLabel)
		}
		return v.base
	}
	b.Reset(v.base)
	if v.nameless {
		schema.Metadata{}.SetToLabels(b)
	}
	if v.keep != nil {
		b.Keep(v.keep...)
	}
	b.Del(v.remove...)
	for _, name := range v.include {
		b.Set(name, v.right.Get(name)) // without a value, it goes
	}
	return b.Labels()
}

func contains(names []string, name string) bool {
	for _, n := range names {
		if n == name {
			return true
		}
	}
	return false
}
