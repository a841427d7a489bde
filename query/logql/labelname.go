package logql

import "strings"

// sanitizeName makes a label name of a key: blanks around it are cut, a
// leading digit gets an underscore before it, and every character but ASCII
// letters, digits and underscore becomes one. It returns "" for no name.
func sanitizeName(key string) string {
	if isName(key) {
		return key
	}
	key = strings.TrimSpace(key)
	if key == "" {
		return ""
	}
	var b strings.Builder
	b.Grow(len(key) + 1)
	if key[0] >= '0' && key[0] <= '9' {
		b.WriteByte('_')
	}
	for _, r := range key {
		if r < 0x80 && isNameByte(byte(r)) {
			b.WriteByte(byte(r))
		} else {
			b.WriteByte('_')
		}
	}
	return b.String()
}

func isNameByte(c byte) bool {
	return c == '_' || isLetter(c) || c >= '0' && c <= '9'
}

func isName(s string) bool {
	if s == "" || s[0] >= '0' && s[0] <= '9' {
		return false
	}
	for i := range len(s) {
		if !isNameByte(s[i]) {
			return false
		}
	}
	return true
}
