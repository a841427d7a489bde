package storage

import (
	"unicode"
	"unicode/utf8"
)

// ContainsFold reports whether needle is within s under Unicode simple case
// folding, as (?i) of a regular expression has it. Bytes that are not UTF-8
// match themselves alone.
func ContainsFold(s, needle string) bool {
	for {
		if hasPrefixFold(s, needle) {
			return true
		}
		if s == "" {
			return false
		}
		_, width := utf8.DecodeRuneInString(s)
		s = s[width:]
	}
}

func hasPrefixFold(s, prefix string) bool {
	for prefix != "" {
		if s == "" {
			return false
		}
		a, an := utf8.DecodeRuneInString(s)
		b, bn := utf8.DecodeRuneInString(prefix)
		invalid := a == utf8.RuneError && an == 1 || b == utf8.RuneError && bn == 1
		if invalid && s[:an] != prefix[:bn] || !invalid && !equalFold(a, b) {
			return false
		}
		s, prefix = s[an:], prefix[bn:]
	}
	return true
}

func equalFold(a, b rune) bool {
	if a == b {
		return true
	}
	for f := unicode.SimpleFold(a); f != a; f = unicode.SimpleFold(f) {
		if f == b {
			return true
		}
	}
	return false
}
