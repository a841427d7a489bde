package event

import (
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/parquet-go/parquet-go/format"
)

// A pageHeader is what we need of parquet's PageHeader.
type pageHeader struct {
	kind         format.PageType
	size         int // of the page, uncompressed
	packed       int // of the page in the file
	rows         int // words of a dictionary
	nulls        int
	encoding     format.Encoding
	levels       int // bytes of definition levels before the values
	repetitions  int // bytes of repetition levels before those
	uncompressed bool
}

// Fields of parquet.thrift. Those of DataPageHeaderV2 and DictionaryPageHeader
// follow their struct's.
const (
	fieldPageType         = 1
	fieldUncompressedSize = 2
	fieldCompressedSize   = 3
	fieldDictionaryHeader = 7
	fieldDataHeaderV2     = 8

	fieldNumValues    = 1
	fieldNumNulls     = 2
	fieldWordEncoding = 2 // of a dictionary
	fieldEncoding     = 4
	fieldDefinitions  = 5
	fieldRepetitions  = 6
	fieldIsCompressed = 7
)

// parsePageHeader reads the header that b begins with and returns its length.
// Pages are of version 2, as we write them, or of a dictionary.
func parsePageHeader(b []byte) (h pageHeader, n int, err error) {
	r := thriftReader{rest: b}
	r.fields(func(id int, kind byte) bool {
		switch {
		case id == fieldPageType && kind == thriftI32:
			h.kind = format.PageType(r.int())
		case id == fieldUncompressedSize && kind == thriftI32:
			h.size = r.int()
		case id == fieldCompressedSize && kind == thriftI32:
			h.packed = r.int()
		case id == fieldDictionaryHeader && kind == thriftStruct:
			r.fields(func(id int, kind byte) bool {
				switch {
				case id == fieldNumValues && kind == thriftI32:
					h.rows = r.int()
				case id == fieldWordEncoding && kind == thriftI32:
					h.encoding = format.Encoding(r.int())
				default:
					return false
				}
				return true
			})
		case id == fieldDataHeaderV2 && kind == thriftStruct:
			r.fields(func(id int, kind byte) bool { return h.dataField(&r, id, kind) })
		default:
			return false
		}
		return true
	})
	if r.err != nil {
		return h, 0, fmt.Errorf("page header: %w", r.err)
	}
	if h.kind != format.DataPageV2 && h.kind != format.DictionaryPage {
		return h, 0, fmt.Errorf("page header: type %v", h.kind)
	}
	if min(h.size, h.packed, h.rows, h.nulls, h.levels, h.repetitions) < 0 || h.nulls > h.rows {
		return h, 0, fmt.Errorf("page header: sizes %+v", h)
	}
	return h, len(b) - len(r.rest), nil
}

func (h *pageHeader) dataField(r *thriftReader, id int, kind byte) bool {
	switch {
	case id == fieldIsCompressed && kind == thriftFalse:
		h.uncompressed = true
	case id == fieldIsCompressed && kind == thriftTrue:
	case kind != thriftI32:
		return false
	case id == fieldNumValues:
		h.rows = r.int()
	case id == fieldNumNulls:
		h.nulls = r.int()
	case id == fieldEncoding:
		h.encoding = format.Encoding(r.int())
	case id == fieldDefinitions:
		h.levels = r.int()
	case id == fieldRepetitions:
		h.repetitions = r.int()
	default:
		return false
	}
	return true
}

// Types of Thrift's compact protocol.
const (
	thriftTrue   = 1
	thriftFalse  = 2
	thriftByte   = 3
	thriftI32    = 5
	thriftI64    = 6
	thriftDouble = 7
	thriftBinary = 8
	thriftList   = 9
	thriftSet    = 10
	thriftStruct = 12
)

// A thriftReader reads structs of Thrift's compact protocol.
type thriftReader struct {
	rest  []byte
	depth int
	err   error
}

var errBadThrift = errors.New("malformed")

// maxThriftDepth is more than headers of pages, and footers, nest.
const maxThriftDepth = 8

// fields calls read with each field of a struct, which reads it or reports
// false.
func (r *thriftReader) fields(read func(id int, kind byte) bool) {
	if r.depth++; r.depth > maxThriftDepth {
		r.fail()
	}
	for id := 0; r.err == nil; {
		head := r.byte()
		if head == 0 {
			break
		}
		if delta := int(head >> 4); delta > 0 {
			id += delta
		} else {
			id = r.int()
		}
		if kind := head & 0xf; !read(id, kind) {
			r.skip(kind)
		}
	}
	r.depth--
}

func (r *thriftReader) fail() {
	if r.err == nil {
		r.err = errBadThrift
	}
	r.rest = nil
}

func (r *thriftReader) byte() byte {
	if len(r.rest) == 0 {
		r.fail()
		return 0
	}
	c := r.rest[0]
	r.rest = r.rest[1:]
	return c
}

func (r *thriftReader) uvarint() uint64 {
	x, n := binary.Uvarint(r.rest)
	if n <= 0 {
		r.fail()
		return 0
	}
	r.rest = r.rest[n:]
	return x
}

// int reads a number of 32 bits at most.
func (r *thriftReader) int() int {
	x := r.uvarint()
	return int(int32(x>>1) ^ -int32(x&1))
}

func (r *thriftReader) int64() int64 {
	x := r.uvarint()
	return int64(x>>1) ^ -int64(x&1)
}

// binary reads a string of bytes, which refers to the same memory.
func (r *thriftReader) binary() []byte {
	b := r.rest
	n := r.uvarint()
	b = b[len(b)-len(r.rest):]
	r.skipBytes(n)
	if r.err != nil {
		return nil
	}
	return b[:n:n]
}

func (r *thriftReader) skipBytes(n uint64) {
	if n > uint64(len(r.rest)) {
		r.fail()
		return
	}
	r.rest = r.rest[n:]
}

// list calls read for each element of a list, which are of one type.
func (r *thriftReader) list(kind byte, read func()) {
	is, n := r.listHead()
	if n > 0 && is != kind {
		r.fail()
	}
	for ; n > 0 && r.err == nil; n-- {
		read()
	}
}

// listHead returns the type and the number of the elements of a list.
func (r *thriftReader) listHead() (kind byte, n uint64) {
	head := r.byte()
	if n = uint64(head >> 4); n == 15 {
		n = r.uvarint()
	}
	return head & 0xf, n
}

func (r *thriftReader) skip(kind byte) {
	switch kind {
	case thriftTrue, thriftFalse:
	case thriftByte:
		r.skipBytes(1)
	case thriftI32 - 1, thriftI32, thriftI64:
		r.uvarint()
	case thriftDouble:
		r.skipBytes(8)
	case thriftBinary:
		r.skipBytes(r.uvarint())
	case thriftList, thriftSet:
		kind, n := r.listHead()
		for ; n > 0 && r.err == nil; n-- {
			if kind == thriftTrue || kind == thriftFalse {
				r.skipBytes(1)
			} else {
				r.skip(kind)
			}
		}
	case thriftStruct:
		r.fields(func(int, byte) bool { return false })
	default:
		r.fail()
	}
}
