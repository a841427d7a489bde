package promwrite

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
)

// Wire types of the protobuf encoding.
// https://protobuf.dev/programming-guides/encoding/
const (
	wireVarint     = 0
	wireFixed64    = 1
	wireBytes      = 2
	wireStartGroup = 3
	wireEndGroup   = 4
	wireFixed32    = 5
)

var (
	errTruncated = errors.New("message is truncated")
	errOverflow  = errors.New("integer is longer than 64 bits")
)

// A cursor reads one protobuf message. Its methods move it on. The first
// failure sticks in err and ends the loop `for c.next() { ... }`, so that
// readers need no check of their own.
type cursor struct {
	b   []byte // what is left
	num int32  // field number and
	typ uint8  // wire type of the current field
	key []byte // what was left before the current field's key
	err error
}

// next reads the key of a field and reports whether there is one.
func (c *cursor) next() bool {
	if c.err != nil || len(c.b) == 0 {
		return false
	}
	c.key = c.b
	var key uint64
	if c.b[0] < 0x80 {
		key, c.b = uint64(c.b[0]), c.b[1:]
	} else {
		key = c.uvarint()
	}
	c.num, c.typ = int32(key>>3), uint8(key&7)
	if c.err == nil && c.num <= 0 {
		c.err = fmt.Errorf("field number %d is illegal", c.num)
	}
	return c.err == nil
}

func (c *cursor) uvarint() uint64 {
	if len(c.b) > 0 && c.b[0] < 0x80 {
		v := uint64(c.b[0])
		c.b = c.b[1:]
		return v
	}
	var v uint64
	for i, b := range c.b {
		if i == 10 {
			c.fail(errOverflow)
			return 0
		}
		v |= uint64(b&0x7f) << (7 * i)
		if b < 0x80 {
			c.b = c.b[i+1:]
			return v
		}
	}
	if len(c.b) >= 10 {
		c.fail(errOverflow)
	} else {
		c.fail(errTruncated)
	}
	return 0
}

// fail keeps the first failure.
func (c *cursor) fail(err error) {
	if c.err == nil {
		c.err = err
	}
}

// expect checks the wire type of the current field.
func (c *cursor) expect(typ uint8) bool {
	if c.err == nil && c.typ != typ {
		c.err = fmt.Errorf("field %d has wire type %d instead of %d", c.num, c.typ, typ)
	}
	return c.err == nil
}

func (c *cursor) varint() uint64 {
	if !c.expect(wireVarint) {
		return 0
	}
	return c.uvarint()
}

// zigzag is a sint32 or sint64.
func (c *cursor) zigzag() int64 {
	return unzigzag(c.varint())
}

func unzigzag(v uint64) int64 { return int64(v>>1) ^ -int64(v&1) }

func (c *cursor) double() float64 {
	if !c.expect(wireFixed64) {
		return 0
	}
	return c.fixed64()
}

// fixed64 keeps every bit of a NaN.
func (c *cursor) fixed64() float64 {
	if len(c.b) < 8 {
		c.fail(errTruncated)
		return 0
	}
	v := math.Float64frombits(binary.LittleEndian.Uint64(c.b))
	c.b = c.b[8:]
	return v
}

// bytes aliases the message.
func (c *cursor) bytes() []byte {
	if !c.expect(wireBytes) {
		return nil
	}
	n := c.uvarint()
	if c.err == nil && n > uint64(len(c.b)) {
		c.err = errTruncated
	}
	if c.err != nil {
		return nil
	}
	v := c.b[:n:n]
	c.b = c.b[n:]
	return v
}

// skip passes over the current field, whatever it is.
func (c *cursor) skip() {
	switch c.typ {
	case wireVarint:
		c.uvarint()
	case wireFixed64:
		c.drop(8)
	case wireFixed32:
		c.drop(4)
	case wireBytes:
		c.bytes()
	case wireStartGroup:
		c.skipGroup()
	default:
		c.fail(fmt.Errorf("field %d has illegal wire type %d", c.num, c.typ))
	}
}

func (c *cursor) drop(n int) {
	if len(c.b) < n {
		c.fail(errTruncated)
		return
	}
	c.b = c.b[n:]
}

// skipGroup passes over a group, the deprecated kind of sub-message. It is a
// loop, so that nesting costs no stack.
func (c *cursor) skipGroup() {
	for depth := 1; depth > 0; {
		if !c.next() {
			c.fail(errTruncated)
			return
		}
		switch c.typ {
		case wireStartGroup:
			depth++
		case wireEndGroup:
			depth--
		default:
			c.skip()
		}
	}
}
