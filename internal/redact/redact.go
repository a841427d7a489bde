package redact

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// ready are the patterns known by name. maybe is a cheap look at whether the
// expression, which is slow, can find anything.
var ready = map[string]finder{
	"card": {find: findCards, maybe: func(s string) bool { return manyDigits(s, 13) }, replace: "<card>"},
	"email": {
		re:    regexp.MustCompile(`[A-Za-z0-9._%+-]+@[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?\.[A-Za-z]{2,}`),
		maybe: func(s string) bool { return strings.LastIndexByte(s, '@') > 0 }, replace: "<email>",
	},
	"ip": {
		re:    regexp.MustCompile(`\b(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)\b|(?i:\b(?:[0-9a-f]{1,4}:){7}[0-9a-f]{1,4}\b|\b(?:[0-9a-f]{1,4}:){1,6}(?::[0-9a-f]{1,4}){1,6}\b)`),
		maybe: func(s string) bool { return strings.Count(s, ".") >= 3 || strings.Count(s, ":") >= 2 }, replace: "<ip>",
	},
	// Keys of which the issuer can be told, JSON Web Tokens, and what follows
	// the words that HTTP puts before credentials.
	"token": {
		re: regexp.MustCompile(`\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*` +
			`|\b(?:AKIA|ASIA)[0-9A-Z]{16}\b|\bgh[pousr]_[A-Za-z0-9]{36,}|\bgithub_pat_[A-Za-z0-9_]{22,}|\bglpat-[A-Za-z0-9_-]{20,}` +
			`|\bxox[abeoprs]-[A-Za-z0-9-]{10,}|\b[rs]k_(?:live|test)_[A-Za-z0-9]{16,}|\bAIza[A-Za-z0-9_-]{35}|\bsk-[A-Za-z0-9_-]{20,}` +
			`|(?i:\b(?:bearer|basic) )[A-Za-z0-9._~+/-]{8,}=*`),
		maybe: func(s string) bool {
			return containsAny(s, tokenSigns) || containsFold(s, "bearer ") || containsFold(s, "basic ")
		}, replace: "<token>",
	},
	// The value after a name that says it is secret.
	"secret": {
		re: regexp.MustCompile(`(?i:passw(?:or)?d|passphrase|secret|(?:api|access|private)[_-]?key|(?:access|refresh|auth)[_-]?token)` +
			`\\?["']?\s*[=:]\s*(?:\\?["']([^"'\\]+)|([^\s"',;&{}\[\])\\]+))`),
		maybe: namesSecret, group: true, replace: "<secret>",
	},
}

var tokenSigns = []string{"eyJ", "AKIA", "ASIA", "ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_", "glpat-", "xox", "k_live_", "k_test_", "AIza", "sk-"}

func containsAny(s string, signs []string) bool {
	return slices.ContainsFunc(signs, func(sign string) bool { return strings.Contains(s, sign) })
}

// A finder replaces what it finds.
type finder struct {
	re      *regexp.Regexp
	find    func(string) [][]int // instead of re; what is found has no groups
	maybe   func(string) bool
	group   bool // what is replaced is the group that has matched, not the whole
	replace string
}

// A Config says what is taken out.
type Config struct {
	Patterns    []string     `yaml:"patterns"`    // names of ready ones: card, email, ip, secret, token
	Expressions []Expression `yaml:"expressions"` // and others
}

// An Expression replaces what a regular expression finds.
type Expression struct {
	Expression string `yaml:"expression"`
	Replace    string `yaml:"replace"` // $1 is the first group, as in Go's regexp; "<redacted>" by default
}

// A Redactor takes texts out of others. It is safe for concurrent use; the nil
// Redactor takes nothing out.
type Redactor []finder

// New returns a Redactor of c, or an error that begins with the key at fault.
func New(c Config) (Redactor, error) {
	var r Redactor
	for i, name := range c.Patterns {
		f, ok := ready[name]
		if !ok {
			return nil, fmt.Errorf("patterns[%d]: %q is not one of card, email, ip, secret and token", i, name)
		}
		r = append(r, f)
	}
	for i, e := range c.Expressions {
		re, err := regexp.Compile(e.Expression)
		if err != nil {
			return nil, fmt.Errorf("expressions[%d]: %w", i, err)
		}
		if re.MatchString("") {
			return nil, fmt.Errorf("expressions[%d]: %q finds the empty text", i, e.Expression)
		}
		replace := e.Replace
		if replace == "" {
			replace = "<redacted>"
		}
		r = append(r, finder{re: re, replace: replace})
	}
	return r, nil
}

// Text returns text without what r takes out. JSON stays JSON.
func (r Redactor) Text(text string) string {
	for i := range r {
		text = r[i].clean(text)
	}
	return text
}

func (f *finder) clean(text string) string {
	if f.maybe != nil && !f.maybe(text) {
		return text
	}
	var matches [][]int
	if f.find != nil {
		matches = f.find(text)
	} else {
		matches = f.re.FindAllStringSubmatchIndex(text, -1)
	}
	var out []byte
	end := 0 // of what has been copied
	walk := jsonWalk{text: text}
	for _, m := range matches {
		from, to := m[0], m[1]
		if f.group {
			i := 2
			for m[i] < 0 {
				i += 2
			}
			from, to = m[i], m[i+1]
		}
		bare := false
		if text[0] == '{' { // perhaps JSON, which it is to stay
			if from, to, bare = walk.whole(from, to); from >= to || from < end {
				continue
			}
		}
		out = append(out, text[end:from]...)
		if bare {
			out = append(out, '"')
		}
		if f.group || f.find != nil {
			out = append(out, f.replace...)
		} else {
			out = f.re.ExpandString(out, f.replace, text, m)
		}
		if bare {
			out = append(out, '"')
		}
		end = to
	}
	if out == nil {
		return text
	}
	return string(append(out, text[end:]...))
}

// A jsonWalk goes through a text that may be JSON.
type jsonWalk struct {
	text   string
	at     int
	inside bool // at is in a string
}

// whole moves the ends of what is replaced, from not before that of the call
// before, so that no half of a number or of an escape is left; bare says that
// it stands in no string, so that what takes its place needs quotes.
func (w *jsonWalk) whole(from, to int) (_, _ int, bare bool) {
	for w.at < from {
		switch w.text[w.at] {
		case '\\':
			size := 2
			if strings.HasPrefix(w.text[w.at+1:], "u") {
				size = 6
			}
			w.at += size
			from = max(from, min(w.at, len(w.text)))
			continue
		case '"':
			w.inside = !w.inside
		}
		w.at++
	}
	if w.inside {
		return from, to, false
	}
	for from > 0 && isNumber(w.text[from-1]) {
		from--
	}
	for to < len(w.text) && isNumber(w.text[to]) {
		to++
	}
	return from, to, true
}

func isNumber(c byte) bool {
	return c >= '0' && c <= '9' || c == '-' || c == '+' || c == '.' || c == 'e' || c == 'E'
}

// namesSecret reports whether s has a word that ends the names of secrets.
func namesSecret(s string) bool {
	return strings.ContainsAny(s, "=:") &&
		(containsFold(s, "pass") || containsFold(s, "secret") || containsFold(s, "key") || containsFold(s, "token"))
}

// containsFold reports whether s contains word, which is in lower-case ASCII,
// in any case.
func containsFold(s, word string) bool {
	lower, upper := strings.IndexByte(s, word[0]), strings.IndexByte(s, word[0]-'a'+'A')
	next := func(from int, c byte) int {
		if i := strings.IndexByte(s[from:], c); i >= 0 {
			return from + i
		}
		return -1
	}
	for lower >= 0 || upper >= 0 {
		at := max(lower, upper)
		if lower >= 0 && upper >= 0 {
			at = min(lower, upper)
		}
		if len(s)-at < len(word) {
			return false
		}
		if strings.EqualFold(s[at:at+len(word)], word) {
			return true
		}
		if at == lower {
			lower = next(at+1, word[0])
		} else {
			upper = next(at+1, word[0]-'a'+'A')
		}
	}
	return false
}
