package model

import (
	"encoding/binary"
	"errors"
)

// The binary forms below are part of the on-disk format (docs/format/wal.md).

var errTruncated = errors.New("truncated")

// AppendAttrs appends a count and then key and value of each attribute.
func AppendAttrs(b []byte, attrs []Attr) []byte {
	b = binary.AppendUvarint(b, uint64(len(attrs)))
	for _, a := range attrs {
		b = appendString(b, a.Key)
		b = AppendValue(b, a.Value)
	}
	return b
}

// AppendValue appends the kind, then a varint (integer, boolean), 8 bytes
// little-endian (float), or a length and bytes (all other kinds).
func AppendValue(b []byte, v Value) []byte {
	b = append(b, byte(v.kind))
	switch v.kind {
	case KindNone:
	case KindInt:
		b = binary.AppendVarint(b, int64(v.num))
	case KindBool:
		b = append(b, byte(v.num))
	case KindFloat:
		b = binary.LittleEndian.AppendUint64(b, v.num)
	default:
		b = appendString(b, v.str)
	}
	return b
}

// CutAttrs decodes what AppendAttrs wrote and returns the rest of b. The
// attributes refer to b's bytes.
func CutAttrs(b string) (attrs []Attr, rest string, err error) {
	d := decoder{rest: b}
	attrs = d.attrs()
	return attrs, d.rest, d.err
}

// CutValue decodes what AppendValue wrote and returns the rest of b. The value
// refers to b's bytes.
func CutValue(b string) (v Value, rest string, err error) {
	d := decoder{rest: b}
	v = d.value()
	return v, d.rest, d.err
}

func appendString(b []byte, s string) []byte {
	b = binary.AppendUvarint(b, uint64(len(s)))
	return append(b, s...)
}

// A decoder cuts values off rest until the first error, which it keeps.
type decoder struct {
	rest string
	err  error
}

func (d *decoder) fail() {
	if d.err == nil {
		d.err = errTruncated
	}
	d.rest = ""
}

func (d *decoder) uvarint() uint64 {
	var x uint64
	for i := 0; i < len(d.rest) && i < binary.MaxVarintLen64; i++ {
		c := d.rest[i]
		x |= uint64(c&0x7f) << (7 * i)
		if c < 0x80 {
			d.rest = d.rest[i+1:]
			return x
		}
	}
	d.fail()
	return 0
}

func (d *decoder) bytes(n uint64) string {
	if n > uint64(len(d.rest)) {
		d.fail()
		return ""
	}
	s := d.rest[:n]
	d.rest = d.rest[n:]
	return s
}

func (d *decoder) string() string { return d.bytes(d.uvarint()) }

func (d *decoder) value() Value {
	k := d.bytes(1)
	if k == "" {
		return Value{}
	}
	v := Value{kind: Kind(k[0])}
	switch v.kind {
	case KindNone:
	case KindInt:
		u := d.uvarint()
		v.num = u>>1 ^ -(u & 1)
	case KindBool:
		if s := d.bytes(1); s != "" && s[0] != 0 {
			v.num = 1
		}
	case KindFloat:
		if s := d.bytes(8); s != "" {
			v.num = binary.LittleEndian.Uint64([]byte(s))
		}
	case KindString, KindBytes, KindArray, KindMap:
		v.str = d.string()
	default:
		d.err = errors.New("unknown value kind")
		d.rest = ""
	}
	if d.err != nil {
		return Value{}
	}
	return v
}

func (d *decoder) attrs() []Attr {
	n := d.uvarint()
	if n > uint64(len(d.rest)/2) { // a key and a kind take two bytes at least
		d.fail()
		return nil
	}
	if n == 0 {
		return nil
	}
	attrs := make([]Attr, 0, n)
	for range n {
		a := Attr{Key: d.string(), Value: d.value()}
		if d.err != nil {
			return nil
		}
		attrs = append(attrs, a)
	}
	return attrs
}
