package notify

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strconv"
	"strings"

	amconfig "github.com/prometheus/alertmanager/config"
	"go.yaml.in/yaml/v3"

	"github.com/oriel-obs/oriel/internal/fault"
)

// A document is a configuration as it is written. Line numbers are of its text.
type document struct {
	text string
	root *yaml.Node // a mapping
}

func parseDocument(text string) (document, error) {
	var n yaml.Node
	if err := yaml.Unmarshal([]byte(text), &n); err != nil {
		return document{}, err
	}
	if len(n.Content) == 0 || n.Content[0].Kind != yaml.MappingNode {
		return document{}, errors.New("line 1: a configuration has keys, such as route and receivers")
	}
	// Whoever walks the document needs no care for aliases that have no end.
	if err := n.Decode(new(any)); err != nil {
		return document{}, err
	}
	return document{text, n.Content[0]}, nil
}

// documentOfJSON is the document that says what a JSON object does, its keys in
// the order of the object.
func documentOfJSON(text []byte) (document, error) {
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.UseNumber()
	n, err := nodeOfJSON(dec)
	if err == nil {
		if _, end := dec.Token(); end != io.EOF {
			err = errors.New("more than one value")
		}
	}
	if err != nil {
		return document{}, fmt.Errorf("config: %w: %w", err, fault.ErrInvalid)
	}
	out, err := encode(n)
	if err != nil {
		return document{}, err
	}
	return parseDocument(out)
}

func encode(n *yaml.Node) (string, error) {
	var b strings.Builder
	enc := yaml.NewEncoder(&b)
	enc.SetIndent(2)
	if err := errors.Join(enc.Encode(n), enc.Close()); err != nil {
		return "", err
	}
	return b.String(), nil
}

func nodeOfJSON(dec *json.Decoder) (*yaml.Node, error) {
	token, err := dec.Token()
	if err != nil {
		return nil, err
	}
	switch v := token.(type) {
	case json.Delim:
		n := &yaml.Node{Kind: yaml.MappingNode}
		if v == '[' {
			n.Kind = yaml.SequenceNode
		}
		for dec.More() { // of an object, keys and values in turn
			item, err := nodeOfJSON(dec)
			if err != nil {
				return nil, err
			}
			n.Content = append(n.Content, item)
		}
		_, err := dec.Token()
		return n, err
	case json.Number:
		tag := "!!int"
		if strings.ContainsAny(v.String(), ".eE") {
			tag = "!!float"
		}
		return scalar(tag, v.String()), nil
	case bool:
		return scalar("!!bool", strconv.FormatBool(v)), nil
	case string:
		return scalar("!!str", v), nil
	default:
		return scalar("!!null", "null"), nil
	}
}

func scalar(tag, value string) *yaml.Node {
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: tag, Value: value}
}

// json is the document as a JSON object, its keys in their order.
func (d document) json() (json.RawMessage, error) {
	var b bytes.Buffer
	if err := writeJSON(&b, d.root); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

func writeJSON(b *bytes.Buffer, n *yaml.Node) error {
	n = resolved(n)
	switch n.Kind {
	case yaml.MappingNode:
		b.WriteByte('{')
		for i, pair := range pairs(n) {
			if i > 0 {
				b.WriteByte(',')
			}
			if err := writeScalar(b, pair[0].Value); err != nil {
				return err
			}
			b.WriteByte(':')
			if err := writeJSON(b, pair[1]); err != nil {
				return err
			}
		}
		b.WriteByte('}')
		return nil
	case yaml.SequenceNode:
		b.WriteByte('[')
		for i, item := range n.Content {
			if i > 0 {
				b.WriteByte(',')
			}
			if err := writeJSON(b, item); err != nil {
				return err
			}
		}
		b.WriteByte(']')
		return nil
	}
	switch n.ShortTag() {
	case "!!null", "!!bool", "!!int", "!!float":
		var v any
		if err := n.Decode(&v); err != nil {
			return err
		}
		return writeScalar(b, v)
	}
	return writeScalar(b, n.Value)
}

func writeScalar(b *bytes.Buffer, v any) error {
	text, err := json.Marshal(v)
	b.Write(text)
	return err
}

func resolved(n *yaml.Node) *yaml.Node {
	for n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	return n
}

// pairs are the keys and values of a mapping, those that << brings last.
func pairs(n *yaml.Node) (out [][2]*yaml.Node) {
	if n.Kind != yaml.MappingNode {
		return nil
	}
	have := map[string]bool{}
	var merged []*yaml.Node
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], resolved(n.Content[i+1])
		switch {
		case key.ShortTag() != "!!merge":
			have[key.Value] = true
			out = append(out, [2]*yaml.Node{key, value})
		case value.Kind == yaml.SequenceNode:
			merged = append(merged, value.Content...)
		default:
			merged = append(merged, value)
		}
	}
	for _, m := range merged {
		for _, pair := range pairs(resolved(m)) {
			if !have[pair[0].Value] {
				have[pair[0].Value] = true
				out = append(out, pair)
			}
		}
	}
	return out
}

// child returns the value of a key, or nil.
func child(n *yaml.Node, key string) *yaml.Node {
	for _, pair := range pairs(n) {
		if pair[0].Value == key {
			return pair[1]
		}
	}
	return nil
}

// A field is a value in a document that Alertmanager's types know.
type field struct {
	path []string // keys and indexes; receivers go by their names
	node *yaml.Node
	of   reflect.Type
	own  bool // whether the last of path is a key of Alertmanager's, not of the writer's
}

func (f field) String() string { return strings.Join(f.path, "/") }

// fields calls visit with all fields, in the order of the document.
func (d document) fields(visit func(field)) {
	walk(field{node: d.root, of: reflect.TypeFor[amconfig.Config]()}, visit)
}

func walk(f field, visit func(field)) {
	for f.of.Kind() == reflect.Pointer {
		f.of = f.of.Elem()
	}
	visit(f)
	below := func(step string, n *yaml.Node, t reflect.Type, own bool) {
		walk(field{append(f.path[:len(f.path):len(f.path)], step), resolved(n), t, own}, visit)
	}
	switch f.node.Kind {
	case yaml.MappingNode:
		for _, pair := range pairs(f.node) {
			if t, own := typeOf(f.of, pair[0].Value); t != nil {
				below(pair[0].Value, pair[1], t, own)
			}
		}
	case yaml.SequenceNode:
		if f.of.Kind() != reflect.Slice {
			return
		}
		for i, item := range f.node.Content {
			step := strconv.Itoa(i)
			if f.String() == "receivers" {
				if name := child(resolved(item), "name"); name != nil {
					step = name.Value
				}
			}
			below(step, item, f.of.Elem(), false)
		}
	}
}

// typeOf is what a key leads to in values of type t; nil if that is not known.
func typeOf(t reflect.Type, key string) (of reflect.Type, own bool) {
	switch t.Kind() {
	case reflect.Map:
		return t.Elem(), false
	case reflect.Struct:
	default:
		return nil, false
	}
	for i := range t.NumField() {
		name, option, _ := strings.Cut(t.Field(i).Tag.Get("yaml"), ",")
		switch {
		case name == key && name != "" && name != "-":
			return t.Field(i).Type, true
		case option == "inline":
			if of, own := typeOf(t.Field(i).Type, key); of != nil {
				return of, own
			}
		}
	}
	return nil, false
}
