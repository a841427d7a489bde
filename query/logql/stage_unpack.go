package logql

import (
	"github.com/buger/jsonparser"

	"github.com/oriel-obs/oriel/internal/linefield"
)

// Unpack is the stage `| unpack`, which undoes promtail's pack stage.
type Unpack struct{}

// String prints the stage.
func (*Unpack) String() string { return "| unpack" }

func (*Unpack) compile() (processor, error) { return &unpacker{}, nil }

// packedEntry is the key of the original text.
const packedEntry = "_entry"

type unpacker struct{ found []label }

// process makes labels of the strings of a JSON object, but only if it has a
// packed entry, which becomes the text.
func (u *unpacker) process(l *line) bool {
	if l.text == "" {
		return true
	}
	data := []byte(l.text)
	if data[0] != '{' {
		l.fail(linefield.JSONError, "expecting json object(6), but it is not")
		return true
	}
	u.found = u.found[:0]
	entry, packed := "", false
	err := jsonparser.ObjectEach(data, func(key, value []byte, kind jsonparser.ValueType, _ int) error {
		if kind != jsonparser.String {
			return nil
		}
		text := linefield.Unquote(value)
		if string(key) == packedEntry {
			entry, packed = text, true
			return nil
		}
		if name := linefield.Label(string(key)); name != "" {
			u.found = append(u.found, label{name: name, value: text})
		}
		return nil
	})
	if err != nil {
		l.fail(linefield.JSONError, err.Error())
		return true
	}
	if !packed {
		return true
	}
	for _, f := range u.found {
		l.extract(f.name, f.value)
	}
	l.text = entry
	return true
}
