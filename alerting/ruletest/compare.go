package ruletest

import (
	"cmp"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/prometheus/prometheus/model/labels"
)

// An alert is one that fires.
type alert struct{ Labels, Annotations labels.Labels }

type alerts []alert

func (as alerts) sort() {
	slices.SortFunc(as, func(a, b alert) int {
		return cmp.Or(labels.Compare(a.Labels, b.Labels), labels.Compare(a.Annotations, b.Annotations))
	})
}

func (as alerts) equal(bs alerts) bool {
	return slices.EqualFunc(as, bs, func(a, b alert) bool {
		return labels.Equal(a.Labels, b.Labels) && labels.Equal(a.Annotations, b.Annotations)
	})
}

// String renders alerts as promtool does.
func (as alerts) String() string {
	if len(as) == 0 {
		return "[]"
	}
	var b strings.Builder
	for i, a := range as {
		sep := ",\n"
		if i == 0 {
			sep = "[\n"
		}
		b.WriteString(sep + strconv.Itoa(i) + ":\n  Labels:" + a.Labels.String() + "\n  Annotations:" + a.Annotations.String())
	}
	b.WriteString("\n]")
	return b.String()
}

// A sample is one of a vector; its histogram, if not "", counts instead of its
// value.
type sample struct {
	Labels    labels.Labels
	Value     float64
	Histogram string // in the notation of promqltest
}

type samples []sample

func (ss samples) sort() {
	slices.SortFunc(ss, func(a, b sample) int { return labels.Compare(a.Labels, b.Labels) })
}

// equal allows values to be neighbours if fuzzy.
func (ss samples) equal(others samples, fuzzy bool) bool {
	return slices.EqualFunc(ss, others, func(a, b sample) bool {
		same := a.Value == b.Value || fuzzy && (math.Nextafter(a.Value, math.Inf(-1)) == b.Value || math.Nextafter(a.Value, math.Inf(1)) == b.Value)
		return same && a.Histogram == b.Histogram && labels.Equal(a.Labels, b.Labels)
	})
}

// String renders samples as promtool does.
func (ss samples) String() string {
	if len(ss) == 0 {
		return "nil"
	}
	var out []string
	for _, s := range ss {
		if s.Histogram != "" {
			out = append(out, s.Labels.String()+" "+s.Histogram)
		} else {
			out = append(out, s.Labels.String()+" "+strconv.FormatFloat(s.Value, 'E', -1, 64))
		}
	}
	return strings.Join(out, ", ")
}

// indent sets the lines but the first off, below what they belong to.
func indent(text string) string { return strings.ReplaceAll(text, "\n", "\n            ") }
