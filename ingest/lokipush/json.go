package lokipush

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/oriel-obs/oriel/model"
)

// decodeJSON reads
//
//	{"streams": [{"stream": {"app": "api"}, "values": [["<unix ns>", "line", {"k": "v"}]]}]}
//
// where the metadata object is optional and unknown keys are passed over.
// Lines and metadata refer to body's bytes, which must not change afterwards.
func (p *push) decodeJSON(body []byte) error {
	return p.decodeDocument(body, func(d *jsonDecoder) error {
		var labels, values jsontext.Value
		begun := false
		err := d.object(func(key string) (err error) {
			switch {
			case key == "stream":
				labels, err = d.value()
			case key == "values" && labels != nil && !begun:
				begun = true
				p.begin(p.streamOfObject(labels))
				err = d.array(func() error { return p.decodeValue(d) })
			case key == "values": // before its stream; read it when that is known
				values, err = d.value()
			default:
				err = d.skip()
			}
			return err
		})
		if err != nil {
			return err
		}
		if !begun {
			p.begin(p.streamOfObject(labels))
		}
		if values != nil {
			d := newJSONDecoder(values)
			return d.array(func() error { return p.decodeValue(d) })
		}
		return nil
	})
}

// decodeDocument calls stream for each stream of a push request; it must read
// one JSON value.
func (p *push) decodeDocument(body []byte, stream func(d *jsonDecoder) error) error {
	d := newJSONDecoder(body)
	err := d.object(func(key string) error {
		if key != "streams" {
			return d.skip()
		}
		return d.array(func() error { return stream(d) })
	})
	if err == nil {
		err = d.end()
	}
	if err != nil {
		return malformed("couldn't decode JSON push request: %v", err)
	}
	return nil
}

// streamOfObject returns the stream of a label object's JSON text; nil is the
// same as an empty object.
func (p *push) streamOfObject(text jsontext.Value) (*stream, error) {
	return p.h.objects.get(text, func() (*stream, error) {
		var attrs []model.Attr
		if text != nil {
			d := newJSONDecoder(bytes.Clone(text)) // what a cached stream refers to must not keep a request alive
			err := d.stringMap(func(name, value string) {
				attrs = append(attrs, model.Attr{Key: name, Value: model.String(value)})
			})
			if err != nil {
				return nil, fmt.Errorf("couldn't parse labels: %w", err)
			}
		}
		return p.h.newStream(attrs)
	})
}

// decodeValue reads ["<unix ns>", "line", {metadata}].
func (p *push) decodeValue(d *jsonDecoder) error {
	var (
		unixNano int64
		line     string
	)
	p.meta = p.meta[:0]
	i := 0
	err := d.array(func() error {
		var err error
		switch i {
		case 0:
			unixNano, err = d.timestamp()
		case 1:
			line, err = d.string("a log line")
		case 2:
			err = d.stringMap(p.addMetadata)
		default:
			err = fmt.Errorf("at byte %d: an entry has more than 3 elements", d.dec.InputOffset())
		}
		i++
		return err
	})
	if err != nil {
		return err
	}
	if i < 2 {
		return fmt.Errorf("at byte %d: an entry needs a timestamp and a line", d.dec.InputOffset())
	}
	p.entry(unixNano, line, p.meta)
	return nil
}

// A jsonDecoder reads one JSON text in place: strings refer to its bytes, or,
// where they had to be unescaped, to a few shared chunks.
type jsonDecoder struct {
	dec   *jsontext.Decoder
	text  []byte
	chunk []byte // room for unescaped strings; only ever appended to
}

func newJSONDecoder(text []byte) *jsonDecoder {
	return &jsonDecoder{
		// Loki's agents send log lines as they find them, and of repeated keys
		// the last counts, as with Go's and most other decoders.
		dec:  jsontext.NewDecoder(bytes.NewBuffer(text), jsontext.AllowInvalidUTF8(true), jsontext.AllowDuplicateNames(true)),
		text: text,
	}
}

// object calls field with each key of an object; it must read the value.
// null is an empty object.
func (d *jsonDecoder) object(field func(key string) error) error {
	return d.compound(jsontext.BeginObject.Kind(), "an object", func() error {
		key, err := d.string("a key")
		if err != nil {
			return err
		}
		return field(key)
	})
}

// array calls element at each element of an array; it must read it. null is
// an empty array.
func (d *jsonDecoder) array(element func() error) error {
	return d.compound(jsontext.BeginArray.Kind(), "an array", element)
}

func (d *jsonDecoder) compound(open jsontext.Kind, what string, element func() error) error {
	switch k := d.dec.PeekKind(); k {
	case 'n':
		return d.skip()
	case open:
	default:
		return d.unexpected(what)
	}
	if _, err := d.dec.ReadToken(); err != nil {
		return err
	}
	for {
		switch d.dec.PeekKind() {
		case ']', '}':
			_, err := d.dec.ReadToken()
			return err
		}
		if err := element(); err != nil {
			return err
		}
	}
}

// stringMap calls pair with each member of an object of strings.
func (d *jsonDecoder) stringMap(pair func(key, value string)) error {
	return d.object(func(key string) error {
		value, err := d.string("a string")
		if err == nil {
			pair(key, value)
		}
		return err
	})
}

// timestamp reads Unix nanoseconds in a string.
func (d *jsonDecoder) timestamp() (int64, error) {
	s, err := d.string("a timestamp in a string")
	if err != nil {
		return 0, err
	}
	t, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		return 0, fmt.Errorf("timestamp %q is not a number of nanoseconds", shorten(s))
	}
	return t, nil
}

// value reads any value and returns its text.
func (d *jsonDecoder) value() (jsontext.Value, error) {
	v, err := d.dec.ReadValue()
	if err != nil {
		return nil, err
	}
	// The decoder's own slice is only lent, but the text is ours.
	end := int(d.dec.InputOffset())
	return d.text[end-len(v) : end : end], nil
}

func (d *jsonDecoder) skip() error { return d.dec.SkipValue() }

// chunkBytes is the least room made for unescaped strings at once.
const chunkBytes = 64 << 10

// string reads a string; what names it in errors.
func (d *jsonDecoder) string(what string) (string, error) {
	if d.dec.PeekKind() != '"' {
		return "", d.unexpected(what)
	}
	v, err := d.value()
	if err != nil {
		return "", err
	}
	if bytes.IndexByte(v, '\\') < 0 {
		return view(v[1 : len(v)-1]), nil
	}
	if cap(d.chunk)-len(d.chunk) < len(v) {
		d.chunk = make([]byte, 0, max(chunkBytes, len(v)))
	}
	start := len(d.chunk)
	// The decoder has checked the syntax. What remains to complain of is
	// invalid UTF-8 and lone surrogates, replaced by U+FFFD.
	d.chunk, _ = jsontext.AppendUnquote(d.chunk, v)
	return view(d.chunk[start:len(d.chunk):len(d.chunk)]), nil
}

// unexpected says that what was wanted is not there, or why nothing is.
func (d *jsonDecoder) unexpected(what string) error {
	at := d.dec.InputOffset()
	t, err := d.dec.ReadToken()
	if err != nil {
		return noEOF(err)
	}
	return fmt.Errorf("at byte %d: want %s, got %v", at, what, kindName(t.Kind()))
}

func kindName(k jsontext.Kind) string {
	switch k {
	case 'n':
		return "null"
	case 't', 'f':
		return "a boolean"
	case '"':
		return "a string"
	case '0':
		return "a number"
	case '{', '}':
		return "an object"
	}
	return "an array"
}

// end fails unless nothing but space follows.
func (d *jsonDecoder) end() error {
	_, err := d.dec.ReadToken()
	if errors.Is(err, io.EOF) {
		return nil
	}
	if err == nil {
		err = fmt.Errorf("at byte %d: text after the end", d.dec.InputOffset())
	}
	return err
}

func noEOF(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}
