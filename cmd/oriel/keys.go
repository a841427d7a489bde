package main

import (
	"errors"
	"fmt"
	"iter"
	"reflect"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// A setting is a scalar of oriel.yaml.
type setting struct {
	node *yaml.Node
	key  string       // the nearest that the configuration defines
	kind reflect.Type // what it is decoded into
}

// settingsIn returns the scalars of a text that have a place in the
// configuration, in the order of the text; none if it is not YAML.
func settingsIn(text string) []setting {
	var root yaml.Node
	if yaml.Unmarshal([]byte(text), &root) != nil || len(root.Content) == 0 {
		return nil
	}
	return settingsOf(nil, root.Content[0], reflect.TypeFor[config](), "")
}

func settingsOf(all []setting, n *yaml.Node, t reflect.Type, key string) []setting {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch {
	case n.Kind == yaml.ScalarNode:
		all = append(all, setting{n, key, t})
	case n.Kind == yaml.SequenceNode && t.Kind() == reflect.Slice:
		for _, e := range n.Content {
			all = settingsOf(all, e, t.Elem(), key)
		}
	case n.Kind == yaml.MappingNode && t.Kind() == reflect.Map:
		for pair := range slices.Chunk(n.Content, 2) {
			all = settingsOf(all, pair[1], t.Elem(), key)
		}
	case n.Kind == yaml.MappingNode && t.Kind() == reflect.Struct:
		for pair := range slices.Chunk(n.Content, 2) {
			for name, f := range keysOf(t) {
				if name == pair[0].Value {
					all = settingsOf(all, pair[1], f.Type, name)
				}
			}
		}
	}
	return all
}

// keysOf yields the keys of a section that the struct t is, those of its
// inlined structs included, with their fields; Index is from t.
func keysOf(t reflect.Type) iter.Seq2[string, reflect.StructField] {
	return func(yield func(string, reflect.StructField) bool) { eachKey(t, nil, yield) }
}

func eachKey(t reflect.Type, outer []int, yield func(string, reflect.StructField) bool) bool {
	for f := range t.Fields() {
		f.Index = slices.Concat(outer, f.Index)
		name, options, _ := strings.Cut(f.Tag.Get("yaml"), ",")
		switch {
		case options == "inline" && f.Type.Kind() == reflect.Struct:
			if !eachKey(f.Type, f.Index, yield) {
				return false
			}
		case name != "" && name != "-":
			if !yield(name, f) {
				return false
			}
		}
	}
	return true
}

// misfit returns the first setting of text that a type that reads itself does
// not take, with the line, which YAML's err does not tell then; nil if err is
// something else.
func misfit(err error, text string) error {
	var te *yaml.TypeError
	if errors.As(err, &te) {
		return nil
	}
	for _, s := range settingsIn(text) {
		if err := s.node.Decode(reflect.New(s.kind).Interface()); err != nil && !errors.As(err, &te) {
			return fmt.Errorf("line %d: %s: %w", s.node.Line, s.key, oneLine(err))
		}
	}
	return nil
}
