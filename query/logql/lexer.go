package logql

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/dustin/go-humanize"
	"github.com/prometheus/common/model"
)

type tokenKind uint8

const (
	tokEnd      tokenKind = iota
	tokIdent              // text is the name
	tokKeyword            // text is the reserved word in lower case
	tokString             // text is the unquoted string
	tokNumber             // number
	tokDuration           // duration
	tokBytes              // bytes
	tokRange              // [duration]
	tokFlag               // --strict, --keep-empty
	tokSign               // operator or punctuation
)

// A token is a word of a query. line and col count from 1; col counts bytes.
type token struct {
	kind     tokenKind
	text     string
	number   float64
	duration time.Duration
	bytes    uint64
	line     int
	col      int
}

// String names the token as messages do.
func (t token) String() string {
	switch t.kind {
	case tokEnd:
		return "$end"
	case tokIdent:
		return "IDENTIFIER"
	case tokString:
		return "STRING"
	case tokNumber:
		return "NUMBER"
	case tokDuration:
		return "DURATION"
	case tokBytes:
		return "BYTES"
	case tokRange:
		return "RANGE"
	case tokFlag:
		return "FUNCTION_FLAG"
	}
	return t.text
}

// reserved words can be no names anywhere; names of functions can.
var reserved = map[string]bool{
	"by": true, "without": true, "on": true, "ignoring": true, "group_left": true, "group_right": true, "bool": true,
	"or": true, "and": true, "unless": true, "json": true, "logfmt": true, "regexp": true, "pattern": true, "unpack": true,
	"unwrap": true, "line_format": true, "label_format": true, "drop": true, "keep": true, "decolorize": true, "offset": true,
}

// signs are tried in order, so longer ones come first.
var signs = []string{
	"|=", "|~", "|>", "!=", "!~", "!>", "=~", "==", ">=", "<=",
	"=", ">", "<", "|", "{", "}", "(", ")", ",", "+", "-", "*", "/", "%", "^",
}

// maxQueryBytes bounds what is lexed at all.
const maxQueryBytes = 131072

type lexer struct {
	in        string
	off       int
	line      int
	lineStart int
}

// lex splits a query into tokens; the last one is tokEnd.
func lex(in string) ([]token, error) {
	if len(in) > maxQueryBytes {
		return nil, &ParseError{Msg: fmt.Sprintf("input size too long (%d > %d)", len(in), maxQueryBytes)}
	}
	lx := &lexer{in: in, line: 1}
	var toks []token
	for {
		t, err := lx.next()
		if err != nil {
			return nil, &ParseError{Line: t.line, Col: t.col, Msg: err.Error()}
		}
		toks = append(toks, t)
		if t.kind == tokEnd {
			return toks, nil
		}
	}
}

func (lx *lexer) skipBlanks() {
	for lx.off < len(lx.in) {
		switch c := lx.in[lx.off]; c {
		case '\n':
			lx.off++
			lx.line++
			lx.lineStart = lx.off
		case ' ', '\t', '\r':
			lx.off++
		case '#':
			n := strings.IndexByte(lx.in[lx.off:], '\n')
			if n < 0 {
				n = len(lx.in) - lx.off
			}
			lx.off += n
		default:
			return
		}
	}
}

// next returns the next token; of a failure the token has the place.
func (lx *lexer) next() (token, error) {
	lx.skipBlanks()
	t := token{line: lx.line, col: lx.off - lx.lineStart + 1}
	rest := lx.in[lx.off:]
	if rest == "" {
		return t, nil
	}
	switch c := rest[0]; {
	case c == '"' || c == '`':
		return lx.quoted(t)
	case c == '[':
		return lx.rangeToken(t)
	case c >= '0' && c <= '9', c == '.' && len(rest) > 1 && rest[1] >= '0' && rest[1] <= '9':
		return lx.quantity(t)
	case strings.HasPrefix(rest, "--") && len(rest) > 2 && isLetter(rest[2]):
		n := 2
		for n < len(rest) && (isLetter(rest[n]) || rest[n] == '-') {
			n++
		}
		t.kind, t.text = tokFlag, rest[:n]
		lx.off += n
		if t.text != "--strict" && t.text != "--keep-empty" {
			return t, fmt.Errorf("syntax error: unexpected %s", t.text)
		}
		return t, nil
	}
	if n := identLen(rest); n > 0 {
		t.kind, t.text = tokIdent, rest[:n]
		if low := strings.ToLower(t.text); reserved[low] {
			t.kind, t.text = tokKeyword, low
		}
		lx.off += n
		return t, nil
	}
	for _, s := range signs {
		if strings.HasPrefix(rest, s) {
			t.kind, t.text = tokSign, s
			lx.off += len(s)
			return t, nil
		}
	}
	r, n := utf8.DecodeRuneInString(rest)
	lx.off += n
	// The parser knows what would have been right here.
	t.kind, t.text = tokSign, string(r)
	return t, nil
}

func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }

func identLen(s string) int {
	for i, r := range s {
		if r == '_' || unicode.IsLetter(r) || i > 0 && unicode.IsDigit(r) {
			continue
		}
		return i
	}
	return len(s)
}

func (lx *lexer) quoted(t token) (token, error) {
	rest := lx.in[lx.off:]
	q, err := strconv.QuotedPrefix(rest)
	if err != nil {
		if end := strings.IndexByte(rest[1:], rest[0]); end < 0 || rest[0] == '"' && strings.Contains(rest[:end+1], "\n") {
			return t, errors.New("literal not terminated")
		}
		return t, errors.New("invalid char escape")
	}
	t.kind = tokString
	if t.text, err = strconv.Unquote(q); err != nil {
		return t, errors.New("invalid char escape")
	}
	lx.off += len(q)
	if n := strings.Count(q, "\n"); n > 0 {
		lx.line += n
		lx.lineStart = lx.off - len(q) + strings.LastIndexByte(q, '\n') + 1
	}
	return t, nil
}

func (lx *lexer) rangeToken(t token) (token, error) {
	rest := lx.in[lx.off:]
	end := strings.IndexAny(rest, "]\n)")
	if end < 0 || rest[end] != ']' {
		return t, errors.New("missing closing ']' in duration")
	}
	text := strings.TrimSpace(rest[1:end])
	d, err := parseRange(text)
	if err != nil {
		return t, err
	}
	t.kind, t.duration = tokRange, d
	lx.off += end + 1
	return t, nil
}

func parseRange(text string) (time.Duration, error) {
	d, err := model.ParseDuration(text)
	if err == nil {
		return time.Duration(d), nil
	}
	g, gerr := time.ParseDuration(text)
	if gerr != nil || g < 0 {
		return 0, err
	}
	return g, nil
}

// quantity reads a number, a duration such as 1h30m, or an amount of bytes
// such as 1.5MiB.
func (lx *lexer) quantity(t token) (token, error) {
	rest := lx.in[lx.off:]
	n := 0
	for n < len(rest) {
		r, size := utf8.DecodeRuneInString(rest[n:])
		exp := (r == '+' || r == '-') && n > 0 && (rest[n-1] == 'e' || rest[n-1] == 'E') && n+1 < len(rest) && rest[n+1] >= '0' && rest[n+1] <= '9'
		if !exp && r != '.' && r != '_' && !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			break
		}
		n += size
	}
	text := rest[:n]
	lx.off += n
	var err error
	if !strings.ContainsAny(text, "_xXpP") {
		if t.number, err = strconv.ParseFloat(text, 64); err == nil {
			t.kind = tokNumber
			return t, nil
		}
	}
	if d, err := parseRange(text); err == nil {
		t.kind, t.duration = tokDuration, d
		return t, nil
	}
	if t.bytes, err = humanize.ParseBytes(text); err == nil && !strings.ContainsAny(text, "_") && isLetter(text[len(text)-1]) {
		t.kind = tokBytes
		return t, nil
	}
	return t, fmt.Errorf("syntax error: unexpected %q, which is no number, duration or amount of bytes", text)
}
