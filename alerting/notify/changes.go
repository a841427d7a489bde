package notify

import (
	"context"
	"reflect"
	"slices"
	"strings"

	amconfig "github.com/prometheus/alertmanager/config"
	"github.com/prometheus/alertmanager/dispatch"
	promodel "github.com/prometheus/common/model"
	"go.yaml.in/yaml/v3"
)

// A Difference is one thing in which two configurations differ.
type Difference struct {
	Section string `json:"section"` // receivers, route, time_intervals …
	Name    string `json:"name"`    // of the receiver or interval; "" for the whole section
	How     string `json:"how"`     // added, removed or changed
}

// changes are from what is in force to next, secrets included.
func (m *Manager) changes(ctx context.Context, next document) ([]Difference, error) {
	old := silent
	if p := m.newest(); p.file.Text != nil {
		old = string(p.file.Text)
	} else if _, text, err := m.version(ctx, 0); err == nil {
		old = text
	}
	before, err := parseDocument(old)
	if err != nil {
		return nil, err
	}
	out := []Difference{}
	for _, section := range sections() {
		a, b := child(before.root, section), child(next.root, section)
		if a, b := byName(a), byName(b); a != nil || b != nil {
			out = append(out, namedChanges(section, a, b)...)
			continue
		}
		if how := howOf(valueOf(a), valueOf(b)); how != "" {
			out = append(out, Difference{Section: section, How: how})
		}
	}
	return out, nil
}

// sections are the keys of a configuration, in the order that Alertmanager has.
func sections() (out []string) {
	t := reflect.TypeFor[amconfig.Config]()
	for i := range t.NumField() {
		if name, _, _ := strings.Cut(t.Field(i).Tag.Get("yaml"), ","); name != "" {
			out = append(out, name)
		}
	}
	return out
}

func howOf(a, b any) string {
	switch {
	case reflect.DeepEqual(a, b):
		return ""
	case a == nil:
		return "added"
	case b == nil:
		return "removed"
	}
	return "changed"
}

func valueOf(n *yaml.Node) (v any) {
	if n == nil || n.Decode(&v) != nil {
		return nil
	}
	return v
}

type named struct {
	name  string
	value any
}

// byName are the items of a list that have names; nil for what is none.
func byName(n *yaml.Node) (out []named) {
	if n == nil || n.Kind != yaml.SequenceNode {
		return nil
	}
	for _, item := range n.Content {
		name := child(resolved(item), "name")
		if name == nil {
			return nil
		}
		out = append(out, named{name.Value, valueOf(resolved(item))})
	}
	return out
}

func namedChanges(section string, before, after []named) (out []Difference) {
	find := func(in []named, name string) any {
		i := slices.IndexFunc(in, func(n named) bool { return n.name == name })
		if i < 0 {
			return nil
		}
		return in[i].value
	}
	for _, n := range before {
		if how := howOf(n.value, find(after, n.name)); how != "" {
			out = append(out, Difference{section, n.name, how})
		}
	}
	for _, n := range after {
		if find(before, n.name) == nil {
			out = append(out, Difference{section, n.name, "added"})
		}
	}
	return out
}

// Moved is an alert that fires and that others than now would hear of.
type Moved struct {
	Labels promodel.LabelSet `json:"labels"`
	From   []string          `json:"from"` // receivers
	To     []string          `json:"to"`
}

// moved are the alerts that routes give to others than those in force.
func (m *Manager) moved(routes *dispatch.Route) []Moved {
	now := m.newest().routes
	out := []Moved{}
	it := m.alerts.GetPending()
	defer it.Close()
	for a := range it.Next() {
		if a.Data.Resolved() {
			continue
		}
		from, to := hearers(now, a.Data.Labels), hearers(routes, a.Data.Labels)
		if !slices.Equal(from, to) {
			out = append(out, Moved{a.Data.Labels, from, to})
		}
	}
	return out
}

func hearers(routes *dispatch.Route, labels promodel.LabelSet) []string {
	out := []string{}
	for _, r := range routes.Match(labels) {
		out = append(out, r.RouteOpts.Receiver)
	}
	slices.Sort(out)
	return slices.Compact(out)
}
