package syslog

import (
	"errors"
	"io"
)

// errInflates ends a connection whose few bytes become many: text that anybody
// logs does not, and nobody is to keep a processor busy by sending next to
// nothing.
var errInflates = errors.New("compressed stream becomes far more than logs do")

// A compressed stream may become so many times its own length, and so many
// bytes beyond that. Lines that differ in their time stamps alone become 50 to
// 150 times shorter.
const (
	maxRatio    = 500
	freeInflate = 16 << 20
)

// counted counts what is read.
type counted struct {
	r io.Reader
	n int64
}

func (c *counted) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	return n, err
}

// inflating reads what a decompressor makes of the bytes taken so far.
type inflating struct {
	from  io.Reader
	taken *int64
	given int64
}

func (f *inflating) Read(p []byte) (int, error) {
	n, err := f.from.Read(p)
	if f.given += int64(n); f.given > freeInflate+*f.taken*maxRatio {
		return 0, errInflates
	}
	return n, err
}
