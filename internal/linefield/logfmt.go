package linefield

import (
	"fmt"

	"github.com/buger/jsonparser"
)

// Logfmt walks over the key=value pairs of a line. The grammar is that of
// github.com/kr/logfmt: pairs stand between blanks, a value may be quoted with
// the escapes of JSON, a key alone has no value.
type Logfmt struct {
	Text string

	// The pair that Next read.
	Key   string
	Value string // unquoted, but maybe no UTF-8; see Valid
	Err   error  // the pair is malformed

	off int
}

// EachLogfmt calls found with the labels that `| logfmt` makes of text, of
// those that want wants, nil wanting all, until found returns false. A label
// may come more than once. Malformed pairs, and those without a value, are
// left out; no text is refused.
func EachLogfmt(text string, want func(label string) bool, found func(label, value string) bool) {
	s := Logfmt{Text: text}
	for s.Next() {
		if s.Err != nil || s.Value == "" {
			continue
		}
		if label := Label(s.Key); label != "" && (want == nil || want(label)) && !found(label, Valid(s.Value)) {
			return
		}
	}
}

// PickLogfmt returns the value of the last pair of a key, which is compared as
// it is written; ok is false if there is none that is well-formed and has a
// value.
func PickLogfmt(text, key string) (value string, ok bool) {
	s := Logfmt{Text: text}
	for s.Next() {
		if s.Err == nil && s.Value != "" && s.Key == key {
			value, ok = s.Value, true
		}
	}
	return Valid(value), ok
}

// Next reads a pair; it returns false at the end of the line. A pair that is
// malformed sets Err; scanning may go on behind it.
func (s *Logfmt) Next() bool {
	s.Key, s.Value, s.Err = "", "", nil
	for s.off < len(s.Text) && s.Text[s.off] <= ' ' {
		s.off++
	}
	if s.off == len(s.Text) {
		return false
	}
	start := s.off
	for ; s.off < len(s.Text); s.off++ {
		switch c := s.Text[s.off]; {
		case c == '=':
			s.Key = s.Text[start:s.off]
			if s.Key == "" {
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
			s.Key = s.Text[start:s.off]
			return true
		}
	}
	s.Key = s.Text[start:]
	return true
}

func (s *Logfmt) readValue() {
	if s.off < len(s.Text) && s.Text[s.off] == '"' {
		s.readQuoted()
		return
	}
	start := s.off
	for ; s.off < len(s.Text); s.off++ {
		switch c := s.Text[s.off]; {
		case c <= ' ':
			s.Value = s.Text[start:s.off]
			return
		case c == '=' || c == '"':
			s.unexpected(c)
			return
		}
	}
	s.Value = s.Text[start:]
}

func (s *Logfmt) readQuoted() {
	start := s.off + 1
	escaped := false
	for i := start; i < len(s.Text); i++ {
		switch s.Text[i] {
		case '\\':
			escaped = true
			i++
		case '"':
			s.off = i + 1
			s.Value = s.Text[start:i]
			if escaped {
				b, err := jsonparser.Unescape(bytesOf(s.Value), nil)
				if err != nil {
					s.fail(start, "invalid quoted value")
					return
				}
				s.Value = string(b)
			}
			return
		}
	}
	s.off = len(s.Text)
	s.fail(len(s.Text), "unterminated quoted value")
}

// unexpected fails at the current byte and skips the rest of the word.
func (s *Logfmt) unexpected(c byte) {
	s.fail(s.off+1, fmt.Sprintf("unexpected %q", rune(c)))
	for s.off < len(s.Text) && s.Text[s.off] > ' ' {
		s.off++
	}
}

func (s *Logfmt) fail(pos int, what string) {
	s.Err = &logfmtError{pos: pos, what: what}
}

type logfmtError struct {
	pos  int // byte, from 1
	what string
}

func (e *logfmtError) Error() string {
	return fmt.Sprintf("logfmt syntax error at pos %d : %s", e.pos, e.what)
}
