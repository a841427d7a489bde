package event

import (
	"fmt"
	"math"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/format"
)

// parseFooter reads the FileMetaData of a file of so many bytes.
func parseFooter(raw []byte, size int64, granules []granuleMeta) (*columnTable, error) {
	p := footerParser{
		thriftReader: thriftReader{rest: raw}, size: size, granules: granules,
		t: &columnTable{numbers: map[string]int{}}, known: map[string]uint32{},
	}
	p.fields(func(id int, kind byte) bool {
		switch {
		case id == fieldSchema && kind == thriftList:
			p.list(thriftStruct, func() { p.schemaElement() })
		case id == fieldRowGroups && kind == thriftList:
			p.list(thriftStruct, func() { p.rowGroup() })
		default:
			return false
		}
		return true
	})
	if p.err == nil && p.groups != len(granules) {
		p.bad("%d row groups; want %d", p.groups, len(granules))
	}
	if p.err != nil {
		return nil, fmt.Errorf("footer: %w", p.err)
	}
	p.t.bytes = p.t.footprint()
	return p.t, nil
}

// Fields of parquet.thrift.
const (
	fieldSchema    = 2 // of FileMetaData
	fieldRowGroups = 4

	fieldElementType      = 1 // of SchemaElement
	fieldElementLength    = 2
	fieldElementRepeated  = 3
	fieldElementName      = 4
	fieldElementChildren  = 5
	fieldElementConverted = 6
	fieldElementLogical   = 10

	fieldString   = 1 // of LogicalType
	convertedUTF8 = 0

	fieldGroupColumns = 1 // of RowGroup
	fieldChunkMeta    = 3 // of ColumnChunk

	fieldChunkType       = 1 // of ColumnMetaData
	fieldChunkEncoding   = 2
	fieldChunkCodec      = 4
	fieldChunkValues     = 5
	fieldChunkSize       = 7
	fieldChunkData       = 9
	fieldChunkDictionary = 11
	fieldChunkStatistics = 12
	fieldChunkPages      = 13

	fieldNullCount = 3 // of Statistics
	fieldMax       = 5
	fieldMin       = 6

	fieldStatsPageType = 1 // of PageEncodingStats
	fieldStatsEncoding = 2
)

// A footerParser reads a FileMetaData. Row groups come after the schema, as
// its fields are in order.
type footerParser struct {
	thriftReader
	size     int64 // of the file
	granules []granuleMeta
	t        *columnTable
	root     bool // whether the schema's root has been read
	groups   int  // that have been read
	known    map[string]uint32
}

func (p *footerParser) bad(format string, args ...any) {
	if p.err == nil {
		p.err = fmt.Errorf(format, args...)
	}
	p.rest = nil
}

// schemaElement reads the root, or a column; columns are not nested.
func (p *footerParser) schemaElement() {
	kind, length, repetition, children, converted, logical := -1, 0, 0, 0, -1, 0
	var name []byte
	p.fields(func(id int, of byte) bool {
		switch {
		case id == fieldElementType && of == thriftI32:
			kind = p.int()
		case id == fieldElementLength && of == thriftI32:
			length = p.int()
		case id == fieldElementRepeated && of == thriftI32:
			repetition = p.int()
		case id == fieldElementName && of == thriftBinary:
			name = p.binary()
		case id == fieldElementChildren && of == thriftI32:
			children = p.int()
		case id == fieldElementConverted && of == thriftI32:
			converted = p.int()
		case id == fieldElementLogical && of == thriftStruct:
			p.fields(func(id int, _ byte) bool { logical = id; return false })
		default:
			return false
		}
		return true
	})
	if !p.root {
		p.root = true
		return
	}
	typ := physicalType(format.Type(kind), length)
	if typ == nil || children != 0 || format.FieldRepetitionType(repetition) == format.Repeated {
		p.bad("column %q of type %d with %d children, repetition %d", name, kind, children, repetition)
		return
	}
	l := leaf{name: string(name), typ: typ, kind: format.Type(kind), text: logical == fieldString}
	if logical == 0 {
		l.text = converted == convertedUTF8
	}
	p.t.numbers[l.name] = len(p.t.leaves)
	p.t.leaves = append(p.t.leaves, l)
}

// physicalType returns a type without what it stands for, which values are
// decoded without, or nil.
func physicalType(t format.Type, length int) parquet.Type {
	switch t {
	case format.Boolean:
		return parquet.BooleanType
	case format.Int32:
		return parquet.Int32Type
	case format.Int64:
		return parquet.Int64Type
	case format.Double:
		return parquet.DoubleType
	case format.ByteArray:
		return parquet.ByteArrayType
	case format.FixedLenByteArray:
		if length > 0 && length <= math.MaxUint16 {
			return parquet.FixedLenByteArrayType(length)
		}
	}
	return nil
}

// rowGroup reads the columns of the next granule.
func (p *footerParser) rowGroup() {
	t := p.t
	if t.chunks == nil {
		// A column takes more bytes in a footer than in a table, so that a
		// table is no larger than what is left to read.
		t.chunks = make([]columnChunk, 0, min(len(p.granules)*len(t.leaves), len(p.rest)))
	}
	if p.groups >= len(p.granules) {
		p.bad("more than %d row groups", len(p.granules))
		return
	}
	before := len(t.chunks)
	p.fields(func(id int, kind byte) bool {
		if id != fieldGroupColumns || kind != thriftList {
			return false
		}
		p.list(thriftStruct, func() { p.column(len(t.chunks) - before) })
		return true
	})
	if n := len(t.chunks) - before; n != len(t.leaves) {
		p.bad("row group %d has %d columns; want %d", p.groups, n, len(t.leaves))
	}
	p.groups++
}

// column reads the chunk of a column.
func (p *footerParser) column(number int) {
	if number >= len(p.t.leaves) {
		p.bad("row group %d has more than %d columns", p.groups, number)
		return
	}
	l := &p.t.leaves[number]
	var m chunkMeta
	p.fields(func(id int, kind byte) bool {
		if id != fieldChunkMeta || kind != thriftStruct {
			return false
		}
		p.fields(func(id int, kind byte) bool { return m.field(&p.thriftReader, id, kind) })
		return true
	})
	if p.err != nil {
		return
	}
	c := columnChunk{first: m.data, size: m.size, codec: uint8(m.codec)}
	if m.dictionary > 0 && m.dictionary < m.data {
		c.first = m.dictionary
		if m.data-m.dictionary > min(m.size, math.MaxUint32) {
			p.bad("column %q: dictionary at %d, values at %d, of %d bytes together", l.name, m.dictionary, m.data, m.size)
			return
		}
		c.words = uint32(m.data - m.dictionary)
	}
	switch {
	case m.kind != l.kind:
		p.bad("column %q: type %v; want %v", l.name, m.kind, l.kind)
	case m.codec < 0 || m.codec > math.MaxUint8:
		p.bad("column %q: codec %d", l.name, m.codec)
	case c.first < 0 || c.size < 0 || c.first > p.size-c.size:
		p.bad("column %q: %d bytes at %d are outside of the file", l.name, c.size, c.first)
	}
	if p.groups == 0 {
		l.dict = m.encodedAs == format.RLEDictionary
	}
	if m.coded && !m.plain {
		c.flags |= chunkCoded
	}
	if rows := int64(p.granules[p.groups].Rows); m.values == rows {
		switch m.nulls {
		case rows:
			c.flags |= chunkNull
		case 0:
			c.same = p.same(&m)
		}
	}
	p.t.chunks = append(p.t.chunks, c)
}

// same keeps the value that is both the least and the greatest of a column, of
// kinds that readers ask for.
func (p *footerParser) same(m *chunkMeta) uint32 {
	if !m.bounded() || len(m.min) > maxSame || string(m.min) != string(m.max) {
		return 0
	}
	switch {
	case m.kind == format.ByteArray:
	case m.kind == format.Int32 && len(m.min) == 4:
	case m.kind == format.Int64 && len(m.min) == 8:
	default:
		return 0
	}
	n, ok := p.known[string(m.min)]
	if !ok {
		p.t.values = append(p.t.values, string(m.min))
		n = uint32(len(p.t.values))
		p.known[string(m.min)] = n
	}
	return n
}
