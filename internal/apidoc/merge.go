// Package apidoc puts the OpenAPI document of Oriel's own API together: each
// package that serves a part of it describes that part, and one answers the
// whole.
package apidoc

import (
	"fmt"
	"slices"

	"go.yaml.in/yaml/v3"
)

// Merge returns the document base with what parts have in `paths` and below
// `components`. A part uses base's components as if it had them. What two
// describe is an error.
func Merge(base []byte, parts ...[]byte) ([]byte, error) {
	doc, err := parse(base)
	if err != nil {
		return nil, err
	}
	for i, text := range parts {
		part, err := parse(text)
		if err != nil {
			return nil, fmt.Errorf("part %d: %w", i, err)
		}
		if err := add(doc, part, "paths"); err != nil {
			return nil, err
		}
		from := member(part, "components")
		if from == nil {
			continue
		}
		for j := 0; j < len(from.Content); j += 2 {
			if err := add(member(doc, "components"), from, from.Content[j].Value); err != nil {
				return nil, err
			}
		}
	}
	return yaml.Marshal(doc)
}

// Operations returns "METHOD /path" for each operation of a document or part,
// in order.
func Operations(text []byte) ([]string, error) {
	doc, err := parse(text)
	if err != nil {
		return nil, err
	}
	var all []string
	paths := member(doc, "paths")
	for i := 0; paths != nil && i < len(paths.Content); i += 2 {
		for j, operations := 0, paths.Content[i+1]; j < len(operations.Content); j += 2 {
			if method, ok := methods[operations.Content[j].Value]; ok {
				all = append(all, method+" "+paths.Content[i].Value)
			}
		}
	}
	slices.Sort(all)
	return all, nil
}

var methods = map[string]string{"get": "GET", "post": "POST", "put": "PUT", "patch": "PATCH", "delete": "DELETE"}

func parse(text []byte) (*yaml.Node, error) {
	var doc yaml.Node
	if err := yaml.Unmarshal(text, &doc); err != nil {
		return nil, err
	}
	if doc.Kind != yaml.DocumentNode || doc.Content[0].Kind != yaml.MappingNode {
		return nil, fmt.Errorf("no mapping")
	}
	return doc.Content[0], nil
}

// member returns the value of name in a mapping; nil if there is none.
func member(m *yaml.Node, name string) *yaml.Node {
	for i := 0; m != nil && i < len(m.Content); i += 2 {
		if m.Content[i].Value == name {
			return m.Content[i+1]
		}
	}
	return nil
}

// add puts the members of from's mapping name into doc's.
func add(doc, from *yaml.Node, name string) error {
	more := member(from, name)
	if more == nil {
		return nil
	}
	to := member(doc, name)
	if to == nil {
		to = &yaml.Node{Kind: yaml.MappingNode}
		doc.Content = append(doc.Content, &yaml.Node{Kind: yaml.ScalarNode, Value: name}, to)
	}
	for i := 0; i < len(more.Content); i += 2 {
		if member(to, more.Content[i].Value) != nil {
			return fmt.Errorf("%s: %s is described twice", name, more.Content[i].Value)
		}
		to.Content = append(to.Content, more.Content[i:i+2]...)
	}
	return nil
}
