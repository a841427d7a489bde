package linefield

import (
	"strings"

	"github.com/buger/jsonparser"
)

// Unquote returns the text of a JSON string, given without its quotes. Text
// that is no UTF-8 loses the bad bytes to blanks; a string with a bad escape
// has no text. The result may share memory with raw, which must not change.
func Unquote(raw []byte) string {
	s := stringOf(raw)
	if strings.IndexByte(s, '\\') >= 0 {
		var stack [64]byte
		b, err := jsonparser.Unescape(raw, stack[:])
		if err != nil {
			return ""
		}
		s = string(b)
	}
	return Valid(s)
}

// Valid returns s with a blank in place of what is no UTF-8, and of the
// replacement character.
func Valid(s string) string {
	if !strings.ContainsRune(s, '\uFFFD') { // also finds bytes that are no UTF-8
		return s
	}
	return strings.Map(func(r rune) rune {
		if r == '\uFFFD' {
			return ' '
		}
		return r
	}, s)
}
