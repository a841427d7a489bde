package oracletest

import (
	"cmp"
	"slices"
	"strings"
)

func (o *Answers) seriesOf(doc map[string]any, instant bool) []any {
	out := []any{}
	for _, x := range list(doc["series"]) {
		s := x.(map[string]any)
		var labels []any
		for _, l := range list(s["labels"]) {
			m := l.(map[string]any)
			labels = append(labels, []any{text(m["key"]), plain(m["value"])})
		}
		slices.SortFunc(labels, func(a, b any) int { return strings.Compare(brief(a), brief(b)) })
		if instant {
			out = append(out, []any{labels, num(s["value"])})
			continue
		}
		points := []any{}
		for _, p := range list(s["samples"]) {
			m := p.(map[string]any)
			points = append(points, []any{num(m["timestampMs"])/1000 - float64(o.base.Unix()), num(m["value"])})
		}
		slices.SortFunc(points, func(a, b any) int { return cmp.Compare(num(a.([]any)[0]), num(b.([]any)[0])) })
		out = append(out, []any{labels, points})
	}
	return out
}

func diffSeries(want, got []any) []string {
	index := func(series []any) map[string]any {
		m := map[string]any{}
		for _, s := range series {
			m[brief(s.([]any)[0])] = s.([]any)[1]
		}
		return m
	}
	w, g := index(want), index(got)
	var out []string
	if len(g) != len(got) {
		out = append(out, "a label set occurs twice")
	}
	for k := range union(w, g) {
		switch {
		case g[k] == nil:
			out = append(out, "missing series "+k+": "+brief(w[k]))
		case w[k] == nil:
			out = append(out, "unwanted series "+k+": "+brief(g[k]))
		default:
			out = append(out, diffAny("series "+k, w[k], g[k])...)
		}
	}
	slices.Sort(out)
	return out
}

func scopesOf(doc map[string]any, skip []string) any {
	out := map[string]any{}
	for _, x := range list(doc["scopes"]) {
		s := x.(map[string]any)
		var tags []any
		for _, tag := range list(s["tags"]) {
			if !slices.Contains(skip, text(tag)) {
				tags = append(tags, tag)
			}
		}
		slices.SortFunc(tags, func(a, b any) int { return strings.Compare(text(a), text(b)) })
		if len(tags) > 0 {
			out[text(s["name"])] = tags
		}
	}
	return out
}

func valuesOf(doc map[string]any) any {
	out := []any{}
	for _, x := range list(doc["tagValues"]) {
		v := x.(map[string]any)
		out = append(out, []any{text(v["type"]), text(v["value"])})
	}
	slices.SortFunc(out, func(a, b any) int { return strings.Compare(brief(a), brief(b)) })
	return out
}
