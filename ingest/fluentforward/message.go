package fluentforward

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"strconv"
	"unsafe"

	"github.com/klauspost/compress/gzip"
	"github.com/tinylib/msgp/msgp"

	"github.com/oriel-obs/oriel/ingest/logrecord"
	"github.com/oriel-obs/oriel/internal/fault"
	"github.com/oriel-obs/oriel/model"
)

// A message is what one array of the protocol holds.
type message struct {
	tag     string
	entries []byte // [time, record] pairs, one after the other
	count   int    // of entries; negative for as many as there are
	pairs   bool   // an entry is an array; else it is bare, the one of message mode
	read    int    // entries so far
	chunk   string // to acknowledge; "" for nothing
}

// parseMessage reads the array b; nil stands for a heartbeat. Neither it nor
// what it decompresses to is larger than maxBytes.
func parseMessage(b []byte, maxBytes int64) (*message, error) {
	if msgp.NextType(b) == msgp.NilType {
		return nil, nil
	}
	n, b, err := msgp.ReadArrayHeaderBytes(b)
	if err != nil || n < 2 || n > 4 {
		return nil, logrecord.Malformed("not a message of the forward protocol: want an array of 2 to 4 elements")
	}
	m := &message{pairs: true}
	tag, b, err := readText(b)
	if err != nil {
		return nil, logrecord.Malformed("tag: %v", err)
	}
	m.tag = tag
	read := uint32(2)
	switch msgp.NextType(b) {
	case msgp.ArrayType: // forward mode
		var count uint32
		if count, b, err = msgp.ReadArrayHeaderBytes(b); err != nil {
			return nil, logrecord.Malformed("entries: %v", err)
		}
		m.count, m.entries = int(count), b
		for range count {
			if b, err = msgp.Skip(b); err != nil {
				return nil, logrecord.Malformed("entries: %v", err)
			}
		}
	case msgp.BinType, msgp.StrType: // packed forward mode
		var packed string
		if packed, b, err = readText(b); err != nil {
			return nil, logrecord.Malformed("entries: %v", err)
		}
		m.count, m.entries = -1, unsafe.Slice(unsafe.StringData(packed), len(packed))
	default: // message mode
		m.count, m.entries, m.pairs, read = 1, b, false, 3
		for range 2 {
			if b, err = msgp.Skip(b); err != nil {
				return nil, logrecord.Malformed("entry: %v", err)
			}
		}
	}
	if n <= read {
		return m, nil
	}
	o, err := readOptions(b)
	if err != nil {
		return nil, err
	}
	m.chunk = o.chunk
	switch {
	case o.signal != 0:
		return nil, logrecord.Malformed("fluent_signal: %d is not logs", o.signal)
	case o.compressed == "" || o.compressed == "text":
	case o.compressed != "gzip" || m.count >= 0:
		return nil, logrecord.Malformed("compressed: %q is not offered", o.compressed)
	default:
		if m.entries, err = gunzip(m.entries, maxBytes); err != nil {
			return nil, err
		}
	}
	return m, nil
}

type options struct {
	chunk      string
	compressed string
	signal     int64 // Fluent Bit's: 0 is logs
}

func readOptions(b []byte) (o options, err error) {
	if msgp.NextType(b) != msgp.MapType {
		return o, nil // nil, or an option of older senders
	}
	n, b, err := msgp.ReadMapHeaderBytes(b)
	for range n {
		var key string
		if key, b, err = readText(b); err != nil {
			break
		}
		switch kind := msgp.NextType(b); {
		case key == "chunk" && (kind == msgp.StrType || kind == msgp.BinType):
			o.chunk, b, err = readText(b)
		case key == "compressed" && kind == msgp.StrType:
			o.compressed, b, err = readText(b)
		case key == "fluent_signal" && (kind == msgp.IntType || kind == msgp.UintType):
			o.signal, b, err = msgp.ReadInt64Bytes(b)
		default:
			b, err = msgp.Skip(b)
		}
		if err != nil {
			break
		}
	}
	if err != nil {
		return o, logrecord.Malformed("options: %v", err)
	}
	return o, nil
}

func gunzip(b []byte, maxBytes int64) ([]byte, error) {
	z, err := gzip.NewReader(bytes.NewReader(b))
	if err != nil {
		return nil, logrecord.Malformed("decompress entries: %v", err)
	}
	out := &bounded{room: maxBytes}
	if _, err := out.ReadFrom(z); err != nil {
		if errors.Is(err, fault.ErrTooLarge) {
			return nil, err
		}
		return nil, logrecord.Malformed("decompress entries: %v", err)
	}
	return out.Bytes(), nil
}

// entries takes the next entries of m, storeRows of them at most, and reports
// whether there are more. An error means that the rest of them cannot be told
// apart.
func (s *Server) entries(m *message, rows *logrecord.Batch) (more bool, err error) {
	var rec logrecord.Record
	b := m.entries
	for ; m.read < m.count || m.count < 0 && len(b) > 0; m.read++ {
		i := m.read
		if rows.Len()+rows.Refused() >= storeRows {
			m.entries = b
			return true, nil
		}
		if m.pairs {
			n, rest, err := msgp.ReadArrayHeaderBytes(b)
			if err != nil || n != 2 {
				return false, logrecord.Malformed("entry %d: want a time and a record", i)
			}
			b = rest
		}
		var (
			unixNano int64
			metadata []byte
			err      error
		)
		if msgp.NextType(b) == msgp.ArrayType { // Fluent Bit 2: [[time, metadata], record]
			var n uint32
			if n, b, err = msgp.ReadArrayHeaderBytes(b); err != nil || n != 2 {
				return false, logrecord.Malformed("entry %d: want a time and metadata", i)
			}
			if unixNano, b, err = readTime(b); err == nil {
				metadata = b
				b, err = msgp.Skip(b)
			}
		} else {
			unixNano, b, err = readTime(b)
		}
		if err != nil {
			return false, logrecord.Malformed("entry %d: time: %v", i, err)
		}
		record := b
		if b, err = msgp.Skip(b); err != nil {
			return false, logrecord.Malformed("entry %d: %v", i, err)
		}
		record = record[:len(record)-len(b)]
		refusal := s.reader.Build(&rec, func(f *logrecord.Fields) error {
			if metadata != nil {
				if err := fill(f, metadata); err != nil {
					return err
				}
			}
			return fill(f, record)
		}, func() string { return asJSON(record) })
		if refusal != nil {
			_ = rows.Refuse(refusal)
			continue
		}
		rec.Time = unixNano
		rec.Label("tag", m.tag)
		_ = rows.Add(&rec) // a refusal is counted; the protocol cannot say it
	}
	return false, nil
}

// eventTime is the protocol's extension type of a time with nanoseconds.
const eventTime = 0

// maxSeconds is the greatest time that nanoseconds in 64 bits can hold.
const maxSeconds = math.MaxInt64 / 1_000_000_000

// readTime reads a time: EventTime, or a number of seconds.
func readTime(b []byte) (unixNano int64, rest []byte, err error) {
	const fixext8, ext8 = 0xd7, 0xc7
	switch {
	case len(b) >= 10 && b[0] == fixext8 && b[1] == eventTime:
		return unixNanos(b[2:10]), b[10:], nil
	case len(b) >= 11 && b[0] == ext8 && b[1] == 8 && b[2] == eventTime:
		return unixNanos(b[3:11]), b[11:], nil
	}
	switch kind := msgp.NextType(b); kind {
	case msgp.NilType:
		rest, err = msgp.ReadNilBytes(b)
		return 0, rest, err
	case msgp.IntType, msgp.UintType:
		n, rest, err := msgp.ReadInt64Bytes(b)
		if err == nil && (n > maxSeconds || n < -maxSeconds) {
			err = errors.New("number of seconds is out of range")
		}
		return n * 1e9, rest, err
	case msgp.Float64Type:
		f, rest, err := msgp.ReadFloat64Bytes(b)
		if err == nil && !(math.Abs(f) < maxSeconds) {
			err = errors.New("number of seconds is out of range")
		}
		return int64(f * 1e9), rest, err
	default:
		return 0, b, fmt.Errorf("it is of type %v", kind)
	}
}

func unixNanos(b []byte) int64 {
	return int64(binary.BigEndian.Uint32(b))*1e9 + int64(binary.BigEndian.Uint32(b[4:]))
}

// fill sets the fields of the map b.
func fill(f *logrecord.Fields, b []byte) error {
	if msgp.NextType(b) != msgp.MapType {
		return errors.New("record is not a map")
	}
	_, err := fillMap(f, b, 1)
	return err
}

// maxApart bounds how deep maps are taken apart.
const maxApart = 32

func fillMap(f *logrecord.Fields, b []byte, depth int) (rest []byte, err error) {
	n, b, err := msgp.ReadMapHeaderBytes(b)
	if err != nil {
		return b, err
	}
	for range n {
		var key string
		if key, b, err = readKey(b); err != nil {
			return b, err
		}
		if msgp.NextType(b) == msgp.MapType && depth < maxApart {
			leave := f.Enter(key)
			b, err = fillMap(f, b, depth+1)
			leave()
		} else {
			var v model.Value
			v, b, err = readValue(b)
			f.Set(key, v)
		}
		if err != nil {
			return b, err
		}
	}
	return b, nil
}

func readKey(b []byte) (string, []byte, error) {
	switch msgp.NextType(b) {
	case msgp.StrType, msgp.BinType:
		return readText(b)
	}
	v, rest, err := readValue(b)
	return v.Text(), rest, err
}

// readText reads a string, or bytes that stand for one, as Ruby's do.
func readText(b []byte) (string, []byte, error) {
	var (
		text []byte
		rest []byte
		err  error
	)
	if msgp.NextType(b) == msgp.BinType {
		text, rest, err = msgp.ReadBytesZC(b)
	} else {
		text, rest, err = msgp.ReadStringZC(b)
	}
	return unsafe.String(unsafe.SliceData(text), len(text)), rest, err
}

// readValue reads any value. Lists, and maps that are not taken apart, become
// JSON.
func readValue(b []byte) (v model.Value, rest []byte, err error) {
	switch msgp.NextType(b) {
	case msgp.StrType, msgp.BinType:
		s, rest, err := readText(b)
		return model.String(s), rest, err
	case msgp.IntType:
		n, rest, err := msgp.ReadInt64Bytes(b)
		return model.Int(n), rest, err
	case msgp.UintType:
		n, rest, err := msgp.ReadUint64Bytes(b)
		if n > math.MaxInt64 {
			return model.String(strconv.FormatUint(n, 10)), rest, err
		}
		return model.Int(int64(n)), rest, err
	case msgp.Float64Type, msgp.Float32Type:
		n, rest, err := msgp.ReadFloat64Bytes(b)
		return model.Float(n), rest, err
	case msgp.BoolType:
		x, rest, err := msgp.ReadBoolBytes(b)
		return model.Bool(x), rest, err
	case msgp.NilType:
		rest, err = msgp.ReadNilBytes(b)
		return v, rest, err
	}
	if rest, err = msgp.Skip(b); err != nil {
		return v, b, err
	}
	text := asJSON(b[:len(b)-len(rest)])
	switch msgp.NextType(b) {
	case msgp.ArrayType:
		v = model.Array(text)
	case msgp.MapType:
		v = model.Map(text)
	default:
		v = model.String(text)
	}
	return v, rest, nil
}

// asJSON returns the one value b as JSON; what JSON cannot say is left out.
func asJSON(b []byte) string {
	var out bytes.Buffer
	if _, err := msgp.UnmarshalAsJSON(&out, b); err != nil {
		return ""
	}
	return out.String()
}
