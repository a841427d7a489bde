package ingest

import "strings"

// maxLevelScan bounds how much of a body is read in search of a level, in
// bytes: senders put it near the front.
const maxLevelScan = 4 << 10

// jsonLevel returns the level in a field of the JSON object that text starts
// with, or of an object directly inside it. The outer object's own fields win.
// What is not JSON just ends the search.
func jsonLevel(text string) string {
	var (
		depth  int // of objects and arrays around the cursor
		key    string
		nested string // a level found at depth 2
		arrays [3]bool
	)
	text = text[:min(len(text), maxLevelScan)]
	for i := 0; i < len(text); {
		switch c := text[i]; c {
		case '{', '[':
			depth++
			if depth < len(arrays) {
				arrays[depth] = c == '['
			}
			key = ""
			i++
		case '}', ']':
			depth--
			key = ""
			if depth <= 0 {
				return nested
			}
			i++
		case ',':
			key = ""
			i++
		case '"':
			s, rest := cutQuoted(text[i:])
			i = len(text) - len(rest)
			if depth >= len(arrays) || arrays[depth] {
				continue
			}
			if key == "" && strings.HasPrefix(strings.TrimLeft(rest, " \t\r\n"), ":") {
				key = s
				continue
			}
			if !IsLevelName(key) {
				continue
			}
			if l := normalLevel(s); l != "" {
				if depth == 1 {
					return l
				}
				if nested == "" {
					nested = l
				}
			}
		default:
			if depth == 1 && c >= '1' && c <= '9' && IsLevelName(key) {
				if l := numberLevel(text[i:]); l != "" {
					return l
				}
			}
			i++
		}
	}
	return nested
}

// numberLevel maps the numbers that bunyan and pino write.
func numberLevel(s string) string {
	if len(s) < 3 || s[1] != '0' || s[2] >= '0' && s[2] <= '9' {
		return ""
	}
	switch s[0] {
	case '1':
		return LevelTrace
	case '2':
		return LevelDebug
	case '3':
		return LevelInfo
	case '4':
		return LevelWarn
	case '5':
		return LevelError
	case '6':
		return LevelFatal
	}
	return ""
}

// cutQuoted splits s, which starts with a double quote, after the closing one.
// Escapes stay as they are. Without a closing quote, rest is empty.
func cutQuoted(s string) (inside, rest string) {
	for i := 1; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '"':
			return s[1:i], s[i+1:]
		}
	}
	return s[1:], ""
}

// logfmtLevel returns the level in a key=value pair of text, or "".
func logfmtLevel(text string) string {
	text = text[:min(len(text), maxLevelScan)]
	for text != "" {
		end := 0
		for end < len(text) && !endsKey[text[end]] {
			end++
		}
		if end == len(text) {
			return ""
		}
		key := text[:end]
		sep := text[end]
		if sep == '"' {
			_, text = cutQuoted(text[end:])
			continue
		}
		text = text[end+1:]
		if sep != '=' {
			continue
		}
		var v string
		if strings.HasPrefix(text, `"`) {
			v, text = cutQuoted(text)
		} else if end := strings.IndexAny(text, " \t"); end >= 0 {
			v, text = text[:end], text[end:]
		} else {
			v, text = text, ""
		}
		if IsLevelName(key) {
			if l := normalLevel(v); l != "" {
				return l
			}
		}
	}
	return ""
}

// endsKey tells what a key of logfmt ends before.
var endsKey = [256]bool{' ': true, '\t': true, '=': true, '"': true}

// wordLevel returns the level that the first word naming one means, or "".
// A word is a run of ASCII letters with no digit or underscore beside it.
func wordLevel(text string) string {
	text = text[:min(len(text), maxLevelScan)]
	for i := 0; i < len(text); {
		if !wordBytes[text[i]] {
			i++
			continue
		}
		start := i
		for i < len(text) && wordBytes[text[i]] {
			i++
		}
		if l := normalLevel(text[start:i]); l != "" {
			return l
		}
	}
	return ""
}

// wordBytes are those of words: letters and digits of ASCII, the underscore,
// and whatever is not ASCII.
var wordBytes = func() (t [256]bool) {
	for i := range t {
		c := byte(i)
		t[c] = c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_' || c >= 0x80
	}
	return t
}()
