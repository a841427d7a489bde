package logql

import (
	"maps"
	"slices"
	"strings"
)

// A wanting parser can leave out labels that nothing looks at. It still reads
// the whole line, so that it meets the same errors.
type wanting interface{ want(names wanted) }

// wanted is the names of the labels that an aggregation and the stages before
// it look at; nil is any name.
type wanted map[string]bool

// wantedLabels collects what the stages and the aggregation behind them need;
// it is nil when that cannot be known.
func wantedLabels(stages []Stage, n need) wanted {
	if !n.labelsKnown {
		return nil
	}
	names := append([]string(nil), n.labels...)
	for _, s := range stages {
		switch s := s.(type) {
		case *LabelFilterStage:
			names = appendFilterLabels(names, s.Filter)
		case *Drop:
			names = appendRefs(names, s.Labels)
		case *Keep:
			names = appendRefs(names, s.Labels)
		case *LabelFormat:
			for _, a := range s.Assignments {
				if !a.Rename {
					return nil
				}
				names = append(names, a.Label, a.Value)
			}
		case *LineFormat:
			return nil
		case *JSON:
			names = appendExtracted(names, s.Extractions)
		case *Logfmt:
			names = appendExtracted(names, s.Extractions)
		}
	}
	w := wanted{}
	for _, name := range names {
		w[name] = true
		w[strings.TrimSuffix(name, extractedSuffix)] = true
	}
	return w
}

// appendExtracted adds labels whose presence an extraction looks at.
func appendExtracted(names []string, es []Extraction) []string {
	for _, e := range es {
		names = append(names, e.Label)
	}
	return names
}

// fewNames are as fast to compare as to look up, or faster.
const fewNames = 6

// test returns what reports whether a label is looked at. w is not nil, and
// does not change any more.
func (w wanted) test() func(name string) bool {
	if len(w) > fewNames {
		return func(name string) bool { return w[name] }
	}
	names := slices.Collect(maps.Keys(w))
	return func(name string) bool { return slices.Contains(names, name) }
}
