package fulltext

import (
	"unicode"
	"unicode/utf8"
)

// asciiFold maps a byte to its folded form if it is part of a token, to 0 if
// it separates tokens, and to multibyte if a rune has to be decoded.
var asciiFold = func() (t [256]byte) {
	for c := range t {
		switch {
		case 'a' <= c && c <= 'z', '0' <= c && c <= '9', c == '_':
			t[c] = byte(c)
		case 'A' <= c && c <= 'Z':
			t[c] = byte(c) + 'a' - 'A'
		case c >= utf8.RuneSelf:
			t[c] = multibyte
		}
	}
	return t
}()

const multibyte = 0xff

// foldRune returns the one rune that stands for all that r equals under
// Unicode simple case folding, and whether it is part of a token. The Kelvin
// sign becomes k and the long s becomes s, as (?i) of a regular expression has
// it; strings.ToLower would miss the latter.
func foldRune(r rune) (folded rune, word bool) {
	if r < utf8.RuneSelf {
		c := asciiFold[r]
		return rune(c), c != 0
	}
	if 0x3400 <= r && r <= 0x9fff || 0xac00 <= r && r <= 0xd7a3 {
		return r, unicode.IsLetter(r) // Han and Hangul have no case
	}
	folded, word = r, unicode.In(r, unicode.L, unicode.M, unicode.N) // the same for all that fold together
	for f := unicode.SimpleFold(r); f != r; f = unicode.SimpleFold(f) {
		folded = min(folded, f)
	}
	if 'A' <= folded && folded <= 'Z' {
		folded += 'a' - 'A'
	}
	return folded, word
}

// appendFolded appends token, folded.
func appendFolded(dst []byte, token string) []byte {
	for i := 0; i < len(token); {
		if c := asciiFold[token[i]]; c != multibyte {
			if c == 0 {
				c = token[i] // the dash of a UUID
			}
			dst = append(dst, c)
			i++
			continue
		}
		r, size := utf8.DecodeRuneInString(token[i:])
		f, _ := foldRune(r)
		dst = utf8.AppendRune(dst, f)
		i += size
	}
	return dst
}
