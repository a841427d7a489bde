package fulltext

import (
	"strings"

	"github.com/buger/jsonparser"
)

// appendUnescaped appends text with the escapes of JSON strings resolved,
// wherever they stand; those that mean nothing stay. Fields of bodies are
// compared in this form, while lines are searched as they are.
func appendUnescaped(dst []byte, text string) []byte {
	for {
		i := strings.IndexByte(text, '\\')
		if i < 0 || i+1 == len(text) {
			return append(dst, text...)
		}
		dst = append(dst, text[:i]...)
		text = text[i:]
		n := 2
		switch c := text[1]; c {
		case '"', '\\', '/':
			dst = append(dst, c)
		case 'b', 'f', 'n', 'r', 't':
			dst = append(dst, '\n') // all of them separate tokens
		case 'u':
			var decoded []byte
			if decoded, n = cutUnicode(text); n == 0 {
				decoded, n = []byte(text[:2]), 2
			}
			dst = append(dst, decoded...)
		default:
			dst = append(dst, text[:2]...)
		}
		text = text[n:]
	}
}

// cutUnicode decodes the escape \uXXXX that text begins with, or a pair of
// them, with all the liberties that the parser of fields takes. n is its
// length, 0 if it is none.
func cutUnicode(text string) (decoded []byte, n int) {
	for _, n := range []int{6, 12} {
		if len(text) < n {
			break
		}
		if decoded, err := jsonparser.Unescape([]byte(text[:n]), nil); err == nil {
			return decoded, n
		}
	}
	return nil, 0
}
