package logql

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// parseJSONPath reads a path such as a.b[0]["c d"] into the keys that
// jsonparser.Get takes, where an index is written [0].
func parseJSONPath(expr string) ([]string, error) {
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
			n := fieldLen(rest)
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

func fieldLen(s string) int {
	n := 0
	for n < len(s) && isNameByte(s[n]) {
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
