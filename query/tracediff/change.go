package tracediff

import (
	"slices"
	"strings"

	"github.com/oriel-obs/oriel/model"
)

// What a change is about.
const (
	targetSpan  = "span"
	targetField = "field"
	targetAttr  = "attribute"
)

// A Change is something of a span that is not as it was.
type Change struct {
	Op     string `json:"op"` // "add", "remove" or "modify"
	Target Target `json:"target"`
	Before any    `json:"before"` // null where something was added, and for times that make no sense
	After  any    `json:"after"`
}

// A Target is a field, "duration_nanos" or "status", or an attribute.
type Target struct {
	Type  string `json:"type"`
	Name  string `json:"name,omitempty"`  // of a field
	Scope string `json:"scope,omitempty"` // of an attribute: "span"
	Key   string `json:"key,omitempty"`
}

// changesOf lists fields first, then attributes by key.
func changesOf(was, is *node) []Change {
	var out []Change
	if !sameLength(was, is) {
		out = append(out, Change{"modify", Target{Type: targetField, Name: "duration_nanos"}, shownLength(was), shownLength(is)})
	}
	if was.Status != is.Status {
		out = append(out, Change{"modify", Target{Type: targetField, Name: "status"}, was.Status.String(), is.Status.String()})
	}
	before, after := sorted(was.Attrs), sorted(is.Attrs)
	for len(before) > 0 || len(after) > 0 {
		switch {
		case len(after) == 0 || len(before) > 0 && before[0].Key < after[0].Key:
			out = append(out, Change{"remove", ofAttr(before[0].Key), shown(before[0].Value), nil})
			before = before[1:]
		case len(before) == 0 || after[0].Key < before[0].Key:
			out = append(out, Change{"add", ofAttr(after[0].Key), nil, shown(after[0].Value)})
			after = after[1:]
		default:
			if x, y := before[0].Value, after[0].Value; !sameAttr(before[0].Key, x, y) {
				out = append(out, Change{"modify", ofAttr(before[0].Key), shown(x), shown(y)})
			}
			before, after = before[1:], after[1:]
		}
	}
	return out
}

func ofAttr(key string) Target { return Target{Type: targetAttr, Scope: "span", Key: key} }

// sorted returns attributes by key, as stored ones are.
func sorted(attrs []model.Attr) []model.Attr {
	byKey := func(a, b model.Attr) int { return strings.Compare(a.Key, b.Key) }
	if !slices.IsSortedFunc(attrs, byKey) {
		attrs = slices.Clone(attrs)
		slices.SortStableFunc(attrs, byKey)
	}
	return attrs
}

func shownLength(n *node) any {
	if !n.timed() {
		return nil
	}
	return n.Duration
}
