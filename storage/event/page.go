package event

import (
	"errors"
	"fmt"
	"io"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/compress"
	"github.com/parquet-go/parquet-go/encoding"
	"github.com/parquet-go/parquet-go/encoding/delta"
	"github.com/parquet-go/parquet-go/encoding/rle"
	"github.com/parquet-go/parquet-go/format"
)

// A page is some rows of a column. Its values are decompressed and decoded when
// they are asked for: of some pages it is enough to know which rows have one.
// The library's reader of pages does all that at once, into memory of its own;
// decoding itself is the library's.
type page struct {
	rows   int
	values int    // of rows that have one
	levels []byte // of each row, 1 if it has a value, else 0; nil if all have one
	kind   parquet.Kind
	words  *encoding.Values // what values are indexes into; nil unless the page is of indexes

	typ      parquet.Type
	encoding format.Encoding
	codec    compress.Codec // nil if not compressed
	size     int            // of packed, once decompressed
	packed   []byte
	room     *scratch
	decoded  *encoding.Values
	bytes    *int64 // counts what is decoded
}

// A columnFile is a column of a granule as it lies in its file.
type columnFile struct {
	typ   parquet.Type
	codec compress.Codec
	raw   []byte // pages, one after the other
	room  *scratch
	bytes *int64 // counts what is decoded
}

// openColumn reads the bytes of a column: all, or those of its dictionary
// alone. What is decoded of it lies in room.
func (b *block) openColumn(leaf int, dictionary bool, room *scratch) (*columnFile, error) {
	at := b.columns.chunk(b.number, leaf)
	size := at.size
	if dictionary {
		if size = int64(at.words); size == 0 {
			return nil, nil
		}
	}
	c := &columnFile{typ: b.columns.leaves[leaf].typ, room: room, bytes: &b.bytes, raw: room.takeBytes(int(size))}
	if codec := format.CompressionCodec(at.codec); codec != format.Uncompressed {
		c.codec = parquet.LookupCompressionCodec(codec)
	}
	if _, err := b.part.reader.ReadAt(c.raw, at.first); err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	return c, nil
}

// next returns the next page, or the words of a dictionary; neither at the end.
func (c *columnFile) next() (*page, *encoding.Values, error) {
	if len(c.raw) == 0 {
		return nil, nil, nil
	}
	h, n, err := parsePageHeader(c.raw)
	if err != nil {
		return nil, nil, err
	}
	body := c.raw[n:]
	if h.packed > len(body) || h.size > maxDecoded {
		return nil, nil, fmt.Errorf("page of %d bytes, decompressed %d; %d are left", h.packed, h.size, len(body))
	}
	body, c.raw = body[:h.packed:h.packed], body[h.packed:]
	if h.kind == format.DictionaryPage {
		w, err := c.words(h, body)
		return nil, w, err
	}
	p := &page{
		rows: h.rows, values: h.rows - h.nulls, typ: c.typ, kind: c.typ.Kind(), encoding: h.encoding, codec: c.codec, room: c.room, bytes: c.bytes,
		size: h.size - h.levels - h.repetitions,
	}
	if h.uncompressed {
		p.codec = nil
	}
	if h.levels+h.repetitions > len(body) || p.size < 0 {
		return nil, nil, fmt.Errorf("levels of %d bytes in a page of %d", h.levels+h.repetitions, len(body))
	}
	levels := body[h.repetitions:][:h.levels]
	p.packed = body[h.repetitions+h.levels:]
	if h.nulls > 0 {
		if p.levels, err = (&rle.Encoding{BitWidth: 1}).DecodeLevels(c.room.takeBytes(h.rows + 8)[:0], levels); err != nil {
			return nil, nil, err
		}
		if len(p.levels) < h.rows {
			return nil, nil, errTruncated
		}
		p.levels = p.levels[:h.rows]
		if len(p.levels)-zeros(p.levels) != p.values {
			return nil, nil, fmt.Errorf("%d values for %d rows of %d", p.values, h.rows-zeros(p.levels), h.rows)
		}
	}
	return p, nil, nil
}

// maxDecoded bounds the bytes of a page: maxPage, and one value more.
const maxDecoded = 1 << 30

// words decodes a dictionary.
func (c *columnFile) words(h pageHeader, body []byte) (*encoding.Values, error) {
	p := &page{rows: h.rows, values: h.rows, typ: c.typ, kind: c.typ.Kind(), encoding: format.Plain, codec: c.codec, room: c.room, bytes: c.bytes, size: h.size, packed: body}
	values, err := p.data()
	return &values, err
}

// data returns the values, without nulls: indexes of words if there are such.
// They last as long as the block does.
func (p *page) data() (encoding.Values, error) {
	switch {
	case p.decoded != nil:
		return *p.decoded, nil
	case p.values == 0 && p.words != nil:
		return encoding.Int32Values(nil), nil
	case p.values == 0:
		return p.typ.NewValues(nil, nil), nil
	}
	raw := p.packed
	if p.codec != nil {
		var err error
		if raw, err = p.codec.Decode(p.room.takeBytes(p.size), p.packed); err != nil {
			return encoding.Values{}, fmt.Errorf("decompress: %w", err)
		}
		if len(raw) != p.size {
			return encoding.Values{}, fmt.Errorf("decompressed %d bytes of %d", len(raw), p.size)
		}
	}
	values, err := p.decode(raw)
	if err != nil {
		return values, err
	}
	p.decoded, p.packed = &values, nil
	*p.bytes += values.Size()
	return values, nil
}

func (p *page) decode(raw []byte) (encoding.Values, error) {
	switch {
	case p.words != nil:
		codes, err := parquet.RLEDictionary.DecodeInt32(p.room.takeInts(p.values + 32)[:0], raw)
		if err == nil && len(codes) < p.values {
			err = errTruncated
		}
		if err != nil {
			return encoding.Values{}, err
		}
		return encoding.Int32Values(codes[:p.values:p.values]), nil
	case p.kind == parquet.ByteArray && p.encoding == format.DeltaLengthByteArray:
		return p.pieces(raw)
	case p.kind == parquet.FixedLenByteArray && p.encoding == format.Plain:
		if len(raw) != p.values*p.typ.Length() {
			return encoding.Values{}, fmt.Errorf("%d bytes for %d values of %d", len(raw), p.values, p.typ.Length())
		}
		return encoding.FixedLenByteArrayValues(raw, p.typ.Length()), nil
	}
	enc := parquet.LookupEncoding(p.encoding)
	var offsets []uint32
	if p.kind == parquet.ByteArray {
		offsets = p.room.takeRows(p.values + 1)
	}
	room := p.room.takeBytes(p.typ.EstimateDecodeSize(p.values, raw, enc))
	values, err := p.typ.Decode(p.typ.NewValues(room, offsets), raw, enc)
	if err != nil {
		return values, err
	}
	return exactly(values, p.kind, p.values)
}

// exactly returns the first n values.
func exactly(v encoding.Values, kind parquet.Kind, n int) (encoding.Values, error) {
	switch kind {
	case parquet.Int32:
		if x := v.Int32(); len(x) >= n {
			return encoding.Int32Values(x[:n]), nil
		}
	case parquet.Int64:
		if x := v.Int64(); len(x) >= n {
			return encoding.Int64Values(x[:n]), nil
		}
	case parquet.Double:
		if x := v.Double(); len(x) >= n {
			return encoding.DoubleValues(x[:n]), nil
		}
	case parquet.Boolean:
		if x := v.Boolean(); 8*len(x) >= n {
			return v, nil
		}
	case parquet.ByteArray:
		if _, ends := v.ByteArray(); len(ends) == n+1 {
			return v, nil
		}
	}
	return v, errTruncated
}

// pieces decodes byte arrays that lie one after the other behind their lengths.
func (p *page) pieces(raw []byte) (encoding.Values, error) {
	lengths, err := (&delta.BinaryPackedEncoding{}).DecodeInt32(p.room.takeInts(p.values + 128)[:0], raw)
	if err == nil && len(lengths) != p.values {
		err = errTruncated
	}
	if err != nil {
		return encoding.Values{}, err
	}
	total := int64(0)
	for _, n := range lengths {
		if n < 0 {
			return encoding.Values{}, fmt.Errorf("value of %d bytes", n)
		}
		total += int64(n)
	}
	if total > int64(len(raw)) {
		return encoding.Values{}, errTruncated
	}
	text := raw[len(raw)-int(total):]
	ends := p.room.takeRows(len(lengths) + 1)
	ends[0] = 0
	for i, n := range lengths {
		ends[i+1] = ends[i] + uint32(n)
	}
	return encoding.ByteArrayValues(text, ends), nil
}
