package oracletest

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

func (o *Answers) compareSearch(want map[string]any, doc map[string]any, q question) []string {
	got := map[string]any{}
	var out []string
	for _, x := range list(doc["traces"]) {
		tr := x.(map[string]any)
		id := fmt.Sprintf("%032s", text(tr["traceID"]))
		i, ok := o.traces[id]
		if !ok {
			out = append(out, "unknown trace "+id)
			continue
		}
		key := strconv.Itoa(i)
		start, _ := strconv.ParseInt(text(tr["startTimeUnixNano"]), 10, 64)
		meta := []any{text(tr["rootServiceName"]), text(tr["rootTraceName"]), num(tr["durationMs"]), float64(start - o.base.UnixNano())}
		if _, wanted := want[key]; wanted {
			out = append(out, diffAny("trace "+key+" [service, name, ms, start]", o.meta[key], meta)...)
		}
		got[key] = o.spansets(id, tr)
	}
	keep := keepAttrs(q.Attrs)
	for k := range union(want, got) {
		w, g := strip(list(want[k]), keep), strip(list(got[k]), keep)
		switch {
		case want[k] == nil:
			out = append(out, "unwanted trace "+k+": "+brief(g))
		case got[k] == nil:
			out = append(out, "missing trace "+k+": "+brief(w))
		default:
			out = append(out, diffAny("trace "+k, any(w), any(g))...)
		}
	}
	slices.Sort(out)
	return out
}

func union(a, b map[string]any) map[string]bool {
	out := map[string]bool{}
	for k := range a {
		out[k] = true
	}
	for k := range b {
		out[k] = true
	}
	return out
}

func (o *Answers) spansets(id string, tr map[string]any) []any {
	var sets []any
	for _, x := range list(tr["spanSets"]) {
		ss := x.(map[string]any)
		var spans []any
		attrs := map[string]any{}
		for _, y := range list(ss["spans"]) {
			s := y.(map[string]any)
			sid := fmt.Sprintf("%016s", text(s["spanID"]))
			n, ok := o.spans[id][sid]
			at := o.starts[id+sid]
			start, _ := strconv.ParseInt(text(s["startTimeUnixNano"]), 10, 64)
			if !ok || start-o.base.UnixNano() != at[0] || int64(num(s["durationNanos"])) != at[1] {
				spans = append(spans, "unknown span or times: "+sid)
				continue
			}
			spans = append(spans, float64(n))
			m := attrMap(s["attributes"])
			if len(m) > 0 {
				attrs[strconv.Itoa(n)] = m
			}
		}
		slices.SortFunc(spans, func(a, b any) int { return cmp.Compare(num(a), num(b)) })
		set := map[string]any{"spans": spans}
		if m := num(ss["matched"]); int(m) != len(spans) {
			set["matched"] = m
		}
		if a := attrMap(ss["attributes"]); len(a) > 0 {
			set["set"] = a
		}
		if len(attrs) > 0 {
			set["attrs"] = attrs
		}
		sets = append(sets, set)
	}
	return sets
}

// keepAttrs returns which attributes of spans a query compares.
func keepAttrs(mode any) func(string) bool {
	if mode == "all" {
		return func(k string) bool { return k != "(name)" }
	}
	keys := list(mode)
	return func(k string) bool { return slices.Contains(keys, any(k)) }
}

func strip(sets []any, keep func(string) bool) []any {
	var out []any
	for _, x := range sets {
		set := map[string]any{}
		for k, v := range x.(map[string]any) {
			if k != "attrs" {
				set[k] = v
			}
		}
		attrs := map[string]any{}
		old, _ := x.(map[string]any)["attrs"].(map[string]any)
		for span, m := range old {
			kept := map[string]any{}
			for k, v := range m.(map[string]any) {
				if keep(k) {
					kept[k] = v
				}
			}
			if len(kept) > 0 {
				attrs[span] = kept
			}
		}
		if len(attrs) > 0 {
			set["attrs"] = attrs
		}
		out = append(out, set)
	}
	slices.SortFunc(out, func(a, b any) int { return strings.Compare(brief(a), brief(b)) })
	return out
}
