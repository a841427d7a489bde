package main

import (
	"fmt"
	"io"
	"strings"
)

// A flatRule says how much a figure of the largest scale may exceed that of
// the smallest.
type flatRule struct {
	figure string
	most   float64
}

// flatRules are what "cost stays flat" means: work and bytes per unit, the
// search for one line, and memory.
func flatRules() []flatRule {
	return []flatRule{
		{"ingest.cpu_settled", 1.3},
		{"disk.total", 1.3},
		{"query.needle_uuid.p50", 3},
		{"query.needle.p50", 3},
		{"query.trace_by_id.p50", 3},
		{"ingest.peak_anon", 1.5},
	}
}

// printFlatness compares each target's largest scale with its smallest, if
// there are two.
func printFlatness(w io.Writer, results []*result) {
	if !manyScales(results) {
		return
	}
	fmt.Fprintln(w)
	var done []string
	for _, r := range results {
		small, large := r, r
		for _, other := range results {
			if other.Target == r.Target && other.Scale < small.Scale {
				small = other
			}
			if other.Target == r.Target && other.Scale > large.Scale {
				large = other
			}
		}
		if small != r || small == large {
			continue // each target once, at its smallest
		}
		for _, rule := range flatRules() {
			a, ok1 := small.Median.value(rule.figure)
			b, ok2 := large.Median.value(rule.figure)
			if !ok1 || !ok2 || a == 0 {
				continue
			}
			verdict := "flat"
			if b/a > rule.most {
				verdict = "NOT FLAT"
			}
			done = append(done, fmt.Sprintf("%-18s %-24s ×%v: %s, ×%v: %s, %.2f-fold of at most %v: %s",
				r.Target, rule.figure, small.Scale, number(a), large.Scale, number(b), b/a, rule.most, verdict))
		}
	}
	fmt.Fprintln(w, strings.Join(done, "\n"))
}
