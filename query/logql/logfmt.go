package logql

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/buger/jsonparser"
)

// logfmtScanner walks over the key=value pairs of a line. The grammar is that
// of github.com/kr/logfmt: pairs stand between blanks, a value may be quoted
// with the escapes of JSON, a key alone has no value.
type logfmtScanner struct {
	text string
	off  int

	key   string
	value string // unquoted
	err   error  // of the pair read last
}

// next reads a pair; it returns false at the end of the line. A pair that is
// malformed sets err; scanning may go on behind it.
func (s *logfmtScanner) next() bool {
	s.key, s.value, s.err = "", "", nil
	for s.off < len(s.text) && s.text[s.off] <= ' ' {
		s.off++
	}
	if s.off == len(s.text) {
		return false
	}
	start := s.off
	for ; s.off < len(s.text); s.off++ {
		switch c := s.text[s.off]; {
		case c == '=':
			s.key = s.text[start:s.off]
			if s.key == "" {
				s.unexpected('=')
				return true
			}
			s.off++
			s.readValue()
			return true
		case c == '"':
			s.unexpected('"')
			return true
		case c <= ' ':
			s.key = s.text[start:s.off]
			return true
		}
	}
	s.key = s.text[start:]
	return true
}

func (s *logfmtScanner) readValue() {
	if s.off < len(s.text) && s.text[s.off] == '"' {
		s.readQuoted()
		return
	}
	start := s.off
	for ; s.off < len(s.text); s.off++ {
		switch c := s.text[s.off]; {
		case c <= ' ':
			s.value = s.text[start:s.off]
			return
		case c == '=' || c == '"':
			s.unexpected(c)
			return
		}
	}
	s.value = s.text[start:]
}

func (s *logfmtScanner) readQuoted() {
	start := s.off + 1
	escaped := false
	for i := start; i < len(s.text); i++ {
		switch s.text[i] {
		case '\\':
			escaped = true
			i++
		case '"':
			s.off = i + 1
			s.value = s.text[start:i]
			if escaped {
				b, err := jsonparser.Unescape(bytesOf(s.value), nil)
				if err != nil {
					s.fail(start, "invalid quoted value")
					return
				}
				s.value = string(b)
			}
			return
		}
	}
	s.off = len(s.text)
	s.fail(len(s.text), "unterminated quoted value")
}

// unexpected fails at the current byte and skips the rest of the word.
func (s *logfmtScanner) unexpected(c byte) {
	s.fail(s.off+1, fmt.Sprintf("unexpected %q", rune(c)))
	for s.off < len(s.text) && s.text[s.off] > ' ' {
		s.off++
	}
}

func (s *logfmtScanner) fail(pos int, what string) {
	s.err = &logfmtError{pos: pos, what: what}
}

type logfmtError struct {
	pos  int // byte, from 1
	what string
}

func (e *logfmtError) Error() string {
	return fmt.Sprintf("logfmt syntax error at pos %d : %s", e.pos, e.what)
}

// validValue returns v without what is no UTF-8.
func validValue(v string) string {
	if utf8.ValidString(v) && !strings.ContainsRune(v, utf8.RuneError) {
		return v
	}
	return blankInvalid(v)
}
