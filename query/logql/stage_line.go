package logql

import (
	"errors"
	"regexp"
	"strconv"
	"strings"
)

// A LineOp is the sign of a line filter.
type LineOp uint8

// The line filters.
const (
	LineContains    LineOp = iota + 1 // |=
	LineNotContains                   // !=
	LineMatches                       // |~
	LineNotMatches                    // !~
	LinePattern                       // |>
	LineNotPattern                    // !>
)

var lineOps = map[string]LineOp{
	"|=": LineContains, "!=": LineNotContains, "|~": LineMatches, "!~": LineNotMatches, "|>": LinePattern, "!>": LineNotPattern,
}

// String returns the sign.
func (o LineOp) String() string {
	return [...]string{"", "|=", "!=", "|~", "!~", "|>", "!>"}[o]
}

// negative reports whether the filter drops what matches.
func (o LineOp) negative() bool {
	return o == LineNotContains || o == LineNotMatches || o == LineNotPattern
}

// A LineFilter keeps lines whose text one of Args fits, or, with a negative
// Op, none.
type LineFilter struct {
	Op   LineOp
	Args []LineArg
}

// A LineArg is a text, regular expression or pattern, or with IP an address,
// network or range of addresses.
type LineArg struct {
	Text string
	IP   bool
}

// String prints the stage.
func (f *LineFilter) String() string {
	args := make([]string, len(f.Args))
	for i, a := range f.Args {
		args[i] = strconv.Quote(a.Text)
		if a.IP {
			args[i] = "ip(" + args[i] + ")"
		}
	}
	return f.Op.String() + " " + strings.Join(args, " or ")
}

type textTest func(text string) bool

type lineFilter struct {
	tests    []textTest
	negative bool
}

func (f *LineFilter) compile() (processor, error) {
	p := &lineFilter{negative: f.Op.negative()}
	for _, a := range f.Args {
		t, err := f.Op.test(a)
		if err != nil {
			return nil, err
		}
		p.tests = append(p.tests, t)
	}
	return p, nil
}

func (o LineOp) test(a LineArg) (textTest, error) {
	if a.IP {
		if o != LineContains && o != LineNotContains {
			return nil, errors.New("ip: invalid operation")
		}
		ip, err := parseIPPattern(a.Text)
		if err != nil {
			return nil, err
		}
		return ip.inText, nil
	}
	switch o {
	case LineContains, LineNotContains:
		return func(text string) bool { return strings.Contains(text, a.Text) }, nil
	case LineMatches, LineNotMatches:
		re, err := regexp.Compile(a.Text)
		if err != nil {
			return nil, err
		}
		return re.MatchString, nil
	}
	return newLinePattern(a.Text)
}

func (f *lineFilter) process(l *line) bool {
	for _, t := range f.tests {
		if t(l.text) {
			return !f.negative
		}
	}
	return f.negative
}
