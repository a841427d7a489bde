package shred

// cutLogfmt cuts a line of at least two pairs and nothing else, the way
// github.com/kr/logfmt reads them: key=value or key="value", with spaces and
// tabs between.
func (c *Cutter) cutLogfmt(s string) bool {
	if !isKeyByte(s[0]) || s[0] == '{' || s[0] == '[' {
		return false // what begins like JSON is read as such
	}
	pairs := 0
	for i := 0; ; pairs++ {
		for i < len(s) && isBlank(s[i]) {
			i++
		}
		if i == len(s) {
			return pairs >= 2
		}
		start := i
		for i < len(s) && isKeyByte(s[i]) {
			i++
		}
		if i == start || i == len(s) || s[i] != '=' {
			return false
		}
		if i++; i == len(s) {
			continue
		}
		switch {
		case isBlank(s[i]): // an empty value stays in the template
		case s[i] == '"':
			end := i + 1
			if end == len(s) || s[end] != '"' {
				if end = quotedEnd(s, i+1); end < 0 {
					return false
				}
				c.hole(s, i+1, end, Quoted)
			}
			if i = end + 1; i < len(s) && !isBlank(s[i]) {
				return false
			}
		default:
			end := bareEnd(s, i)
			if end < 0 {
				return false
			}
			c.hole(s, i, end, Bare)
			i = end
		}
	}
}

func isBlank(c byte) bool { return c == ' ' || c == '\t' }

// isKeyByte reports whether c may be part of a key, or of a value without
// quotes.
func isKeyByte(c byte) bool { return c > ' ' && c != '=' && c != '"' }

// bareEnd returns the end of the value at i, up to a blank or the end of the
// line, or -1 if it is malformed or empty.
func bareEnd(s string, i int) int {
	start := i
	for i < len(s) && isKeyByte(s[i]) {
		i++
	}
	if i == start || i < len(s) && !isBlank(s[i]) {
		return -1
	}
	return i
}

// quotedEnd returns where the closing quote is of a value whose text starts at
// i, or -1 if there is none, the text is empty, or it has an escape that may be
// invalid.
func quotedEnd(s string, i int) int {
	start := i
	for ; i < len(s); i++ {
		switch s[i] {
		case '"':
			if i == start {
				return -1
			}
			return i
		case '\\':
			if i++; i == len(s) {
				return -1
			}
			switch s[i] {
			case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
			default:
				return -1
			}
		}
	}
	return -1
}
