package linefield

import (
	"errors"
	"strings"

	"github.com/buger/jsonparser"
)

// JSON is the parser of `| json` without expressions: every member is a label,
// those of nested objects named by MemberLabel; arrays and nulls are left out.
// It remembers names between lines. The zero JSON is ready to use; it is not
// safe for concurrent use.
type JSON struct {
	names map[string]member // by key with its parent
	want  func(label string) bool
	found func(label, value string) bool
	depth int

	// Lines of one kind have their nested members in the same order, so that
	// the one that was at the same place of the line before is tried first.
	before [maxBefore]member
	at     int
}

// A member is one of a nested object, and its label.
type member struct{ parent, key, label string }

// maxBefore is how many members of the line before are remembered.
const maxBefore = 32

// maxDepth bounds recursion; objects nested deeper are left out.
const maxDepth = 128

// maxNames bounds the memory for keys that are different every time.
const maxNames = 4096

// errStop ends a walk that found enough.
var errStop = errors.New("stop")

// Each calls found with the labels of text that want wants, nil wanting all,
// until found returns false. A label may come more than once. The error is the
// details of JSONError, of text that is no JSON object; what was found before
// the fault stays.
func (j *JSON) Each(text string, want func(label string) bool, found func(label, value string) bool) error {
	j.want, j.found, j.depth, j.at = want, found, 0, 0
	err := j.object(bytesOf(text), "")
	j.want, j.found = nil, nil
	if err == errStop { //nolint:errorlint // never wrapped
		return nil
	}
	return err
}

func (j *JSON) object(data []byte, parent string) error {
	if j.depth >= maxDepth {
		return nil
	}
	j.depth++
	err := jsonparser.ObjectEach(data, func(key, value []byte, kind jsonparser.ValueType, _ int) error {
		return j.member(parent, key, value, kind)
	})
	j.depth--
	return err
}

func (j *JSON) member(parent string, key, value []byte, kind jsonparser.ValueType) error {
	switch kind {
	case jsonparser.Null, jsonparser.Array:
		return nil
	}
	label := j.label(parent, stringOf(key))
	if label == "" {
		return nil
	}
	switch kind {
	case jsonparser.Object:
		return j.object(value, label)
	case jsonparser.String, jsonparser.Number, jsonparser.Boolean:
	default:
		return errors.New("unknown value type")
	}
	if j.want != nil && !j.want(label) {
		return nil
	}
	text := stringOf(value)
	if kind == jsonparser.String {
		text = Unquote(value)
	}
	if !j.found(label, text) {
		return errStop
	}
	return nil
}

// label is MemberLabel with a memory.
func (j *JSON) label(parent, key string) string {
	if parent == "" && IsLabel(key) {
		return key
	}
	at := j.at
	j.at++
	if at < maxBefore {
		if m := &j.before[at]; m.key == key && m.parent == parent && m.label != "" {
			return m.label
		}
	}
	full := parent + "\x00" + key // apart from an outermost key a_b
	m, ok := j.names[full]
	if !ok {
		full = strings.Clone(full)
		m = member{full[:len(parent)], full[len(parent)+1:], strings.Clone(MemberLabel(parent, key))}
		if j.names == nil {
			j.names = map[string]member{}
		}
		if len(j.names) >= maxNames {
			return m.label
		}
		j.names[full] = m
	}
	if at < maxBefore {
		j.before[at] = m
	}
	return m.label
}
