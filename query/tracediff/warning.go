package tracediff

import (
	"fmt"
	"slices"
	"strings"
)

// A Warning says why a comparison may mislead.
type Warning struct {
	Code    string `json:"code"`
	Message string `json:"message"`
}

// warnings returns those about both traces: one of a name at most, and one of
// times for each.
func warnings(base, compare []*node) []Warning {
	out := []Warning{}
	for _, n := range slices.Concat(base, compare) {
		if namesOne(n.Name) {
			out = append(out, Warning{"high_cardinality_span_name", fmt.Sprintf(
				"the span name %q of service %q seems to have an id in it: spans with other ids count as added and removed. Ids belong in attributes.",
				n.Name, n.id.service)})
			break
		}
	}
	for _, side := range []struct {
		name  string
		spans []*node
	}{{"base", base}, {"compare", compare}} {
		var some []string
		total := 0
		for _, n := range side.spans {
			if n.timed() {
				continue
			}
			if total++; total <= 3 {
				some = append(some, fmt.Sprintf("%q of service %q", n.Name, n.id.service))
			}
		}
		if total > 0 {
			out = append(out, Warning{"invalid_duration", fmt.Sprintf(
				"%d spans of the %s trace have no start, or end before it; their duration counts as null and 0. Among them: %s",
				total, side.name, strings.Join(some, ", "))})
		}
	}
	return out
}

// namesOne reports whether a name has what looks like an id: six digits or
// more, or eight hex digits or more, hyphens included, which are whole words.
func namesOne(name string) bool {
	for rest := name; rest != ""; {
		start := strings.IndexFunc(rest, inWord)
		if start < 0 {
			return false
		}
		rest = rest[start:]
		long := 0 // of the hex words and hyphens so far
		for {
			n := strings.IndexFunc(rest, func(r rune) bool { return !inWord(r) })
			if n < 0 {
				n = len(rest)
			}
			word := rest[:n]
			rest = rest[n:]
			if len(word) >= 6 && strings.Trim(word, "0123456789") == "" {
				return true
			}
			if strings.Trim(word, "0123456789abcdefABCDEF") != "" {
				break
			}
			if long += n; long >= 8 {
				return true
			}
			hyphens := len(rest) - len(strings.TrimLeft(rest, "-"))
			if hyphens == 0 || hyphens == len(rest) {
				break
			}
			long, rest = long+hyphens, rest[hyphens:]
			if !inWord(rune(rest[0])) {
				break
			}
		}
	}
	return false
}

func inWord(r rune) bool {
	return r == '_' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
}
