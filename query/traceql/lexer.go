package traceql

import (
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	prommodel "github.com/prometheus/common/model"
)

// lex splits a query into tokens; the last one is tokEOF. Comments of both Go
// forms may stand between tokens.
func lex(in string) ([]token, error) {
	l := lexer{in: in}
	var out []token
	for {
		t, err := l.next()
		if err != nil {
			return nil, err
		}
		out = append(out, t)
		if t.kind == tokEOF {
			return out, nil
		}
	}
}

type lexer struct {
	in  string
	pos int
}

func (l *lexer) errorf(pos int, format string, args ...any) error {
	return parseErrorf(l.in, pos, format, args...)
}

func (l *lexer) rest() string { return l.in[l.pos:] }

// skip passes over blanks and comments.
func (l *lexer) skip() error {
	for l.pos < len(l.in) {
		r := l.rest()
		switch {
		case strings.ContainsRune(" \t\r\n", rune(r[0])):
			l.pos++
		case strings.HasPrefix(r, "//"):
			if i := strings.IndexByte(r, '\n'); i >= 0 {
				l.pos += i
			} else {
				l.pos = len(l.in)
			}
		case strings.HasPrefix(r, "/*"):
			i := strings.Index(r[2:], "*/")
			if i < 0 {
				return l.errorf(l.pos, "comment not terminated")
			}
			l.pos += i + 4
		default:
			return nil
		}
	}
	return nil
}

func (l *lexer) next() (token, error) {
	if err := l.skip(); err != nil {
		return token{}, err
	}
	start := l.pos
	r := l.rest()
	if r == "" {
		return token{kind: tokEOF, pos: start}, nil
	}
	c := r[0]
	switch {
	case c == '"' || c == '`':
		s, err := l.quoted()
		if err != nil {
			return token{}, err
		}
		return token{kind: tokStatic, text: l.in[start:l.pos], static: StringOf(s), pos: start}, nil
	case isDigit(c), c == '.' && isNumberAhead(r):
		return l.number()
	case c == '.':
		l.pos++
		return l.attribute(start, ScopeNone, false)
	case isLetter(c):
		return l.word()
	}
	for _, op := range operators {
		if strings.HasPrefix(r, op) {
			l.pos += len(op)
			return token{kind: tokOp, text: op, pos: start}, nil
		}
	}
	bad, _ := utf8.DecodeRuneInString(r)
	return token{}, l.errorf(start, "unexpected character %q", bad)
}

func isDigit(c byte) bool  { return c >= '0' && c <= '9' }
func isLetter(c byte) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' }

// isNumberAhead tells .5 from .name: all of the name must be a number.
func isNumberAhead(r string) bool {
	i := 1
	for i < len(r) && isDigit(r[i]) {
		i++
	}
	return i > 1 && (i == len(r) || endsName(rune(r[i])))
}

// quoted reads a Go string literal, interpreted or raw.
func (l *lexer) quoted() (string, error) {
	lit, err := strconv.QuotedPrefix(l.rest())
	if err != nil {
		// The Go form has no raw new line inside double quotes; TraceQL has
		// none either, so the quote is not closed or an escape is wrong.
		return "", l.errorf(l.pos, "string literal not terminated or with an invalid escape")
	}
	s, err := strconv.Unquote(lit)
	if err != nil {
		return "", l.errorf(l.pos, "invalid string literal %s", lit)
	}
	l.pos += len(lit)
	return s, nil
}

func (l *lexer) number() (token, error) {
	start := l.pos
	for l.pos < len(l.in) {
		c := l.in[l.pos]
		r, size := utf8.DecodeRuneInString(l.rest())
		exponent := (c == '+' || c == '-') && strings.ContainsRune("eE", rune(l.in[l.pos-1])) &&
			strings.Trim(l.in[start:l.pos-1], "0123456789.") == ""
		if l.pos > start && exponent || isDigit(c) || c == '.' || isLetter(c) || r == 'µ' || r == 'μ' {
			l.pos += size
			continue
		}
		break
	}
	text := l.in[start:l.pos]
	t := token{kind: tokStatic, text: text, pos: start}
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		t.static = IntOf(n)
		return t, nil
	}
	if f, err := strconv.ParseFloat(text, 64); err == nil && strings.Trim(text, "0123456789.eE+-") == "" {
		t.static = FloatOf(f)
		return t, nil
	}
	if d, err := parseDuration(text); err == nil {
		t.static = DurationOf(d)
		return t, nil
	}
	return token{}, l.errorf(start, "%q is neither a number nor a duration", text)
}

func parseDuration(s string) (time.Duration, error) {
	if d, err := prommodel.ParseDuration(s); err == nil {
		return time.Duration(d), nil
	}
	return time.ParseDuration(s)
}

// word reads a keyword, or a scope and what belongs to it.
func (l *lexer) word() (token, error) {
	start := l.pos
	for l.pos < len(l.in) && (isLetter(l.in[l.pos]) || isDigit(l.in[l.pos])) {
		l.pos++
	}
	text := l.in[start:l.pos]
	if l.pos < len(l.in) {
		switch l.in[l.pos] {
		case '.':
			return l.scoped(start, text)
		case ':':
			l.pos++
			for l.pos < len(l.in) && (isLetter(l.in[l.pos]) || isDigit(l.in[l.pos])) {
				l.pos++
			}
			full := l.in[start:l.pos]
			in, ok := scopedIntrinsics[full]
			if !ok {
				return token{}, l.errorf(start, "unknown intrinsic %q", full)
			}
			return token{kind: tokAttr, text: full, attr: Attribute{Intrinsic: in, Spelled: full}, pos: start}, nil
		}
	}
	return token{kind: tokWord, text: text, pos: start}, nil
}

// scoped reads what follows a scope and a dot.
func (l *lexer) scoped(start int, scope string) (token, error) {
	parent := false
	if scope == "parent" {
		parent = true
		after := l.in[l.pos+1:]
		sc := ScopeNone
		for name, s := range scopeNames {
			if strings.HasPrefix(after, name+".") {
				sc = s
				l.pos += len(name) + 1
			}
		}
		l.pos++
		return l.attribute(start, sc, parent)
	}
	sc, ok := scopeNames[scope]
	if !ok {
		return token{}, l.errorf(start, "unknown scope %q", scope)
	}
	l.pos++
	return l.attribute(start, sc, parent)
}

// endsName reports whether r ends an attribute's name.
func endsName(r rune) bool {
	return strings.ContainsRune(" \t\r\n{}()=~!<>&|^,", r)
}

// attribute reads a name, whose parts may be quoted.
func (l *lexer) attribute(start int, scope Scope, parent bool) (token, error) {
	var name strings.Builder
	for l.pos < len(l.in) {
		r, size := utf8.DecodeRuneInString(l.rest())
		if endsName(r) {
			break
		}
		l.pos += size
		if r != '"' {
			name.WriteString(l.in[l.pos-size : l.pos])
			continue
		}
		if err := l.quotedName(&name); err != nil {
			return token{}, err
		}
	}
	if name.Len() == 0 {
		return token{}, l.errorf(start, "attribute without a name")
	}
	a := Attribute{Scope: scope, Parent: parent, Name: name.String()}
	return token{kind: tokAttr, text: l.in[start:l.pos], attr: a, pos: start}, nil
}

// quotedName reads on from an opening quote. The escapes are \" and \\ only.
func (l *lexer) quotedName(name *strings.Builder) error {
	open := l.pos - 1
	for l.pos < len(l.in) {
		switch c := l.in[l.pos]; c {
		case '"':
			l.pos++
			return nil
		case '\\':
			if l.pos+1 >= len(l.in) || l.in[l.pos+1] != '"' && l.in[l.pos+1] != '\\' {
				return l.errorf(l.pos, `invalid escape in attribute name; \" and \\ are known`)
			}
			name.WriteByte(l.in[l.pos+1])
			l.pos += 2
		default:
			name.WriteByte(c)
			l.pos++
		}
	}
	return l.errorf(open, "quoted attribute name not terminated")
}
