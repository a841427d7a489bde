package logql

import (
	"encoding/json"
	"os"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/oriel-obs/oriel/internal/linefield"
)

// What a query prints as parses again, and prints the same.
func FuzzParse(f *testing.F) {
	for _, file := range []string{"testdata/valid.txt", "testdata/invalid.txt"} {
		b, err := os.ReadFile(file)
		require.NoError(f, err)
		for l := range strings.SplitSeq(string(b), "\n") {
			q, _, _ := strings.Cut(l, " => ")
			f.Add(q)
		}
	}
	f.Fuzz(func(t *testing.T, in string) {
		e, err := Parse(in)
		if err != nil {
			require.NotEmpty(t, err.Error())
			return
		}
		text := e.String()
		again, err := Parse(text)
		if len(text) > maxQueryBytes {
			return // printing may lengthen
		}
		require.NoError(t, err, "%q printed as %q", in, text)
		require.Equal(t, text, again.String())
	})
}

func lineOf(text string) *line {
	l := &line{}
	l.reset(0, text, []label{{name: "app", value: "a"}, {name: "env", value: "e"}})
	l.addMetadata("level", "meta")
	return l
}

func compiled(t testing.TB, s Stage) processor {
	t.Helper()
	p, err := s.compile()
	require.NoError(t, err)
	return p
}

// checkLine asserts what holds of every line behind every stage.
func checkLine(t *testing.T, l *line) {
	t.Helper()
	seen := map[string]bool{}
	for _, lb := range l.labels {
		require.True(t, linefield.IsLabel(lb.name), "label %q", lb.name)
		require.False(t, seen[lb.name], "label %q twice", lb.name)
		seen[lb.name] = true
	}
	for name, want := range map[string]string{"app": "a", "env": "e", "level": "meta"} {
		got, ok := l.get(name)
		require.True(t, ok)
		require.Equal(t, want, got, "a parser changed label %q", name)
	}
}

// Of valid JSON the stage finds what encoding/json finds.
func FuzzJSONStage(f *testing.F) {
	for _, s := range []string{
		`{"a":1,"b":{"c":"d","e":[1,2]},"f":null,"g":true}`, `{"a":"\u00e9\n"}`, `{"a":"cut`, `{`, `[]`, `"x"`, ``, `{"a":1}x`,
		`{"a":1,}`, `{"app":"x","level":"y"}`, `{"a.b":1,"0c":2," d ":3,"":4}`, "{\"a\":\"\xff\"}", `{"a":{"b":{"c":{"d":1}}}}`,
	} {
		f.Add(s)
	}
	all, some := compiled(f, &JSON{}), compiled(f, &JSON{Extractions: []Extraction{{"x", "a.b[0]"}, {"y", `["c d"]`}, {"app", "a"}}})
	unpack := compiled(f, &Unpack{})
	f.Fuzz(func(t *testing.T, text string) {
		l := lineOf(text)
		require.True(t, all.process(l))
		checkLine(t, l)
		for _, p := range []processor{some, unpack} {
			other := lineOf(text)
			require.True(t, p.process(other))
			checkLine(t, other)
		}
		DetectFields(text)

		var flat map[string]any
		if json.Unmarshal([]byte(text), &flat) != nil || flat == nil || !utf8.ValidString(text) || strings.Contains(text, `\u`) {
			return
		}
		for k, v := range flat {
			s, isString := v.(string)
			name := linefield.Label(k)
			if !isString || name != k || k == "" || strings.Count(text, `"`+k+`"`) != 1 || strings.ContainsRune(s, utf8.RuneError) || collides(flat, k) {
				continue
			}
			got, _ := l.get(l.extractedNameFor(k))
			require.Equal(t, s, got, "key %q of %q", k, text)
		}
	})
}

// collides reports whether another key may make the same label as k.
func collides(flat map[string]any, k string) bool {
	for other, v := range flat {
		_, nested := v.(map[string]any)
		if other != k && (nested || linefield.Label(other) == k || other+extractedSuffix == k || k+extractedSuffix == other) {
			return true
		}
	}
	return false
}

// extractedNameFor is the name under which a key of a lineOf is found.
func (l *line) extractedNameFor(key string) string {
	if key == "app" || key == "env" || key == "level" {
		return key + extractedSuffix
	}
	return key
}

// Pairs of bare words are found by a split at blanks and equals signs.
func FuzzLogfmtStage(f *testing.F) {
	for _, s := range []string{
		`a=b c="d e" f`, `a==b`, `="x"`, `a="unterminated`, `a="x\"y"`, "a=\xff", `level=x app=y`, `k="v"x=1`, `a.b=1 0c=2`, ` `, "a=b\tc=d\n",
	} {
		f.Add(s)
	}
	stages := []processor{
		compiled(f, &Logfmt{}), compiled(f, &Logfmt{Strict: true}), compiled(f, &Logfmt{KeepEmpty: true}),
		compiled(f, &Logfmt{Extractions: []Extraction{{"x", "a"}, {"app", "b"}}}),
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, p := range stages {
			l := lineOf(text)
			require.True(t, p.process(l))
			checkLine(t, l)
		}
		if strings.ContainsAny(text, `"`) || !utf8.ValidString(text) || strings.ContainsRune(text, utf8.RuneError) {
			return
		}
		want := map[string]string{}
		for _, word := range strings.FieldsFunc(text, func(r rune) bool { return r <= ' ' }) {
			k, v, _ := strings.Cut(word, "=")
			if k == "" || v == "" || strings.Contains(v, "=") || linefield.Label(k) == "" {
				continue
			}
			name := lineOf("").extractedNameFor(linefield.Label(k))
			if _, ok := want[name]; !ok {
				want[name] = v
			}
		}
		l := lineOf(text)
		stages[0].process(l)
		got := map[string]string{}
		for _, lb := range l.labels {
			if lb.from == fromParser {
				got[lb.name] = lb.value
			}
		}
		require.Equal(t, want, got)
	})
}

// A line that a pattern was filled to make gives the values back.
func FuzzPatternStage(f *testing.F) {
	f.Add("<a> - <b>", "10.0.0.1 - bo")
	f.Add("[<_>] <a>", "[x] y")
	f.Add("x<a>", "xx")
	f.Add("<a><b>", "")
	f.Fuzz(func(t *testing.T, expr, text string) {
		if p, err := (&Pattern{Expr: expr}).compile(); err == nil {
			l := lineOf(text)
			require.True(t, p.process(l))
			checkLine(t, l)
		}
		test, err := newLinePattern(expr)
		if err != nil {
			return
		}
		pattern, err := linefield.ParsePattern(expr)
		require.NoError(t, err)
		if got := test(text); got {
			for _, literal := range pattern.Literals() {
				require.Contains(t, text, literal)
			}
		}
		filled := strings.ReplaceAll(expr, "<_>", "\x00")
		if expr != "" && !strings.Contains(expr, "\x00") {
			require.True(t, test(filled), "%q should match %q", expr, filled)
		}
	})
}

func FuzzIPFilter(f *testing.F) {
	f.Add("10.0.0.0/8", "GET from 10.1.2.3:80")
	f.Add("::1", "[::1]:80")
	f.Add("10.0.0.1-10.0.0.9", "x10.0.0.5")
	f.Fuzz(func(t *testing.T, pattern, text string) {
		p, err := parseIPPattern(pattern)
		if err != nil {
			return
		}
		if in, _ := p.matches(text); in {
			require.True(t, p.inText(text), "%q in %q", pattern, text)
			require.True(t, p.inText("from "+text+" to"))
		}
	})
}

// Templates and whole pipelines never panic, whatever the line.
func FuzzPipeline(f *testing.F) {
	f.Add(`{{ .a | trunc 3 | repeat 2 }}`, `{"a":"b"}`)
	f.Add(`{{ substr 1 5 .a }}{{ alignLeft 3 .app }}{{ indent 2 .level }}`, `a=b`)
	f.Add(`{{ range 3 }}{{ . }}{{ else }}x{{ end }}{{ define "y" }}{{ template "y" }}{{ end }}{{ template "y" }}`, "")
	f.Add(`{{ div .a 0 }}`, "\x1b[31mred\x1b[0m a=1")
	f.Add(`{{ index .a 9 }}{{ fromJson __line__ }}{{ unixToTime .a }}`, `{"a":"17"}`)
	f.Fuzz(func(t *testing.T, tmpl, text string) {
		stages := []Stage{&Decolorize{}, &JSON{}, &Logfmt{}, &LineFormat{Template: tmpl}, &LabelFormat{Assignments: []Assignment{{Label: "new", Value: tmpl}}}}
		l := lineOf(text)
		for _, s := range stages {
			p, err := s.compile()
			if err != nil {
				return
			}
			require.True(t, p.process(l))
		}
		checkLine(t, l)
	})
}
