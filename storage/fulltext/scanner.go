package fulltext

import "unicode/utf8"

// A scanner finds the tokens of a text one after the other, hashing them on
// the way without copying. Indexing and searching use the same scanner, which
// makes it part of the on-disk format.
//
// Tokens are maximal runs of letters, marks, digits and underscores. A run of
// 8-4-4-4-12 hexadecimal digits is one token, a UUID, wherever it stands: also
// when more digits or letters touch it. The parts of a UUID are no tokens of
// their own, unless such neighbours make them longer. Bytes that are not UTF-8
// separate tokens.
type scanner struct {
	text string
	pos  int // where the next token is looked for
	next int // start of a UUID to be reported next, plus one

	// The token found last.
	start, end int // it is text[start:end]
	hash       uint64
	uuid       bool
}

const uuidLen = 36

// scan moves to the next token and reports whether there is one.
func (s *scanner) scan() bool {
	if s.next > 0 {
		s.takeUUID(s.next - 1)
		return true
	}
	text, i := s.text, s.pos
	h := uint64(hashSeed)
	start := -1
	for i < len(text) {
		c := asciiFold[text[i]]
		if c-1 < multibyte-1 { // part of a token, and ASCII
			if start < 0 {
				start = i
			}
			h = (h ^ uint64(c)) * hashPrime
			i++
			continue
		}
		if c == 0 {
			if start >= 0 {
				break
			}
			i++
			continue
		}
		r, size := utf8.DecodeRuneInString(text[i:])
		f, word := foldRune(r)
		if !word {
			if start >= 0 {
				break
			}
			i += size
			continue
		}
		if start < 0 {
			start = i
		}
		h = hashRune(h, f)
		i += size
	}
	if start < 0 {
		s.pos = i
		return false
	}
	if i-start >= 8 && i < len(text) && text[i] == '-' && isUUID(text, i-8) {
		if i-start == 8 {
			s.takeUUID(start)
			return true
		}
		s.next = i - 8 + 1
	}
	s.start, s.end, s.pos, s.hash, s.uuid = start, i, i, finish(h), false
	return true
}

// takeUUID makes the UUID at u the current token.
func (s *scanner) takeUUID(u int) {
	end := u + uuidLen
	h := uint64(hashSeed)
	for _, c := range []byte(s.text[u:end]) {
		h = (h ^ uint64(c|0x20)) * hashPrime // lower-case; digits and dashes have the bit
	}
	s.start, s.end, s.hash, s.uuid = u, end, finish(h), true
	s.pos, s.next = end, 0
	if end == len(s.text) {
		return
	}
	if asciiFold[s.text[end]] != 0 {
		s.pos = end - 12 // the last part belongs to a longer token
	} else if s.text[end] == '-' && isUUID(s.text, end-8) {
		s.next = end - 8 + 1
	}
}

// isUUID reports whether the 36 bytes at u are a UUID.
func isUUID(s string, u int) bool {
	if u+uuidLen > len(s) || s[u+8] != '-' || s[u+13] != '-' || s[u+18] != '-' || s[u+23] != '-' {
		return false
	}
	for i := range uuidLen {
		if i != 8 && i != 13 && i != 18 && i != 23 && !isHex(asciiFold[s[u+i]]) {
			return false
		}
	}
	return true
}

// isHex reports whether folded byte c is a hexadecimal digit.
func isHex(c byte) bool { return '0' <= c && c <= '9' || 'a' <= c && c <= 'f' }
