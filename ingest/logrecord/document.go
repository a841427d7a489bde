package logrecord

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"sync"
	"unsafe"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/oriel-obs/oriel/model"
)

// A Reader reads JSON documents by a Mapping.
type Reader struct {
	fields map[string]*field
	times  int  // length of Mapping.Time
	bodies int  // length of Mapping.Body
	whole  bool // Mapping.Whole is not empty
	strip  string
	pool   sync.Pool
}

// NewReader returns a Reader by m.
func NewReader(m Mapping) *Reader {
	return &Reader{fields: m.compile(), times: len(m.Time), bodies: len(m.Body), whole: len(m.Whole) > 0, strip: m.Strip}
}

// maxDepth bounds how deep objects are taken apart; one further down is an
// attribute of its own, as JSON.
const maxDepth = 32

// maxFields bounds the fields of one document, so that a hostile one is
// refused before it is spread out in memory. ingest.Limits.MaxAttrs is finer.
const maxFields = 1 << 14

// maxPathsBytes bounds the length of one document's paths together: nested
// objects repeat the keys above them.
const maxPathsBytes = 4 << 20

// Read reads the one JSON object that text is into rec, which it resets.
// Objects are taken apart, the keys on the way joined by dots; arrays stay as
// JSON; null is absent; integers are integers, and other numbers floats if
// they are written as Oriel writes floats, else text, so that no digit is lost.
// A document without a line has its own text as the line. rec refers to text's
// bytes, which must not change afterwards.
func (r *Reader) Read(text []byte, rec *Record) *Refusal {
	d := r.document(text, rec)
	defer r.pool.Put(d)
	if d.scan() {
		return d.settle()
	}
	d.reset(text, rec)
	return d.read()
}

// document returns a document to read text into rec, which it resets.
func (r *Reader) document(text []byte, rec *Record) *document {
	d, _ := r.pool.Get().(*document)
	if d == nil {
		d = &document{
			reader: r, known: map[string]*field{},
			times: make([]candidate, r.times), bodies: make([]candidate, r.bodies),
		}
		d.dec = jsontext.NewDecoder(&d.buf)
	}
	d.reset(text, rec)
	return d
}

// reset makes d start on text, of which nothing is read.
func (d *document) reset(text []byte, rec *Record) {
	rec.Reset()
	d.text, d.rec, d.path, d.met, d.fields, d.spread = text, rec, d.path[:0], 0, 0, 0
	clear(d.times)
	clear(d.bodies)
}

// A document is the state of reading one; kept for the next one.
type document struct {
	reader *Reader
	dec    *jsontext.Decoder
	buf    bytes.Buffer
	text   []byte
	rec    *Record
	path   []byte
	known  map[string]*field // by path; those of the reader, and others met
	before [maxBefore]*field // those of the document before, in its order
	met    int               // fields so far
	chunk  []byte            // room for unescaped strings; only ever appended to
	fields int
	spread int // bytes of paths

	times  []candidate // by rank
	bodies []candidate
}

// A candidate is the value of a field that may be the time or the line.
type candidate struct {
	field *field
	value model.Value
	text  []byte // as it stands; nil if the record is not JSON
}

// show returns the value as it stands.
func (c *candidate) show() string {
	if c.text == nil {
		return c.value.Text()
	}
	return view(c.text)
}

// read reads d.text.
func (d *document) read() *Refusal {
	d.buf = *bytes.NewBuffer(d.text)
	d.dec.Reset(&d.buf, jsontext.AllowInvalidUTF8(true), jsontext.AllowDuplicateNames(true))
	if k := d.dec.PeekKind(); k != jsontext.KindBeginObject {
		if k == jsontext.KindInvalid {
			_, err := d.dec.ReadToken()
			return Malformed("not JSON: %v", noEOF(err))
		}
		return Malformed("not a JSON object")
	}
	if err := d.object(1); err != nil {
		var refusal *Refusal
		if errors.As(err, &refusal) {
			return refusal
		}
		return Malformed("not JSON: %v", noEOF(err))
	}
	if _, err := d.dec.ReadToken(); !errors.Is(err, io.EOF) {
		return Malformed("not JSON: text after the end of the object, at byte %d", d.dec.InputOffset())
	}
	return d.settle()
}

// object reads an object whose keys follow d.path.
func (d *document) object(depth int) error {
	if _, err := d.dec.ReadToken(); err != nil {
		return err
	}
	at := len(d.path)
	for {
		if d.dec.PeekKind() == jsontext.KindEndObject {
			_, err := d.dec.ReadToken()
			d.path = d.path[:at]
			return err
		}
		key, err := d.value()
		if err != nil {
			return err
		}
		d.path = d.path[:at]
		if at > 0 {
			d.path = append(d.path, '.')
		}
		if key[0] != '"' {
			return fmt.Errorf("at byte %d: want a key", d.dec.InputOffset())
		}
		if bytes.IndexByte(key, '\\') < 0 {
			d.path = append(d.path, key[1:len(key)-1]...)
		} else {
			d.path, _ = jsontext.AppendUnquote(d.path, key)
		}
		if err := d.member(depth); err != nil {
			return err
		}
	}
}

// member reads the value of d.path.
func (d *document) member(depth int) error {
	kind := d.dec.PeekKind()
	if kind == jsontext.KindBeginObject && depth < maxDepth && (!d.reader.whole || !d.field().whole) {
		return d.object(depth + 1)
	}
	text, err := d.value()
	if err != nil || kind == jsontext.KindNull {
		return err
	}
	if refusal := d.count(); refusal != nil {
		return refusal
	}
	var v model.Value
	switch kind {
	case jsontext.KindString:
		v = model.String(d.unquote(text))
	case jsontext.KindNumber:
		v = number(text)
	case jsontext.KindTrue, jsontext.KindFalse:
		v = model.Bool(kind == jsontext.KindTrue)
	case jsontext.KindBeginArray:
		v = model.Array(view(text))
	default:
		v = model.Map(view(text))
	}
	d.put(d.field(), v, text)
	return nil
}

// count counts the field at d.path.
func (d *document) count() *Refusal {
	d.fields++
	d.spread += len(d.path)
	if d.fields > maxFields || d.spread > maxPathsBytes {
		return Malformed("document has more than %d fields, or names of more than %d bytes together", maxFields, maxPathsBytes)
	}
	return nil
}

// put files v under what its field means.
func (d *document) put(f *field, v model.Value, text []byte) {
	switch f.role {
	case roleTime:
		d.times[f.rank] = candidate{f, v, text}
		return
	case roleBody:
		d.bodies[f.rank] = candidate{f, v, text}
		return
	case roleLabel:
		if k := v.Kind(); k != model.KindArray && k != model.KindMap {
			d.rec.Label(f.name, v.Text())
			return
		}
	}
	if v != model.String("") {
		d.rec.Attrs = append(d.rec.Attrs, model.Attr{Key: f.name, Value: v})
	}
}

// settle decides which candidates are the time and the line; the others are
// attributes.
func (d *document) settle() *Refusal {
	found := false
	for _, c := range d.times {
		if c.field == nil {
			continue
		}
		if found {
			d.rec.Attrs = append(d.rec.Attrs, model.Attr{Key: c.field.name, Value: c.value})
			continue
		}
		found = true
		text := c.value.Str()
		if c.value.Kind() == model.KindInt || c.value.Kind() == model.KindFloat {
			text = c.show()
		}
		var ok bool
		if d.rec.Time, ok = ParseTime(text); !ok {
			return Malformed("field %q is not a time: %s", c.field.path, shorten(c.show()))
		}
	}
	found = false
	for _, c := range d.bodies {
		switch {
		case c.field == nil:
		case !found:
			found = true
			d.rec.Body = c.value.Str()
			if k := c.value.Kind(); k != model.KindString && k != model.KindArray && k != model.KindMap {
				d.rec.Body = c.show()
			}
		case c.value != model.String(""):
			d.rec.Attrs = append(d.rec.Attrs, model.Attr{Key: c.field.name, Value: c.value})
		}
	}
	if !found {
		d.rec.Body, d.rec.Bare = strings.TrimSpace(view(d.text)), true
	}
	return nil
}

// Bounds of what a document remembers of the fields it met.
const (
	maxKnown     = 4096
	maxKnownPath = 256 // bytes
	maxBefore    = 64
)

// field returns the field of d.path. Documents of one sender have theirs in the
// same order, so that the one that was at the same place before is tried first.
func (d *document) field() *field {
	at := d.met
	d.met++
	if at >= maxBefore {
		return d.lookUp()
	}
	f := d.before[at]
	if f == nil || f.path != string(d.path) {
		if f = d.lookUp(); len(f.path) <= maxKnownPath {
			d.before[at] = f
		}
	}
	return f
}

// lookUp returns the field of d.path.
func (d *document) lookUp() *field {
	if f := d.known[string(d.path)]; f != nil {
		return f
	}
	f := d.reader.fields[string(d.path)]
	if f == nil {
		path := string(d.path)
		f = &field{path: path, name: cmp.Or(strings.TrimPrefix(path, d.reader.strip), "_")}
	}
	if len(d.path) <= maxKnownPath {
		if len(d.known) >= maxKnown {
			clear(d.known)
		}
		d.known[string(d.path)] = f
	}
	return f
}

// value reads any value and returns its text.
func (d *document) value() (jsontext.Value, error) {
	v, err := d.dec.ReadValue()
	if err != nil {
		return nil, err
	}
	// The decoder's own slice is only lent, but the text is ours.
	end := int(d.dec.InputOffset())
	return d.text[end-len(v) : end : end], nil
}

// chunkBytes is the least room made for unescaped strings at once.
const chunkBytes = 64 << 10

// unquote returns the string that v spells.
func (d *document) unquote(v jsontext.Value) string {
	if bytes.IndexByte(v, '\\') < 0 {
		return view(v[1 : len(v)-1])
	}
	if cap(d.chunk)-len(d.chunk) < len(v) {
		d.chunk = make([]byte, 0, max(chunkBytes, len(v)))
	}
	start := len(d.chunk)
	// The decoder has checked the syntax. What remains to complain of is
	// invalid UTF-8 and lone surrogates, replaced by U+FFFD.
	d.chunk, _ = jsontext.AppendUnquote(d.chunk, v)
	return view(d.chunk[start:len(d.chunk):len(d.chunk)])
}

// number returns the value of a JSON number.
func number(text []byte) model.Value {
	s := view(text)
	if n, err := strconv.ParseInt(s, 10, 64); err == nil && s != "-0" {
		return model.Int(n)
	}
	if f, err := strconv.ParseFloat(s, 64); err == nil {
		if v := model.Float(f); v.Text() == s {
			return v
		}
	}
	return model.String(s)
}

// view returns b as a string that shares its memory, which nobody writes to
// once a request is read.
func view(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

// maxShown bounds what a message quotes of the sender's text.
const maxShown = 256

func shorten(s string) string {
	if len(s) <= maxShown {
		return s
	}
	return s[:maxShown] + "…"
}

func noEOF(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}
