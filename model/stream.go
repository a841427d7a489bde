package model

import (
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
)

// An Attr is a named value.
type Attr struct {
	Key   string
	Value Value
}

// SortAttrs sorts attrs by key and drops all but the last of equal keys.
func SortAttrs(attrs []Attr) []Attr {
	slices.SortStableFunc(attrs, func(a, b Attr) int { return strings.Compare(a.Key, b.Key) })
	out := attrs[:0]
	for i, a := range attrs {
		if i+1 < len(attrs) && attrs[i+1].Key == a.Key {
			continue
		}
		out = append(out, a)
	}
	return out
}

// FindAttr returns the value of key in attrs, which are sorted by key.
func FindAttr(attrs []Attr, key string) Value {
	if i, ok := slices.BinarySearchFunc(attrs, key, func(a Attr, k string) int { return strings.Compare(a.Key, k) }); ok {
		return attrs[i].Value
	}
	return Value{}
}

// A Stream is what many rows share. Of logs it is the Loki label set: Attrs
// are strings and nothing else is set. Of spans it is the OpenTelemetry
// resource and instrumentation scope.
//
// A Stream is immutable once it is in a Batch and may be shared by batches.
type Stream struct {
	Attrs        []Attr // sorted by key, no duplicates
	DroppedAttrs uint32 // resource attributes the sender dropped
	SchemaURL    string // of the resource

	ScopeName         string
	ScopeVersion      string
	ScopeSchemaURL    string
	ScopeAttrs        []Attr // sorted by key, no duplicates
	ScopeDroppedAttrs uint32
}

// Attr returns the value of key, or the zero Value.
func (s *Stream) Attr(key string) Value { return FindAttr(s.Attrs, key) }

// AppendBinary appends s in its canonical encoding: two streams are the same
// stream exactly if these bytes are equal. ParseStream reads it back. It is
// part of the on-disk format (docs/format/wal.md).
func (s *Stream) AppendBinary(b []byte) ([]byte, error) {
	b = AppendAttrs(b, s.Attrs)
	b = binary.AppendUvarint(b, uint64(s.DroppedAttrs))
	b = appendString(b, s.SchemaURL)
	b = appendString(b, s.ScopeName)
	b = appendString(b, s.ScopeVersion)
	b = appendString(b, s.ScopeSchemaURL)
	b = AppendAttrs(b, s.ScopeAttrs)
	return binary.AppendUvarint(b, uint64(s.ScopeDroppedAttrs)), nil
}

// ParseStream decodes what AppendBinary wrote. The stream refers to b's bytes.
func ParseStream(b string) (*Stream, error) {
	d := decoder{rest: b}
	s := &Stream{
		Attrs: d.attrs(), DroppedAttrs: uint32(d.uvarint()), SchemaURL: d.string(),
		ScopeName: d.string(), ScopeVersion: d.string(), ScopeSchemaURL: d.string(),
		ScopeAttrs: d.attrs(), ScopeDroppedAttrs: uint32(d.uvarint()),
	}
	if d.err == nil && d.rest != "" {
		d.err = fmt.Errorf("%d bytes after the end", len(d.rest))
	}
	if d.err != nil {
		return nil, fmt.Errorf("decode stream: %w", d.err)
	}
	return s, nil
}
