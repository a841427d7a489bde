package ruleapi

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/prometheus/prometheus/model/rulefmt"
	"go.yaml.in/yaml/v3"

	"github.com/oriel-obs/oriel/alerting"
)

// A ruleKey tells the rules of a namespace apart: several of a group may have
// one name.
type ruleKey struct {
	group, kind, name string
	nth               int
}

// differences are what made of the groups of a namespace, before, those that
// they are after: without time and author.
func differences(namespace string, before, after []alerting.RuleGroup) []Change {
	old, now := texts(before), texts(after)
	var out []Change
	add := func(action string, k ruleKey) {
		c := Change{Action: action, Kind: k.kind, Name: k.name, Group: k.group, Namespace: namespace, Rules: 1}
		if k.kind == "group" {
			c.Rules = rulesOf(k.group, after)
		}
		out = append(out, c)
	}
	for k, text := range now {
		switch was, had := old[k]; {
		case !had && k.kind != "group": // a new group is its rules
			add("created", k)
		case had && was != text:
			add("changed", k)
		}
	}
	for k := range old {
		if _, has := now[k]; !has && k.kind != "group" {
			add("deleted", k)
		}
	}
	slices.SortFunc(out, func(a, b Change) int {
		return cmp.Or(cmp.Compare(a.Group, b.Group), cmp.Compare(a.Action, b.Action), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Name, b.Name))
	})
	return few(namespace, out)
}

// few makes one change of each group, or one of all, of too many.
func few(namespace string, all []Change) []Change {
	if len(all) <= maxOneByOne {
		return all
	}
	groups := merged(all, func(c Change) Change {
		return Change{Action: c.Action, Kind: "group", Name: c.Group, Group: c.Group, Namespace: namespace}
	})
	if len(groups) <= maxOneByOne {
		return groups
	}
	return merged(all, func(c Change) Change {
		return Change{Action: c.Action, Kind: "namespace", Name: namespace, Namespace: namespace}
	})
}

// merged adds up the rules of changes that are one to `as`.
func merged(all []Change, as func(Change) Change) []Change {
	var out []Change
	at := map[Change]int{}
	for _, c := range all {
		key := as(c)
		i, known := at[key]
		if !known {
			i = len(out)
			at[key] = i
			out = append(out, key)
		}
		out[i].Rules += c.Rules
	}
	return out
}

// texts are the rules as they are written, and of each group the rest of it.
func texts(groups []alerting.RuleGroup) map[ruleKey]string {
	out := map[ruleKey]string{}
	for _, g := range groups {
		for _, r := range g.Rules {
			k := ruleKey{group: g.Name, kind: "alert", name: r.Alert}
			if r.Record != "" {
				k.kind, k.name = "record", r.Record
			}
			for out[k] != "" {
				k.nth++
			}
			out[k] = written(r)
		}
		rest := g
		rest.Rules = []rulefmt.Rule{}
		out[ruleKey{group: g.Name, kind: "group", name: g.Name}] = written(rest)
	}
	return out
}

func written(v any) string {
	text, err := yaml.Marshal(v)
	if err != nil {
		return fmt.Sprint(v)
	}
	return string(text)
}

func rulesOf(group string, groups []alerting.RuleGroup) int {
	if i := indexOf(groups, group); i >= 0 {
		return len(groups[i].Rules)
	}
	return 0
}
