package event

import (
	"encoding/binary"
	"errors"
)

var errTruncated = errors.New("truncated")

// A reader cuts numbers and strings off rest until the first error, which it
// keeps; afterwards it returns zeros. Strings refer to the same bytes.
type reader struct {
	rest string
	err  error
}

func (r *reader) fail() { r.keep(errTruncated) }

func (r *reader) keep(err error) {
	if err == nil {
		return
	}
	if r.err == nil {
		r.err = err
	}
	r.rest = ""
}

func (r *reader) bytes(n uint64) string {
	if n > uint64(len(r.rest)) {
		r.fail()
		return ""
	}
	s := r.rest[:n]
	r.rest = r.rest[n:]
	return s
}

func (r *reader) byte() byte {
	if s := r.bytes(1); s != "" {
		return s[0]
	}
	return 0
}

func (r *reader) uint32() uint32 {
	s := r.bytes(4)
	if s == "" {
		return 0
	}
	return uint32(s[0]) | uint32(s[1])<<8 | uint32(s[2])<<16 | uint32(s[3])<<24
}

func (r *reader) uvarint() uint64 {
	var x uint64
	for i := 0; i < len(r.rest) && i < binary.MaxVarintLen64; i++ {
		c := r.rest[i]
		x |= uint64(c&0x7f) << (7 * i)
		if c < 0x80 {
			r.rest = r.rest[i+1:]
			return x
		}
	}
	r.fail()
	return 0
}

func (r *reader) varint() int64 {
	u := r.uvarint()
	return int64(u>>1) ^ -int64(u&1)
}

// count reads a number of things that take at least size bytes each, so that a
// corrupt one cannot ask for more memory than the input is worth.
func (r *reader) count(size int) int {
	n := r.uvarint()
	if n > uint64(len(r.rest)/size) {
		r.fail()
		return 0
	}
	return int(n)
}

// strings reads n lengths and then the bytes.
func (r *reader) strings(n int) []string {
	out := make([]string, n)
	lens := r.rest
	var total uint64
	for range n {
		total += r.uvarint()
	}
	if r.err != nil || total > uint64(len(r.rest)) {
		r.fail()
		return out
	}
	l := reader{rest: lens}
	for i := range out {
		out[i] = r.bytes(l.uvarint())
	}
	return out
}
