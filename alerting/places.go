package alerting

import (
	"fmt"

	"go.yaml.in/yaml/v3"
)

// rulePlaces says where things stand in a rule file, for the faults that
// Prometheus' parser reports without a place.
type rulePlaces struct {
	rule  map[ruleID]place
	value map[string]place // scalars; the first of equal ones
}

// A ruleID names a rule within a file; rules count from 1, and 0 is the group
// itself, the last of its name.
type ruleID struct {
	group string
	rule  int
}

// A place counts from 1; the zero place is nowhere.
type place struct{ line, column int }

func placeOf(n *yaml.Node) place { return place{n.Line, n.Column} }

// String returns ":line:column: ", or ": " for nowhere.
func (p place) String() string {
	if p == (place{}) {
		return ": "
	}
	return fmt.Sprintf(":%d:%d: ", p.line, p.column)
}

// findPlaces reads a rule file as far as it is YAML.
func findPlaces(text []byte) *rulePlaces {
	p := &rulePlaces{rule: map[ruleID]place{}, value: map[string]place{}}
	var root yaml.Node
	if yaml.Unmarshal(text, &root) != nil {
		return p
	}
	p.addValues(&root)
	var file struct {
		Groups []yaml.Node `yaml:"groups"`
	}
	_ = root.Decode(&file) // faults are the parser's to report, here and below
	for i := range file.Groups {
		var group struct {
			Name  string      `yaml:"name"`
			Rules []yaml.Node `yaml:"rules"`
		}
		_ = file.Groups[i].Decode(&group)
		p.rule[ruleID{group: group.Name}] = placeOf(&file.Groups[i])
		for j := range group.Rules {
			p.rule[ruleID{group.Name, j + 1}] = placeOf(&group.Rules[j])
		}
	}
	return p
}

func (p *rulePlaces) addValues(n *yaml.Node) {
	if n.Kind == yaml.ScalarNode {
		if _, ok := p.value[n.Value]; !ok {
			p.value[n.Value] = placeOf(n)
		}
	}
	for _, c := range n.Content {
		p.addValues(c)
	}
}
