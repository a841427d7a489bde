package fulltext_test

import (
	"bytes"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/storage"
	"github.com/oriel-obs/oriel/storage/fulltext"
)

// A require.TestingT that rapid and testing both are.
type testingT interface {
	require.TestingT
	Helper()
}

func files(t testingT, granules []*model.Batch) (bloom, dict []byte) {
	t.Helper()
	var bw, dw bytes.Buffer
	b := fulltext.NewBuilder(&bw, &dw)
	for _, g := range granules {
		require.NoError(t, b.Add(g, nil))
	}
	require.NoError(t, b.Finish())
	return bw.Bytes(), dw.Bytes()
}

func build(t testingT, granules []*model.Batch) *fulltext.Index {
	t.Helper()
	bloom, dict := files(t, granules)
	x, err := fulltext.Open(bytes.NewReader(bloom), bytes.NewReader(dict), fulltext.NewCache(64<<20))
	require.NoError(t, err)
	require.Equal(t, len(granules), x.Len())
	return x
}

// lines returns a granule of log lines of one stream.
func lines(body ...string) *model.Batch {
	return &model.Batch{
		Signal: model.Logs, Streams: []*model.Stream{{}}, StreamOf: make([]uint32, len(body)),
		Time: make([]int64, len(body)), Body: body,
	}
}

// candidates returns the numbers of the candidate granules.
func candidates(t testingT, x *fulltext.Index, p storage.Predicate) []int {
	t.Helper()
	set, all, err := x.Granules(p)
	require.NoError(t, err)
	var out []int
	for g := range x.Len() {
		if all || set.Test(uint(g)) {
			out = append(out, g)
		}
	}
	return out
}

func contains(needle string) storage.Predicate {
	return storage.Contains{Field: storage.Field{Place: storage.Body}, Needle: needle}
}

func matches(expr string) storage.Predicate {
	return storage.Match{Field: storage.Field{Place: storage.Body}, Regexp: regexp.MustCompile(expr)}
}

func TestOnlyGranulesThatMayMatchAreCandidates(t *testing.T) {
	const uuid = "5f3c9a77-41d2-4b0e-9c55-e1a2b3c4d5f6"
	const trace = "4bf92f3577b34da6a3ce929d0e0e4736"
	x := build(t, []*model.Batch{
		0: lines(`level=info msg="request timeouts" dur=12ms`, `GET /api/v1/users/42 200`),
		1: lines(`level=error msg="upstream reset by peer after 8123ms"`, "rid="+uuid),
		2: lines(`{"level":"info","trace_id":"`+trace+`"}`, `2026-11-22T06:05:22.123456789Z started`),
		3: lines(`Größe überschritten, Straße`, `sha256:`+strings.Repeat("ab", 32)),
		4: lines(`id=x`+strings.ToUpper(uuid)+`y`, `order_98765 SIGSEGV`),
	})
	all := []int{0, 1, 2, 3, 4}
	tests := []struct {
		name string
		p    storage.Predicate
		want []int
	}{
		{"part of a word", contains("timeout"), []int{0}},
		{"a word of another case", contains("TimeOut"), []int{0}},
		{"the end of a word", contains("outs "), []int{0}},
		{"the start of a word", contains(" upst"), []int{1}},
		{"a phrase", contains("reset by peer"), []int{1}},
		{"a word that is nowhere", contains("segfault"), nil},
		{"a whole word that is nowhere", contains(" segfault "), nil},
		{"a UUID, also with letters around it and in another case", contains(uuid), []int{1, 4}},
		{"a UUID that is not there", contains("5f3c9a77-41d2-4b0e-9c55-e1a2b3c4d5f7"), nil},
		{"pieces of a UUID rule nothing out", contains("41d2-4b0e-9c55"), all},
		{"a trace id, or what it may be part of", contains(trace), []int{2, 3}},
		{"a trace id between quotes", contains(`"` + trace + `"`), []int{2}},
		{"digits may be part of any id", contains("500"), all},
		{"digits of their own", contains("/42 "), []int{0}},
		{"digits within a word count as one shape", contains("order_1"), []int{4}},
		{"letters of other alphabets", contains("überschritt"), []int{3}},
		{"another case of other alphabets", contains("STRAß"), []int{3}},
		{"a cut letter", contains("\x9fe"), all},
		{"the empty needle", contains(""), all},
		{"separators alone", contains(" = "), all},
		{"regexp: required literals", matches(`reset by .* after 8[0-9]{3}ms`), []int{1}},
		{"regexp: alternatives", matches(`timeouts?|sigsegv`), []int{0, 4}},
		{"regexp: alternatives within", matches(`level=(info|warn).*(timeout|trace)`), []int{0, 2}},
		{"regexp: separators are whole tokens' ends", matches(`request\s+timeout\S`), []int{0}},
		{"regexp: ignoring case", matches(`(?i)SIGSEGV$`), []int{4}},
		{"regexp: nothing required", matches(`\d+`), all},
		{"regexp: one alternative requires nothing", matches(`timeout|.`), all},
		{"whole text", storage.Compare{Field: storage.Field{Place: storage.Body}, Op: storage.Eq, Value: model.String("order_98765 SIGSEGV")}, []int{4}},
		{"whole text, of which there is but a part", storage.Compare{Field: storage.Field{Place: storage.Body}, Op: storage.Eq, Value: model.String("rder_98765 SIGSEGV")}, nil},
		{"and", storage.And{contains("level"), contains("upstream")}, []int{1}},
		{"or", storage.Or{contains("upstream"), contains("started")}, []int{1, 2}},
		{"or with a part that rules nothing out", storage.Or{contains("upstream"), contains("5")}, all},
		{"not", storage.Not{P: contains("upstream")}, all},
		{"no predicate", nil, all},
		{"empty and", storage.And{}, all},
		{"empty or", storage.Or{}, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) { require.Equal(t, tt.want, candidates(t, x, tt.p)) })
	}
}

func TestTermsOfFields(t *testing.T) {
	granule := func(n int64) *model.Batch {
		b := lines("a", "b")
		b.Streams = []*model.Stream{
			{Attrs: []model.Attr{{Key: "app", Value: model.String("api-" + string(rune('a'+n)))}}},
			{Attrs: []model.Attr{{Key: "app", Value: model.String("unused")}}},
		}
		b.Attrs = []*model.Column{
			{Key: "status", Vals: []model.Value{model.Int(200 + n), model.Int(300 + n)}},
			{Key: "ok", Rows: []uint32{1}, Vals: []model.Value{model.Bool(n == 0)}},
			{Key: "tags", Rows: []uint32{0}, Vals: []model.Value{model.Array(`["x",` + string(rune('0'+n)) + `]`)}},
			{Key: "rare" + string(rune('0'+n)), Rows: []uint32{0}, Vals: []model.Value{model.Float(1)}},
		}
		return b
	}
	x := build(t, []*model.Batch{granule(0), granule(1), granule(2)})
	field := func(p storage.Place, key string) storage.Field { return storage.Field{Place: p, Key: key} }
	eq := func(p storage.Place, key string, v model.Value) storage.Predicate {
		return storage.Compare{Field: field(p, key), Op: storage.Eq, Value: v}
	}
	all := []int{0, 1, 2}
	tests := []struct {
		name string
		p    storage.Predicate
		want []int
	}{
		{"a string label", eq(storage.Stream, "app", model.String("api-b")), []int{1}},
		{"a label's case counts", eq(storage.Stream, "app", model.String("API-b")), nil},
		{"a stream no row refers to", eq(storage.Stream, "app", model.String("unused")), nil},
		{"a label is no attribute", eq(storage.Attr, "app", model.String("api-b")), nil},
		{"an integer", eq(storage.Attr, "status", model.Int(302)), []int{2}},
		{"an integer is no string", eq(storage.Attr, "status", model.String("302")), nil},
		{"a boolean", eq(storage.Attr, "ok", model.Bool(true)), []int{0}},
		{"elements of arrays", eq(storage.Attr, "tags", model.Int(2)), []int{2}},
		{"equality of floats asks for the field", eq(storage.Attr, "rare1", model.Float(7)), []int{1}},
		{"order asks for the field", storage.Compare{Field: field(storage.Attr, "rare1"), Op: storage.Gt, Value: model.Int(7)}, []int{1}},
		{"inequality asks for the field", storage.Compare{Field: field(storage.Attr, "rare1"), Op: storage.Ne, Value: model.Int(7)}, []int{1}},
		{"substring asks for the field", storage.Contains{Field: field(storage.Attr, "rare2"), Needle: "x"}, []int{2}},
		{"existence", storage.Exists{Field: field(storage.Attr, "rare2")}, []int{2}},
		{"a field that is nowhere", storage.Exists{Field: field(storage.Attr, "rare3")}, nil},
		{"anchored regexp of few texts", storage.Match{Field: field(storage.Stream, "app"), Regexp: regexp.MustCompile(`^(?:api-a|api-[cd])$`)}, []int{0, 2}},
		{"anchored regexp ignoring case", storage.Match{Field: field(storage.Stream, "app"), Regexp: regexp.MustCompile(`^(?:(?i)API-A)$`)}, all},
		{"regexp without anchors", storage.Match{Field: field(storage.Stream, "app"), Regexp: regexp.MustCompile(`^api-a`)}, all},
		{"a place that is not indexed", eq(storage.SpanID, "", model.String("00f067aa0ba902b7")), all},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) { require.Equal(t, tt.want, candidates(t, x, tt.p)) })
	}
}

func TestFieldsOfBodies(t *testing.T) {
	x := build(t, []*model.Batch{
		0: lines(`{"level":"error","msg":"first\nsecond","status":503,"path":"\/api\/v1"}`),
		1: lines(`level=error msg="upstream \u0074imeout" id=4bf92f3577b34da6a3ce929d0e0e4736`),
		2: lines(`{"level":"info","msg":"\ud83d\ude00 errors","tags":["a\tb"]}`),
	})
	is := func(p storage.Place, key, value string) storage.Predicate {
		return storage.Compare{Field: storage.Field{Place: p, Key: key}, Op: storage.Eq, Value: model.String(value)}
	}
	all := []int{0, 1, 2}
	tests := []struct {
		name string
		p    storage.Predicate
		want []int
	}{
		{"a word", is(storage.JSON, "level", "error"), []int{0, 1}},
		{"it is the whole of the value", is(storage.JSON, "level", "erro"), nil},
		{"escapes are resolved", is(storage.JSON, "msg", "first\nsecond"), []int{0}},
		{"escaped letters too", is(storage.Logfmt, "msg", "upstream timeout"), []int{1}},
		{"numbers are text", is(storage.JSONPath, "status", "503"), []int{0}},
		{"an array is as it was written", is(storage.JSONPath, "tags", `["a\tb"]`), []int{2}},
		{"separators that need no escape", is(storage.JSON, "path", "/api/v1"), []int{0}},
		{"anchored regexp", storage.Match{Field: storage.Field{Place: storage.JSON, Key: "level"}, Regexp: regexp.MustCompile(`^(?:info|warn)$`)}, []int{2}},
		{"the empty text", is(storage.JSON, "level", ""), all},
		{"the error of a parser", is(storage.JSON, "", "JSONParserErr"), all},
		{"another text", storage.Compare{Field: storage.Field{Place: storage.JSON, Key: "level"}, Op: storage.Ne, Value: model.String("error")}, all},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) { require.Equal(t, tt.want, candidates(t, x, tt.p)) })
	}
}

func TestGranulesWithTooManyWordsAreCandidatesOfParts(t *testing.T) {
	word := func(i int) string { return "w" + strings.Map(func(r rune) rune { return r - '0' + 'k' }, itoa(i)) }
	var many []string
	for i := range 20000 {
		many = append(many, word(100000+i))
	}
	x := build(t, []*model.Batch{lines("quiet"), lines(many...), lines("quiet again")})
	require.Equal(t, []int{1}, candidates(t, x, contains("zebra")))
	require.Equal(t, []int{0, 1, 2}, candidates(t, x, contains("quie")))
	require.Empty(t, candidates(t, x, contains(" zebra ")))
	require.Equal(t, []int{1}, candidates(t, x, contains(word(119999))))
	require.Equal(t, []int{1}, candidates(t, x, storage.Compare{
		Field: storage.Field{Place: storage.Body}, Op: storage.Eq, Value: model.String(word(119999)),
	}))
}

func TestManyGranulesSpanStripes(t *testing.T) {
	var granules []*model.Batch
	for i := range 200 {
		granules = append(granules, lines("common line", "only in "+itoa(i)+" here", "id=00f067aa-0ba9-4b0e-9c55-"+itoa(100000000000+i)))
	}
	x := build(t, granules)
	for _, g := range []int{0, 63, 64, 127, 128, 199} {
		require.Contains(t, candidates(t, x, contains(" "+itoa(g)+" ")), g)
		got := candidates(t, x, contains("00f067aa-0ba9-4b0e-9c55-"+itoa(100000000000+g)))
		require.Contains(t, got, g)
		require.Less(t, len(got), 20, "the bloom tells granules apart")
	}
	require.Len(t, candidates(t, x, contains("omm")), 200)
}

func itoa(i int) string { return model.Int(int64(i)).Text() }

// TestNoMatchingGranuleIsMissing holds candidates against storage.Matcher.
func TestNoMatchingGranuleIsMissing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		granules := rapid.SliceOfN(drawGranule(), 1, 5).Draw(t, "granules")
		x := build(t, granules)
		var texts, bodies []string
		for _, g := range granules {
			bodies = append(bodies, g.Body...)
			texts = append(append(texts, g.Body...), g.Spans.StatusMessage...)
			for _, events := range g.Spans.Events {
				for _, e := range events {
					texts = append(texts, e.Name)
				}
			}
		}
		for range 40 {
			p := rapid.OneOf(drawPredicate(texts, 2), drawPredicate(texts, 2), drawParsed(bodies)).Draw(t, "predicate")
			set, all, err := x.Granules(p)
			require.NoError(t, err)
			m := storage.NewMatcher(p)
			for g, batch := range granules {
				for i := range batch.Len() {
					if m.Keep(batch, i) && !all && !set.Test(uint(g)) {
						t.Fatalf("%v keeps %q of granule %d, which is no candidate", p, batch.Body[i], g)
					}
				}
			}
		}
	})
}

const hexID = "5f3c9a77"

var pieces = []string{
	"timeout", "Time", "OUT", "s", "k", "K", "\u212a", "\u017f", "ß", "ẞ", "Σ", "ς", "\u0345", "ι", "é", "\xc3", "\xa9", "世界", "\ufffd", "\ufe0f",
	"a", "f", "cafe", "dead", "12", "9", "0x", "_", "-", "-", " ", "=", "\"", ":", ".", "\n", "ms", "Z", "\x00", "\xff",
	hexID, hexID + "-41d2-4b0e-9c55-e1a2b3c4d5f6", "-41d2-4b0e-9c55-", "e1a2b3c4d5f6", "5F3C9A77-41D2-4B0E-9C55-E1A2B3C4D5F6",
	"4bf92f3577b34da6a3ce929d0e0e4736", strings.Repeat("x", 40), strings.Repeat("7", 33), "I", "ı", "İ", "i",
}

func drawText() *rapid.Generator[string] {
	return rapid.Custom(func(t *rapid.T) string {
		return strings.Join(rapid.SliceOfN(rapid.SampledFrom(pieces), 0, 8).Draw(t, "pieces"), "")
	})
}

// drawBody draws a text, or a line that parsers find the field "a" in, with
// escapes that need not be right.
func drawBody() *rapid.Generator[string] {
	return rapid.Custom(func(t *rapid.T) string {
		text := drawText().Draw(t, "text")
		raw := func() string {
			escapes := []string{"", `\n`, `\\`, `\"`, `\/`, `\u0061`, `\u004b`, `\ud83d\ude00`, `\ud83d`, `\u00`, `\x`, `\ufffd`}
			quoted := strings.NewReplacer(`"`, "", `\`, "").Replace(text)
			return rapid.SampledFrom(escapes).Draw(t, "before") + quoted + rapid.SampledFrom(escapes).Draw(t, "after")
		}
		switch rapid.IntRange(0, 6).Draw(t, "form") {
		case 0:
			return `{"a":"` + raw() + `"}`
		case 1:
			return `{"k":` + rapid.SampledFrom([]string{"1", "null", `{"a":"b"}`, `["x"]`}).Draw(t, "k") + `,"a":"` + raw() + `"}`
		case 2:
			return `k=` + text + ` a="` + raw() + `"`
		case 3:
			return `a=` + text + ` `
		}
		return text
	})
}

// drawParsed draws a predicate on what a parser finds in one of the bodies.
func drawParsed(bodies []string) *rapid.Generator[storage.Predicate] {
	return rapid.Custom(func(t *rapid.T) storage.Predicate {
		b := lines(rapid.SampledFrom(bodies).Draw(t, "body"))
		f := storage.Field{Place: rapid.SampledFrom([]storage.Place{storage.JSON, storage.JSONPath, storage.Logfmt}).Draw(t, "parser"), Key: "a"}
		text := ""
		for v := range storage.Values(b, 0, f) {
			text = v.Str()
		}
		if rapid.Bool().Draw(t, "regexp") {
			return storage.Match{Field: f, Regexp: regexp.MustCompile("^(?:" + regexp.QuoteMeta(strings.ToValidUTF8(text, "")) + "|b)$")}
		}
		return storage.Compare{Field: f, Op: storage.Eq, Value: model.String(text)}
	})
}

// drawNeedle draws a piece of one of the texts, often in another case.
func drawNeedle(texts []string) *rapid.Generator[string] {
	return rapid.Custom(func(t *rapid.T) string {
		s := rapid.SampledFrom(texts).Draw(t, "text")
		i := rapid.IntRange(0, len(s)).Draw(t, "from")
		s = s[i:rapid.IntRange(i, len(s)).Draw(t, "to")]
		switch rapid.IntRange(0, 5).Draw(t, "case") {
		case 0:
			return strings.ToUpper(s)
		case 1:
			return strings.ToLower(s)
		case 2:
			return s + rapid.SampledFrom(pieces).Draw(t, "more")
		}
		return s
	})
}

func drawValue() *rapid.Generator[model.Value] {
	return rapid.SampledFrom([]model.Value{
		model.String("a"), model.String("b"), model.String(""), model.Int(1), model.Int(2), model.Float(1), model.Bool(true), model.Bool(false),
		model.Bytes("a"), model.Array(`["a",1,[2]]`), model.Array(`[]`), model.Array(`[2.0,true]`), model.Map(`{"a":1}`),
	})
}

var fieldKeys = []string{"a", "k", "k\x00"}

func drawAttrs() *rapid.Generator[[]model.Attr] {
	return rapid.Custom(func(t *rapid.T) []model.Attr {
		var attrs []model.Attr
		for _, k := range fieldKeys {
			if rapid.Bool().Draw(t, "has") {
				attrs = append(attrs, model.Attr{Key: k, Value: drawValue().Draw(t, "value")})
			}
		}
		return attrs
	})
}

// drawGranule draws spans: they have every field there is.
func drawGranule() *rapid.Generator[*model.Batch] {
	return rapid.Custom(func(t *rapid.T) *model.Batch {
		b := lines(rapid.SliceOfN(drawBody(), 1, 4).Draw(t, "body")...)
		n := b.Len()
		b.Signal = model.Spans
		b.Streams = []*model.Stream{{
			Attrs: drawAttrs().Draw(t, "resource"), ScopeName: rapid.SampledFrom([]string{"", "a"}).Draw(t, "scope"),
			ScopeAttrs: drawAttrs().Draw(t, "scope attrs"),
		}, {ScopeVersion: "b"}}
		s := &model.SpanColumns{
			SpanID: make([]model.SpanID, n), ParentID: make([]model.SpanID, n), Duration: make([]int64, n), TraceState: make([]string, n),
			Flags: make([]uint32, n), DroppedAttrs: make([]uint32, n), DroppedEvents: make([]uint32, n), DroppedLinks: make([]uint32, n),
		}
		column := &model.Column{Key: "a"}
		for i := range n {
			b.StreamOf[i] = uint32(rapid.IntRange(0, 1).Draw(t, "stream"))
			if v := drawValue(); rapid.Bool().Draw(t, "has a") {
				column.Set(i, v.Draw(t, "a"))
			}
			id := model.TraceID{15: byte(rapid.IntRange(0, 3).Draw(t, "trace"))}
			s.TraceID = append(s.TraceID, id)
			s.Kind = append(s.Kind, model.SpanKind(rapid.IntRange(0, 2).Draw(t, "kind")))
			s.Status = append(s.Status, model.StatusCode(rapid.IntRange(0, 2).Draw(t, "status")))
			s.StatusMessage = append(s.StatusMessage, drawText().Draw(t, "message"))
			var events []model.Event
			var links []model.Link
			if rapid.Bool().Draw(t, "event") {
				events = append(events, model.Event{Name: drawText().Draw(t, "event name"), Attrs: drawAttrs().Draw(t, "event attrs")})
				links = append(links, model.Link{TraceID: id, Attrs: drawAttrs().Draw(t, "link attrs")})
			}
			s.Events, s.Links = append(s.Events, events), append(s.Links, links)
		}
		if b.Spans = s; len(column.Rows) > 0 {
			b.Attrs = []*model.Column{column}
		}
		require.NoError(t, b.Check())
		return b
	})
}

var places = []storage.Place{
	storage.Body, storage.Stream, storage.Attr, storage.ScopeName, storage.ScopeVersion, storage.ScopeAttr, storage.TraceID,
	storage.SpanID, storage.ParentID, storage.Kind, storage.Status, storage.StatusMessage, storage.Duration, storage.TraceState, storage.EventName,
	storage.EventAttr, storage.EventTime, storage.LinkTraceID, storage.LinkSpanID, storage.LinkAttr,
	storage.JSON, storage.JSONPath, storage.Logfmt,
}

func drawPredicate(texts []string, depth int) *rapid.Generator[storage.Predicate] {
	return rapid.Custom(func(t *rapid.T) storage.Predicate {
		text := rapid.SampledFrom([]storage.Field{
			{Place: storage.Body},
			{Place: storage.Body},
			{Place: storage.Body},
			{Place: storage.StatusMessage},
			{Place: storage.EventName},
			{Place: storage.Attr, Key: "a"},
		}).Draw(t, "text field")
		field := storage.Field{Place: rapid.SampledFrom(places).Draw(t, "place"), Key: rapid.SampledFrom(fieldKeys).Draw(t, "key")}
		needle := drawNeedle(texts).Draw(t, "needle")
		kind := rapid.IntRange(0, 11).Draw(t, "kind of predicate")
		if depth == 0 {
			kind %= 8
		}
		switch kind {
		case 0, 1:
			return storage.Contains{Field: text, Needle: needle}
		case 2:
			return storage.Contains{Field: text, Needle: needle, FoldCase: true}
		case 3, 4:
			return storage.Match{Field: text, Regexp: drawRegexp(texts).Draw(t, "regexp")}
		case 5:
			v := rapid.OneOf(drawValue(), rapid.SampledFrom([]model.Value{
				model.String(model.TraceID{15: 1}.String()), model.String(needle), model.Int(0), model.Float(2),
			})).Draw(t, "value")
			return storage.Compare{Field: field, Op: storage.Op(rapid.IntRange(1, 6).Draw(t, "op")), Value: v}
		case 6:
			return storage.Exists{Field: field}
		case 7:
			expr := rapid.SampledFrom([]string{"^(?:a|b)$", "^a$", "^(?i:A)$", "a", "^[ab]?$", "^$", `^\ba$`, `^a+$`}).Draw(t, "expr")
			return storage.Match{Field: field, Regexp: regexp.MustCompile(expr)}
		case 8:
			return storage.Not{P: drawPredicate(texts, depth-1).Draw(t, "not")}
		case 9, 10:
			return storage.And(rapid.SliceOfN(drawPredicate(texts, depth-1), 0, 3).Draw(t, "and"))
		}
		return storage.Or(rapid.SliceOfN(drawPredicate(texts, depth-1), 0, 9).Draw(t, "or"))
	})
}

// drawRegexp draws an expression whose literals are pieces of the texts.
func drawRegexp(texts []string) *rapid.Generator[*regexp.Regexp] {
	return rapid.Custom(func(t *rapid.T) *regexp.Regexp {
		var expr strings.Builder
		expr.WriteString(rapid.SampledFrom([]string{"", "", "(?i)", "(?s)", "(?m)", "^", "(?i)^"}).Draw(t, "flags"))
		for range rapid.IntRange(1, 4).Draw(t, "parts") {
			lit := regexp.QuoteMeta(strings.ToValidUTF8(drawNeedle(texts).Draw(t, "literal"), ""))
			switch rapid.IntRange(0, 8).Draw(t, "form") {
			case 0:
				lit = "(?:" + lit + ")?"
			case 1:
				lit = "(" + lit + "|" + regexp.QuoteMeta(strings.ToValidUTF8(drawNeedle(texts).Draw(t, "other"), "")) + ")"
			case 2:
				lit = "(?:" + lit + "){1,2}"
			case 3:
				lit = "(?:" + lit + "|.)+"
			}
			expr.WriteString(lit)
			expr.WriteString(rapid.SampledFrom([]string{"", "", ".*", `\s`, `[^a-z]+`, `[-: ]+`, `[-: ]`, `\W`, `\b`, `[kx]`, "$", `.`, `\d+`, `[\n =]`, "[0-9a-f-]*"}).Draw(t, "between"))
		}
		re, err := regexp.Compile(expr.String())
		if err != nil {
			re = regexp.MustCompile(regexp.QuoteMeta(expr.String()))
		}
		return re
	})
}
