package event

import "github.com/parquet-go/parquet-go/format"

// A chunkMeta is what we need of parquet's ColumnMetaData.
type chunkMeta struct {
	kind       format.Type
	codec      int
	values     int64 // rows, as columns are not nested
	nulls      int64
	size       int64
	data       int64
	dictionary int64
	min, max   []byte          // nil if unknown
	encodedAs  format.Encoding // of values
	coded      bool            // some page is of indexes
	plain      bool            // some page is not
}

func (m *chunkMeta) bounded() bool { return m.min != nil && m.max != nil }

func (m *chunkMeta) field(r *thriftReader, id int, kind byte) bool {
	switch {
	case id == fieldChunkType && kind == thriftI32:
		m.kind = format.Type(r.int())
	case id == fieldChunkEncoding && kind == thriftList:
		r.list(thriftI32, func() { m.encoding(format.Encoding(r.int())) })
	case id == fieldChunkCodec && kind == thriftI32:
		m.codec = r.int()
	case id == fieldChunkValues && kind == thriftI64:
		m.values = r.int64()
	case id == fieldChunkSize && kind == thriftI64:
		m.size = r.int64()
	case id == fieldChunkData && kind == thriftI64:
		m.data = r.int64()
	case id == fieldChunkDictionary && kind == thriftI64:
		m.dictionary = r.int64()
	case id == fieldChunkStatistics && kind == thriftStruct:
		r.fields(func(id int, kind byte) bool { return m.statistic(r, id, kind) })
	case id == fieldChunkPages && kind == thriftList:
		r.list(thriftStruct, func() { m.page(r) })
	default:
		return false
	}
	return true
}

func (m *chunkMeta) statistic(r *thriftReader, id int, kind byte) bool {
	switch {
	case id == fieldNullCount && kind == thriftI64:
		m.nulls = r.int64()
	case id == fieldMax && kind == thriftBinary:
		m.max = r.binary()
	case id == fieldMin && kind == thriftBinary:
		m.min = r.binary()
	default:
		return false
	}
	return true
}

// encoding notes one of the encodings. These two are of levels, or of the
// words of a dictionary, if there is another.
func (m *chunkMeta) encoding(e format.Encoding) {
	if e != format.Plain && e != format.RLE {
		m.encodedAs = e
	}
}

// page reads how some pages are encoded.
func (m *chunkMeta) page(r *thriftReader) {
	var page format.PageType
	var encoding format.Encoding
	r.fields(func(id int, kind byte) bool {
		switch {
		case id == fieldStatsPageType && kind == thriftI32:
			page = format.PageType(r.int())
		case id == fieldStatsEncoding && kind == thriftI32:
			encoding = format.Encoding(r.int())
		default:
			return false
		}
		return true
	})
	switch {
	case page == format.DictionaryPage:
	case encoding == format.RLEDictionary:
		m.coded = true
	default:
		m.plain = true
	}
}
