package shred

// maxDepth bounds how deep objects and arrays are nested.
const maxDepth = 32

// cutJSON cuts a line that is one JSON object. Blanks may be around its tokens,
// but not before the first.
func (c *Cutter) cutJSON(s string) bool {
	depth, opened := 1, true // opened: the last token was an opening brace
	for i := blanks(s, 1); i < len(s); {
		if !opened || s[i] != '}' {
			if i = afterKey(s, i); i < 0 || i >= len(s) {
				return false
			}
			if s[i] == '{' {
				if depth++; depth > maxDepth {
					return false
				}
				i, opened = blanks(s, i+1), true
				continue
			}
			if i = c.jsonValue(s, i); i < 0 {
				return false
			}
			i = blanks(s, i)
		}
		for i < len(s) && s[i] == '}' {
			i = blanks(s, i+1)
			if depth--; depth == 0 {
				return i == len(s)
			}
		}
		if i >= len(s) || s[i] != ',' {
			return false
		}
		i, opened = blanks(s, i+1), false
	}
	return false
}

// jsonValue cuts the value at s[i], which is no object, and returns its end, or
// -1.
func (c *Cutter) jsonValue(s string, i int) int {
	kind := Number
	switch s[i] {
	case '"':
		end := stringEnd(s, i+1)
		if end < 0 {
			return -1
		}
		c.hole(s, i+1, end, String)
		return end + 1
	case '[':
		kind = Array
	case 't', 'f':
		kind = Bool
	case 'n':
		if len(s)-i < 4 || s[i:i+4] != "null" {
			return -1
		}
		return i + 4
	}
	end := valueEnd(s, i, kind)
	if end >= 0 {
		c.hole(s, i, end, kind)
	}
	return end
}

// blanks returns the first place from i on that is no blank.
func blanks(s string, i int) int {
	for i < len(s) && (s[i] == ' ' || s[i] == '\n' || s[i] == '\t' || s[i] == '\r') {
		i++
	}
	return i
}

// afterKey returns where the value of the key at s[i] begins, or -1 if there is
// no key, or one with escapes.
func afterKey(s string, i int) int {
	if i >= len(s) || s[i] != '"' {
		return -1
	}
	for i++; i < len(s) && plain[s[i]]; i++ {
	}
	if i >= len(s) || s[i] != '"' {
		return -1
	}
	if i = blanks(s, i+1); i >= len(s) || s[i] != ':' {
		return -1
	}
	return blanks(s, i+1)
}

// plain tells which bytes stand for themselves in a string of JSON.
var plain = func() (t [256]bool) {
	for c := ' '; c < 256; c++ {
		t[c] = c != '"' && c != '\\'
	}
	return t
}()

// stringEnd returns where the closing quote is of a string whose text starts at
// i, or -1.
func stringEnd(s string, i int) int {
	for ; i < len(s); i++ {
		switch c := s[i]; {
		case plain[c]:
		case c == '"':
			return i
		case c != '\\' || i+1 == len(s):
			return -1
		default:
			i++
			switch s[i] {
			case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
			case 'u':
				if len(s)-i < 5 || !isHex(s[i+1:i+5]) {
					return -1
				}
				i += 4
			default:
				return -1
			}
		}
	}
	return -1
}

func isHex(s string) bool {
	for i := range len(s) {
		if c := s[i]; !isDigit(c) && (c|0x20 < 'a' || c|0x20 > 'f') {
			return false
		}
	}
	return true
}

func isDigit(c byte) bool { return c-'0' < 10 }

// digits returns the end of the digits from i on.
func digits(s string, i int) int {
	for i < len(s) && isDigit(s[i]) {
		i++
	}
	return i
}

// numberEnd returns the end of the number at i, or -1.
func numberEnd(s string, i int) int {
	if i < len(s) && s[i] == '-' {
		i++
	}
	end := digits(s, i)
	if end == i || end > i+1 && s[i] == '0' {
		return -1
	}
	if i = end; i < len(s) && s[i] == '.' {
		if end = digits(s, i+1); end == i+1 {
			return -1
		}
		i = end
	}
	if i < len(s) && s[i]|0x20 == 'e' {
		if i++; i < len(s) && (s[i] == '+' || s[i] == '-') {
			i++
		}
		if end = digits(s, i); end == i {
			return -1
		}
		i = end
	}
	return i
}

func boolEnd(s string, i int) int {
	switch {
	case len(s)-i >= 4 && s[i:i+4] == "true":
		return i + 4
	case len(s)-i >= 5 && s[i:i+5] == "false":
		return i + 5
	}
	return -1
}

// arrayEnd returns the end of the array at i, or -1.
func arrayEnd(s string, i, depth int) int {
	if i = blanks(s, i+1); i < len(s) && s[i] == ']' {
		return i + 1
	}
	for {
		if i = anyEnd(s, i, depth-1); i < 0 {
			return -1
		}
		if i = blanks(s, i); i >= len(s) || s[i] != ',' {
			break
		}
		i = blanks(s, i+1)
	}
	if i >= len(s) || s[i] != ']' {
		return -1
	}
	return i + 1
}

// objectEnd returns the end of the object at i within an array, or -1.
func objectEnd(s string, i, depth int) int {
	if i = blanks(s, i+1); i < len(s) && s[i] == '}' {
		return i + 1
	}
	for {
		if i = afterKey(s, i); i < 0 {
			return -1
		}
		if i = anyEnd(s, i, depth-1); i < 0 {
			return -1
		}
		if i = blanks(s, i); i >= len(s) || s[i] != ',' {
			break
		}
		i = blanks(s, i+1)
	}
	if i >= len(s) || s[i] != '}' {
		return -1
	}
	return i + 1
}

// anyEnd returns the end of the value at i within an array, or -1.
func anyEnd(s string, i, depth int) int {
	if depth <= 0 || i >= len(s) {
		return -1
	}
	switch s[i] {
	case '"':
		if i = stringEnd(s, i+1); i < 0 {
			return -1
		}
		return i + 1
	case '[':
		return arrayEnd(s, i, depth)
	case '{':
		return objectEnd(s, i, depth)
	case 't', 'f':
		return boolEnd(s, i)
	case 'n':
		if len(s)-i < 4 || s[i:i+4] != "null" {
			return -1
		}
		return i + 4
	}
	return numberEnd(s, i)
}
