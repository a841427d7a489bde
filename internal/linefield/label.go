package linefield

import "strings"

// Label makes a label name of a key: blanks around it are cut, a leading digit
// gets an underscore before it, and every character but ASCII letters, digits
// and underscore becomes one. It returns "" for no name.
func Label(key string) string {
	if IsLabel(key) {
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
		if r < 0x80 && IsLabelByte(byte(r)) {
			b.WriteByte(byte(r))
		} else {
			b.WriteByte('_')
		}
	}
	return b.String()
}

// MemberLabel returns the label of the member key of a JSON object that itself
// has the label parent, which is "" for the outermost object. It returns ""
// for a member that has none; nor have the members of that one.
func MemberLabel(parent, key string) string {
	if parent == "" {
		return Label(key)
	}
	if key = strings.TrimSpace(key); key == "" {
		return ""
	}
	return Label(parent + "_" + key)
}

// IsLabelByte reports whether c may stand in a label name.
func IsLabelByte(c byte) bool {
	return c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
}

// IsLabel reports whether s is a label name as it stands.
func IsLabel(s string) bool {
	if s == "" || s[0] >= '0' && s[0] <= '9' {
		return false
	}
	for i := range len(s) {
		if !IsLabelByte(s[i]) {
			return false
		}
	}
	return true
}
