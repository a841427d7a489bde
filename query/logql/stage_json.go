package logql

import (
	"errors"
	"strconv"
	"strings"

	"github.com/buger/jsonparser"
)

// JSON is the stage `| json`: without extractions it makes labels of all
// members, otherwise of those named.
type JSON struct{ Extractions []Extraction }

// An Extraction stores in Label what the parser's expression Expr finds.
type Extraction struct{ Label, Expr string }

func extractionsString(es []Extraction) string {
	if len(es) == 0 {
		return ""
	}
	parts := make([]string, len(es))
	for i, e := range es {
		parts[i] = e.Label
		if e.Expr != e.Label {
			parts[i] += "=" + strconv.Quote(e.Expr)
		}
	}
	return " " + strings.Join(parts, ", ")
}

// String prints the stage.
func (s *JSON) String() string { return "| json" + extractionsString(s.Extractions) }

func (s *JSON) compile() (processor, error) {
	if len(s.Extractions) == 0 {
		return &jsonFlattener{}, nil
	}
	p := &jsonPicker{}
	for _, e := range s.Extractions {
		path, err := parseJSONPath(e.Expr)
		if err != nil {
			return nil, err
		}
		p.labels = append(p.labels, e.Label)
		p.paths = append(p.paths, path)
	}
	return p, nil
}

// jsonFlattener makes a label of every member, with the names of nested
// objects joined by underscores. Arrays and nulls are left out.
type jsonFlattener struct {
	names map[string]string // label name by key, both with their prefix
	only  wanted
	line  *line
	depth int
}

func (p *jsonFlattener) want(names wanted) { p.only = names }

// maxJSONDepth bounds recursion; objects nested deeper are left out.
const maxJSONDepth = 128

// maxCachedNames bounds the memory for keys that are different every time.
const maxCachedNames = 4096

func (p *jsonFlattener) process(l *line) bool {
	p.line = l
	if err := p.object(bytesOf(l.text), ""); err != nil {
		l.fail(errJSON, err.Error())
	}
	return true
}

func (p *jsonFlattener) object(data []byte, prefix string) error {
	if p.depth >= maxJSONDepth {
		return nil
	}
	p.depth++
	defer func() { p.depth-- }()
	return jsonparser.ObjectEach(data, func(key, value []byte, kind jsonparser.ValueType, _ int) error {
		switch kind {
		case jsonparser.Null, jsonparser.Array:
			return nil
		}
		name := p.name(prefix, stringOf(key))
		if name == "" {
			return nil
		}
		switch kind {
		case jsonparser.Object:
			return p.object(value, name)
		case jsonparser.String:
			if p.only.has(name) {
				p.line.extract(name, unescapeJSON(value))
			}
		case jsonparser.Number, jsonparser.Boolean:
			if p.only.has(name) {
				p.line.extract(name, stringOf(value))
			}
		default:
			return errors.New("unknown value type")
		}
		return nil
	})
}

// name returns the label name of key in an object that is called prefix.
func (p *jsonFlattener) name(prefix, key string) string {
	if prefix == "" && isName(key) {
		return key
	}
	full := key
	if prefix != "" {
		full = prefix + "_" + key
	}
	if name, ok := p.names[full]; ok {
		return name
	}
	var name string
	if key = strings.TrimSpace(key); key != "" {
		if prefix == "" {
			name = sanitizeName(key)
		} else {
			name = sanitizeName(prefix + "_" + key)
		}
	}
	if p.names == nil {
		p.names = map[string]string{}
	}
	if len(p.names) < maxCachedNames {
		p.names[strings.Clone(full)] = name
	}
	return name
}

// unescapeJSON returns a string's text. Text that is no UTF-8 loses the bad
// bytes to blanks; a string with a bad escape has no text.
func unescapeJSON(raw []byte) string {
	s := stringOf(raw)
	if strings.IndexByte(s, '\\') >= 0 {
		var stack [64]byte
		b, err := jsonparser.Unescape(raw, stack[:])
		if err != nil {
			return ""
		}
		s = string(b)
	}
	return blankInvalid(s)
}

// blankInvalid replaces what is no UTF-8, and the replacement character, with
// a blank.
func blankInvalid(s string) string {
	if !strings.ContainsRune(s, '\uFFFD') { // also finds bytes that are no UTF-8
		return s
	}
	return strings.Map(func(r rune) rune {
		if r == '\uFFFD' {
			return ' '
		}
		return r
	}, s)
}

// jsonPicker makes a label of each path; of one that is not there an empty
// label, unless the line has a label of that name.
type jsonPicker struct {
	labels []string
	paths  [][]string
}

func (p *jsonPicker) process(l *line) bool {
	if l.text == "" || l.text[0] != '{' && l.text[0] != '[' && l.text[0] != '"' {
		l.fail(errJSON, "")
		return true
	}
	data := bytesOf(l.text)
	for i, path := range p.paths {
		value, kind, _, err := jsonparser.Get(data, path...)
		if err != nil || kind == jsonparser.NotExist {
			if _, ok := l.get(p.labels[i]); !ok {
				l.set(p.labels[i], "", fromParser)
			}
			continue
		}
		text := ""
		switch kind {
		case jsonparser.Null:
		case jsonparser.String:
			text = unescapeJSON(value)
		default:
			text = stringOf(value)
		}
		l.set(l.extractedName(p.labels[i]), text, fromParser)
	}
	return true
}
