package logrecord

import (
	"bytes"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/oriel-obs/oriel/model"
)

// scan reads d.text like read, but only documents as shippers write them; what
// it takes, read would take for the same. Of others it returns false: some are
// just rare, such as escapes in keys, and for those that are no JSON the
// decoder has the words. It takes half the time of read.
func (d *document) scan() bool {
	i := d.blanks(0)
	if d.at(i) != '{' {
		return false
	}
	i = d.scanObject(i+1, 1)
	return i >= 0 && d.blanks(i) == len(d.text)
}

// at returns the byte at i, 0 at the end of the text.
func (d *document) at(i int) byte {
	if i < len(d.text) {
		return d.text[i]
	}
	return 0
}

// blanks returns the first place from i on that is no blank.
func (d *document) blanks(i int) int {
	for i < len(d.text) {
		switch d.text[i] {
		case ' ', '\n', '\t', '\r':
			i++
		default:
			return i
		}
	}
	return i
}

// scanObject reads the members of an object, whose keys follow d.path, and
// returns the place after it, or -1.
func (d *document) scanObject(i, depth int) int {
	above := len(d.path)
	if i = d.blanks(i); d.at(i) == '}' {
		return i + 1
	}
	for {
		if d.at(i) != '"' {
			return -1
		}
		start := i + 1
		for i = start; i < len(d.text) && plain[d.text[i]]; i++ {
		}
		if d.at(i) != '"' {
			return -1
		}
		d.path = d.path[:above]
		if above > 0 {
			d.path = append(d.path, '.')
		}
		d.path = append(d.path, d.text[start:i]...)
		if i = d.blanks(i + 1); d.at(i) != ':' {
			return -1
		}
		if i = d.scanMember(d.blanks(i+1), depth); i < 0 {
			return -1
		}
		switch i = d.blanks(i); d.at(i) {
		case '}':
			d.path = d.path[:above]
			return i + 1
		case ',':
			i = d.blanks(i + 1)
		default:
			return -1
		}
	}
}

// scanMember reads the value of d.path at i, and returns the place after it,
// or -1.
func (d *document) scanMember(i, depth int) (end int) {
	var v model.Value
	switch c := d.at(i); c {
	case '"':
		var s string
		if s, end = d.scanString(i + 1); end < 0 {
			return -1
		}
		v = model.String(s)
	case '{':
		if depth < maxDepth && (!d.reader.whole || !d.field().whole) {
			return d.scanObject(i+1, depth+1)
		}
		if end = d.decoded(i); end < 0 {
			return -1
		}
		v = model.Map(view(d.text[i:end]))
	case '[':
		if end = d.decoded(i); end < 0 {
			return -1
		}
		v = model.Array(view(d.text[i:end]))
	case 't':
		v, end = model.Bool(true), d.word(i, "true")
	case 'f':
		v, end = model.Bool(false), d.word(i, "false")
	case 'n':
		return d.word(i, "null")
	default:
		if end = d.numberEnd(i); end >= 0 {
			v = number(d.text[i:end])
		}
	}
	if end < 0 || d.count() != nil {
		return -1
	}
	d.put(d.field(), v, d.text[i:end:end])
	return end
}

// word returns the end of w at i, or -1.
func (d *document) word(i int, w string) int {
	if len(d.text)-i < len(w) || string(d.text[i:i+len(w)]) != w {
		return -1
	}
	return i + len(w)
}

// numberEnd returns the end of the number at i, or -1 if there is none, or one
// with an exponent.
func (d *document) numberEnd(i int) int {
	if d.at(i) == '-' {
		i++
	}
	start := i
	for isDigit(d.at(i)) {
		i++
	}
	if i == start || i > start+1 && d.text[start] == '0' {
		return -1
	}
	if d.at(i) == '.' {
		start = i + 1
		for i = start; isDigit(d.at(i)); i++ {
		}
		if i == start {
			return -1
		}
	}
	if d.at(i)|0x20 == 'e' {
		return -1
	}
	return i
}

// maxDecoded bounds the values that decoded reads, so that they are not nested
// deeper than the decoder allows in a whole document.
const maxDecoded = 4 << 10

// decoded returns the end of the value at i, which is left to the decoder, or
// -1.
func (d *document) decoded(i int) int {
	d.buf = *bytes.NewBuffer(d.text[i:])
	d.dec.Reset(&d.buf, jsontext.AllowInvalidUTF8(true), jsontext.AllowDuplicateNames(true))
	v, err := d.dec.ReadValue()
	if err != nil || len(v) > maxDecoded {
		return -1
	}
	return i + len(v)
}

// plain tells which bytes stand for themselves in a string of JSON.
var plain = func() (t [256]bool) {
	for c := ' '; c < 256; c++ {
		t[c] = c != '"' && c != '\\'
	}
	return t
}()

// escaped are the bytes that stand for others after a backslash.
var escaped = [256]byte{'"': '"', '\\': '\\', '/': '/', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t'}

// scanString returns the string whose text starts at i, and the place after its
// closing quote, or -1.
func (d *document) scanString(i int) (s string, end int) {
	text, start := d.text, i
	for i < len(text) && plain[text[i]] {
		i++
	}
	if d.at(i) == '"' {
		return view(text[start:i]), i + 1
	}
	if cap(d.chunk)-len(d.chunk) < len(text)-start {
		d.chunk = make([]byte, 0, max(chunkBytes, len(text)-start))
	}
	out := d.chunk
	for {
		out = append(out, text[start:i]...)
		switch d.at(i) {
		case '"':
			s = view(out[len(d.chunk):len(out):len(out)])
			if !utf8.ValidString(s) {
				return "", -1 // the decoder replaces what is not
			}
			d.chunk = out
			return s, i + 1
		case '\\':
		default:
			return "", -1
		}
		i++
		if c := escaped[d.at(i)]; c != 0 {
			out = append(out, c)
			i++
		} else {
			r, ok := d.codeUnit(i)
			if !ok {
				return "", -1
			}
			out = utf8.AppendRune(out, r)
			i += len("u0000")
		}
		for start = i; i < len(text) && plain[text[i]]; i++ {
		}
	}
}

// codeUnit reads the uXXXX of an escape. Surrogates are the decoder's.
func (d *document) codeUnit(i int) (r rune, ok bool) {
	if d.at(i) != 'u' {
		return 0, false
	}
	for k := 1; k <= 4; k++ {
		c := d.at(i + k)
		switch {
		case isDigit(c):
			c -= '0'
		case c|0x20 >= 'a' && c|0x20 <= 'f':
			c = (c | 0x20) - 'a' + 10
		default:
			return 0, false
		}
		r = r<<4 | rune(c)
	}
	return r, r < 0xd800 || r > 0xdfff
}
