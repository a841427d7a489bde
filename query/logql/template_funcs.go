package logql

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"text/template"
	"time"
	"unicode/utf8"

	"github.com/Masterminds/sprig/v3"
	"github.com/dustin/go-humanize"
)

// sprigFuncs are the functions of sprig that templates may use: pure ones
// only, none that reads the environment or makes keys.
var sprigFuncs = []string{
	"add", "addf", "b64dec", "b64enc", "ceil", "contains", "date", "default", "div", "divf", "float64", "floor",
	"hasPrefix", "hasSuffix", "int", "lower", "max", "maxf", "min", "minf", "mod", "mul", "mulf",
	"now", "round", "sub", "subf", "substr", "title", "toDate", "trim", "trimAll", "trimPrefix",
	"trimSuffix", "trunc", "unixEpoch", "upper",
}

// maxText bounds what the functions that lengthen a text may make.
const maxText = 1 << 20

// templateFuncs returns the functions of templates but those about the line.
func templateFuncs() template.FuncMap {
	all := sprig.TxtFuncMap()
	funcs := template.FuncMap{}
	for _, name := range sprigFuncs {
		funcs[name] = all[name]
	}
	maps.Copy(funcs, template.FuncMap{
		// Names of Go's strings package, kept from the first version of Loki.
		"ToLower": strings.ToLower, "ToUpper": strings.ToUpper, "Replace": replaceSome, "Trim": strings.Trim,
		"TrimLeft": strings.TrimLeft, "TrimRight": strings.TrimRight, "TrimPrefix": strings.TrimPrefix,
		"TrimSuffix": strings.TrimSuffix, "TrimSpace": strings.TrimSpace,

		"regexReplaceAll": func(expr, s, by string) (string, error) {
			re, err := replacer(expr, s, by)
			if err != nil {
				return "", err
			}
			return re.ReplaceAllString(s, by), nil
		},
		"regexReplaceAllLiteral": func(expr, s, by string) (string, error) {
			re, err := replacer(expr, s, by)
			if err != nil {
				return "", err
			}
			return re.ReplaceAllLiteralString(s, by), nil
		},
		"count": func(expr, s string) (int, error) {
			re, err := regexp.Compile(expr)
			if err != nil {
				return 0, err
			}
			return len(re.FindAllStringIndex(s, -1)), nil
		},
		"urlencode":        url.QueryEscape,
		"urldecode":        url.QueryUnescape,
		"bytes":            parseBytesFloat,
		"duration":         parseSeconds,
		"duration_seconds": parseSeconds,
		"unixEpochMillis":  func(t time.Time) string { return strconv.FormatInt(t.UnixMilli(), 10) },
		"unixEpochNanos":   func(t time.Time) string { return strconv.FormatInt(t.UnixNano(), 10) },
		"toDateInZone":     dateInZone,
		"unixToTime":       unixToTime,
		"alignLeft":        func(n int, s string) (string, error) { return align(n, s, false) },
		"alignRight":       func(n int, s string) (string, error) { return align(n, s, true) },
		"fromJson":         fromJSON,
		"repeat":           repeat,
		"replace":          func(old, by, s string) (string, error) { return replaceSome(s, old, by, -1) },
		"print":            func(args ...any) (string, error) { return printed(args, fmt.Sprint) },
		"println":          func(args ...any) (string, error) { return printed(args, fmt.Sprintln) },
		"printf": func(format string, args ...any) (string, error) {
			return printed(args, func(args ...any) string { return fmt.Sprintf(format, args...) })
		},
		"indent":  indent,
		"nindent": func(n int, s string) (string, error) { s, err := indent(n, s); return "\n" + s, err },
	})
	return funcs
}

func parseBytesFloat(s string) (float64, error) {
	n, err := humanize.ParseBytes(s)
	return float64(n), err
}

func parseSeconds(s string) (float64, error) {
	d, err := time.ParseDuration(s)
	return d.Seconds(), err
}

// dateInZone gives the zero time for text that does not fit the layout, and
// UTC for a zone that is not known.
func dateInZone(layout, zone, s string) time.Time {
	loc, err := time.LoadLocation(zone)
	if err != nil {
		loc = time.UTC
	}
	t, _ := time.ParseInLocation(layout, s, loc)
	return t
}

// unixToTime knows the unit by the number of digits: days, seconds, and on.
func unixToTime(epoch string) (time.Time, error) {
	n, err := strconv.ParseInt(epoch, 10, 64)
	if err != nil {
		return time.Time{}, fmt.Errorf("unable to parse time '%v': %w", epoch, err)
	}
	switch len(epoch) {
	case 5:
		return time.Unix(0, 0).UTC().AddDate(0, 0, int(n)), nil
	case 10:
		return time.Unix(n, 0).UTC(), nil
	case 13:
		return time.UnixMilli(n).UTC(), nil
	case 16:
		return time.UnixMicro(n).UTC(), nil
	case 19:
		return time.Unix(0, n).UTC(), nil
	}
	return time.Time{}, fmt.Errorf("unable to parse time '%v': %d digits are no known unit", epoch, len(epoch))
}

// align cuts or pads s to n characters.
func align(n int, s string, right bool) (string, error) {
	if n > maxText {
		return "", errTooLong
	}
	have := utf8.RuneCountInString(s)
	if n < 0 || have == n {
		return s, nil
	}
	if have < n {
		pad := strings.Repeat(" ", n-have)
		if right {
			return pad + s, nil
		}
		return s + pad, nil
	}
	runes := []rune(s)
	if right {
		return string(runes[have-n:]), nil
	}
	return string(runes[:n]), nil
}

var errTooLong = errors.New("result is too long")

func repeat(n int, s string) (string, error) {
	if n < 0 || n > maxText || n*len(s) > maxText {
		return "", errTooLong
	}
	return strings.Repeat(s, n), nil
}

func indent(n int, s string) (string, error) {
	if n < 0 || n > maxText || n*(1+strings.Count(s, "\n")) > maxText {
		return "", errTooLong
	}
	pad := strings.Repeat(" ", n)
	return pad + strings.ReplaceAll(s, "\n", "\n"+pad), nil
}

// replaceSome replaces at most n times, or always if n is negative.
func replaceSome(s, old, by string, n int) (string, error) {
	if strings.Count(s, old)*len(by) > maxText {
		return "", errTooLong
	}
	return strings.Replace(s, old, by, n), nil
}

// replacer compiles the expression of a replacement that stays within bounds:
// what a group matched may be put in as often as the replacement has room to
// name it.
func replacer(expr, s, by string) (*regexp.Regexp, error) {
	if (len(s)+1)*(len(by)+1) > 64*maxText {
		return nil, errTooLong
	}
	return regexp.Compile(expr)
}

func printed(args []any, sprint func(...any) string) (string, error) {
	size := 0
	for _, a := range args {
		if s, ok := a.(string); ok {
			size += len(s)
		}
	}
	if size > maxText {
		return "", errTooLong
	}
	return sprint(args...), nil
}

func fromJSON(s string) any {
	var v any
	if json.Unmarshal([]byte(s), &v) != nil {
		return nil
	}
	return v
}
