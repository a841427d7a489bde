package fulltext

import (
	"encoding/binary"

	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/storage"
)

// A term stands for a field, or a field with a value: the bloom has terms
// beside tokens. Their hashes start with a byte that no token has.
const termMark = 0xff

// fieldHash starts the hash of a term of f; finish makes it the term that says
// that a row has the field.
func fieldHash(f storage.Field) uint64 {
	h := hashBytes(hashSeed, []byte{termMark, byte(f.Place)})
	switch f.Place {
	case storage.Stream, storage.Attr, storage.ScopeAttr, storage.EventAttr, storage.LinkAttr:
		h = hashBytes(h, f.Key) // elsewhere a key means nothing
	}
	return hashBytes(h, []byte{0})
}

// valueHash returns the term that says that a row has the field with value v.
// Only strings, integers and booleans have one: nobody asks for equality of
// others often enough.
func valueHash(field uint64, v model.Value) (h uint64, ok bool) {
	field = hashBytes(field, []byte{byte(v.Kind())})
	switch v.Kind() {
	case model.KindString:
		return finish(hashBytes(field, v.Str())), true
	case model.KindInt:
		var b [8]byte
		binary.LittleEndian.PutUint64(b[:], uint64(v.Int64()))
		return finish(hashBytes(field, b[:])), true
	case model.KindBool:
		b := byte(0)
		if v.IsTrue() {
			b = 1
		}
		return finish(hashBytes(field, []byte{b})), true
	}
	return 0, false
}

// A coverage says what the index knows of a place.
type coverage uint8

const (
	coverNone   coverage = iota
	coverText            // tokens of the text; the field is always there
	coverParsed          // of a text that a parser found in a body, the tokens
	coverValue           // terms of values
	coverField           // terms of fields and of values
)

// covered returns what the index knows of p. It is part of the on-disk format:
// a place may be added only with a new version.
func covered(p storage.Place) coverage {
	switch p {
	case storage.Body, storage.StatusMessage, storage.EventName:
		return coverText
	case storage.JSON, storage.JSONPath, storage.Logfmt, storage.LogfmtKey:
		return coverParsed
	case storage.TraceID, storage.LinkTraceID, storage.Kind, storage.Status:
		return coverValue
	case storage.Stream, storage.Attr, storage.ScopeName, storage.ScopeVersion, storage.ScopeAttr,
		storage.EventAttr, storage.LinkAttr:
		return coverField
	}
	return coverNone
}
