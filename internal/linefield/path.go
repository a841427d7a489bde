package linefield

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/buger/jsonparser"
)

// Pickable reports whether `| json` with expressions looks into text at all.
// Other text is refused with JSONError, without details.
func Pickable(text string) bool {
	return text != "" && (text[0] == '{' || text[0] == '[' || text[0] == '"')
}

// Pick returns what is at a path of pickable text: the text of a string, "" of
// null, and anything else as it is written; ok is false if nothing is there.
// Members without a name are not found: jsonparser panics on them.
func Pick(text string, path ...string) (value string, ok bool) {
	if slices.Contains(path, "") {
		return "", false
	}
	raw, kind, _, err := jsonparser.Get(bytesOf(text), path...)
	if err != nil {
		return "", false
	}
	switch kind {
	case jsonparser.NotExist:
		return "", false
	case jsonparser.Null:
		return "", true
	case jsonparser.String:
		return Unquote(raw), true
	}
	return stringOf(raw), true
}

// ParsePath reads the expression of `| json x="a.b[0][\"c d\"]"` into the
// elements that Pick takes, where an index is written [0].
func ParsePath(expr string) ([]string, error) {
	fail := func(format string, args ...any) ([]string, error) {
		return nil, fmt.Errorf("cannot parse expression [%s]: syntax error: %s", expr, fmt.Sprintf(format, args...))
	}
	var path []string
	rest := expr
	for first := true; rest != "" || first; first = false {
		switch {
		case strings.HasPrefix(rest, "["):
			key, after, err := bracketed(rest)
			if err != nil {
				return fail("%v", err)
			}
			path, rest = append(path, key), after
		case first || strings.HasPrefix(rest, "."):
			if !first {
				rest = rest[1:]
			}
			n := FieldLen(rest)
			if n == 0 {
				if rest == "" {
					return fail("unexpected $end, expecting FIELD")
				}
				return fail("unexpected char %c", rest[0])
			}
			path, rest = append(path, rest[:n]), rest[n:]
		default:
			return fail("unexpected FIELD")
		}
	}
	return path, nil
}

// FieldLen returns the length of the name that s begins with, 0 if none does.
func FieldLen(s string) int {
	n := 0
	for n < len(s) && IsLabelByte(s[n]) {
		if n == 0 && s[n] >= '0' && s[n] <= '9' {
			return 0
		}
		n++
	}
	return n
}

// bracketed cuts ["key"] or [0] off s.
func bracketed(s string) (key, rest string, err error) {
	s = s[1:]
	if strings.HasPrefix(s, `"`) {
		q, err := strconv.QuotedPrefix(s)
		if err != nil {
			return "", "", errors.New("unexpected $end, expecting STRING")
		}
		if key, err = strconv.Unquote(q); err != nil {
			return "", "", err
		}
		s = s[len(q):]
	} else {
		n := 0
		for n < len(s) && s[n] >= '0' && s[n] <= '9' {
			n++
		}
		if n == 0 {
			return "", "", errors.New("unexpected FIELD, expecting STRING or INDEX")
		}
		key, s = "["+s[:n]+"]", s[n:]
	}
	rest, ok := strings.CutPrefix(s, "]")
	if !ok {
		return "", "", errors.New("unexpected $end, expecting ]")
	}
	return key, rest, nil
}
