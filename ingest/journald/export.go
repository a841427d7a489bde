package journald

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/oriel-obs/oriel/ingest/logrecord"
)

// A reader reads entries in the export format.
type reader struct {
	r        *bufio.Reader
	maxBytes int                         // of a field's value
	dropped  func(field string, n int64) // is told of a field that was larger
	line     []byte
}

// A name may have 64 bytes; a few more are read of what is none.
const maxNameBytes = 256

// next calls field with each field of the next entry. size is of the entry; it
// is 0 with io.EOF at the end of the stream. name and value are valid until
// field returns.
func (r *reader) next(field func(name, value []byte)) (size int, err error) {
	for {
		line, err := r.readLine()
		if err != nil {
			if errors.Is(err, io.EOF) && size > 0 {
				return size, nil // the last entry needs no blank line
			}
			return size, err
		}
		if len(line) == 0 {
			if size == 0 {
				continue // between entries there may be more than one
			}
			return size, nil
		}
		size += len(line) + 1
		name, value, isText := bytes.Cut(line, []byte("="))
		if len(name) == 0 || len(name) > maxNameBytes {
			return size, logrecord.Malformed("not the journal's export format: a field has no name, or one of %d bytes", len(name))
		}
		if !isText {
			name = bytes.Clone(name)
			var n int
			if value, n, err = r.binary(string(name)); err != nil {
				return size, err
			}
			size += n
			if value == nil {
				continue
			}
		}
		field(name, value)
	}
}

// binary reads a value that is announced by its length.
func (r *reader) binary(name string) (value []byte, size int, err error) {
	var length [8]byte
	if _, err := io.ReadFull(r.r, length[:]); err != nil {
		return nil, 0, brokenOff(err)
	}
	n := binary.LittleEndian.Uint64(length[:])
	switch {
	case n > 1<<40: // more than a journal can hold: this is no length
		return nil, 0, logrecord.Malformed("not the journal's export format: field %q of %d bytes", name, n)
	case n > uint64(r.maxBytes):
		r.dropped(name, int64(n))
		if _, err := io.CopyN(io.Discard, r.r, int64(n)); err != nil {
			return nil, 0, brokenOff(err)
		}
	default:
		value = make([]byte, n)
		if _, err := io.ReadFull(r.r, value); err != nil {
			return nil, 0, brokenOff(err)
		}
	}
	end, err := r.r.ReadByte()
	if err != nil {
		return nil, 0, brokenOff(err)
	}
	if end != '\n' {
		return nil, 0, logrecord.Malformed("not the journal's export format: field %q does not end with its length", name)
	}
	return value, len(length) + len(value) + 1, nil
}

// readLine reads a line; of one whose value is too large it returns nothing
// but a name that field has been told of.
func (r *reader) readLine() ([]byte, error) {
	r.line = r.line[:0]
	var over int64
	for {
		part, err := r.r.ReadSlice('\n')
		if len(r.line)+len(part) > r.maxBytes+maxNameBytes+2 {
			over += int64(len(part))
		} else {
			r.line = append(r.line, part...)
		}
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case errors.Is(err, io.EOF) && len(r.line) > 0:
			return nil, brokenOff(err)
		case err != nil:
			return nil, err
		}
		if over > 0 {
			name, _, _ := bytes.Cut(r.line[:min(len(r.line), maxNameBytes)], []byte("="))
			r.dropped(string(name), over+int64(len(r.line)))
			r.line = r.line[:0]
			over = 0
			continue
		}
		return bytes.TrimSuffix(r.line, []byte("\n")), nil
	}
}

// brokenOff says that the stream ended inside a field, unless err is another
// failure.
func brokenOff(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return logrecord.Malformed("the journal breaks off inside a field")
	}
	return fmt.Errorf("read journal: %w", err)
}
