package logql

import (
	"context"
	"fmt"
	"regexp"

	"github.com/prometheus/prometheus/model/labels"
)

func (ev *evaluator) labelReplace(ctx context.Context, e *LabelReplace) (value, error) {
	in, err := ev.matrix(ctx, e.Inner, "label_replace")
	if err != nil {
		return nil, err
	}
	re, err := regexp.Compile("^(?:" + e.Regexp + ")$")
	if err != nil {
		return nil, fmt.Errorf("label_replace: %w", err)
	}
	out := make(matrix, len(in))
	for i, s := range in {
		out[i] = &series{labels: replaceLabel(s.labels, re, e), points: s.points}
	}
	return out, ev.unique(out)
}

// replaceLabel sets the target if the source matches; an empty text removes it.
func replaceLabel(ls labels.Labels, re *regexp.Regexp, e *LabelReplace) labels.Labels {
	src := ls.Get(e.Src)
	at := re.FindStringSubmatchIndex(src)
	if at == nil {
		return ls
	}
	text := string(re.ExpandString(nil, e.Replacement, src, at))
	var out []labels.Label
	ls.Range(func(l labels.Label) {
		if l.Name != e.Dst {
			out = append(out, l)
		}
	})
	if text != "" {
		out = append(out, labels.Label{Name: e.Dst, Value: text})
	}
	return labels.New(out...)
}

// unique is an error if two series with the same labels have a point at one
// step.
func (ev *evaluator) unique(m matrix) error {
	seen := map[string]map[int]bool{}
	var key []byte
	first := map[string]*series{}
	for _, s := range m {
		key = s.labels.Bytes(key)
		other := first[string(key)]
		if other == nil {
			first[string(key)] = s
			continue
		}
		steps := seen[string(key)]
		if steps == nil {
			steps = map[int]bool{}
			for _, p := range other.points {
				steps[p.step] = true
			}
			seen[string(key)] = steps
		}
		for _, p := range s.points {
			if steps[p.step] {
				return evalErrorf("vector cannot contain metrics with the same labelset: %s", s.labels)
			}
			steps[p.step] = true
		}
	}
	return nil
}
