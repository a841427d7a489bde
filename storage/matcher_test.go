package storage_test

import (
	"math"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/storage"
)

// oneSpan has a value for every place.
func oneSpan() *model.Batch {
	bd := model.NewBuilder(model.Spans, 1)
	st := bd.Stream(&model.Stream{
		Attrs:     []model.Attr{{Key: "service.name", Value: model.String("shop")}},
		ScopeName: "lib", ScopeVersion: "1.2", ScopeAttrs: []model.Attr{{Key: "sk", Value: model.Int(9)}},
	})
	bd.Span(st, model.Span{
		TraceID: model.TraceID{0: 0xab, 15: 1}, SpanID: model.SpanID{7: 2}, ParentID: model.SpanID{7: 3},
		Name: "GET /cart", Kind: model.SpanServer, Start: 1000, Duration: 250, Status: model.StatusError,
		StatusMessage: "boom", TraceState: "k=v",
		Events: []model.Event{{Time: 1010, Name: "first"}, {Time: 1020, Name: "second", Attrs: []model.Attr{{Key: "ek", Value: model.Bool(true)}}}},
		Links:  []model.Link{{TraceID: model.TraceID{15: 7}, SpanID: model.SpanID{7: 8}, Attrs: []model.Attr{{Key: "lk", Value: model.Float(1.5)}}}},
	})
	bd.Attr("s", model.String("Straße"))
	bd.Attr("i", model.Int(3))
	bd.Attr("f", model.Float(2.5))
	bd.Attr("nan", model.Float(math.NaN()))
	bd.Attr("b", model.Bool(false))
	bd.Attr("raw", model.Bytes("xyz"))
	bd.Attr("arr", model.Array(`["x","yy",3,1.5,true,{"z":1},null]`))
	bd.Attr("map", model.Map(`{"k":"v"}`))
	bd.Attr("bad", model.Array(`[not json`))
	return bd.Batch()
}

func TestMatcherComparesLikeWithLike(t *testing.T) {
	place := func(p storage.Place) storage.Field { return storage.Field{Place: p} }
	attr := func(k string) storage.Field { return storage.Field{Place: storage.Attr, Key: k} }
	str, num := model.String, model.Int
	tests := []struct {
		name  string
		field storage.Field
		op    storage.Op
		value model.Value
		keep  bool
	}{
		{"name", place(storage.Body), storage.Eq, str("GET /cart"), true},
		{"resource attribute", storage.Field{Place: storage.Stream, Key: "service.name"}, storage.Eq, str("shop"), true},
		{"scope name", place(storage.ScopeName), storage.Eq, str("lib"), true},
		{"scope version", place(storage.ScopeVersion), storage.Ge, str("1.1"), true},
		{"scope attribute", storage.Field{Place: storage.ScopeAttr, Key: "sk"}, storage.Lt, num(10), true},
		{"trace id is hex", place(storage.TraceID), storage.Eq, str("ab000000000000000000000000000001"), true},
		{"span id is hex", place(storage.SpanID), storage.Eq, str("0000000000000002"), true},
		{"parent id is hex", place(storage.ParentID), storage.Eq, str("0000000000000003"), true},
		{"kind is a number", place(storage.Kind), storage.Eq, num(2), true},
		{"status is a number", place(storage.Status), storage.Eq, num(2), true},
		{"status message", place(storage.StatusMessage), storage.Eq, str("boom"), true},
		{"duration is ns", place(storage.Duration), storage.Gt, num(249), true},
		{"trace state", place(storage.TraceState), storage.Eq, str("k=v"), true},
		{"any event will do", place(storage.EventName), storage.Eq, str("second"), true},
		{"any event will do, for unequal too", place(storage.EventName), storage.Ne, str("second"), true},
		{"event attribute", storage.Field{Place: storage.EventAttr, Key: "ek"}, storage.Eq, model.Bool(true), true},
		{"event time is since the start", place(storage.EventTime), storage.Eq, num(20), true},
		{"link trace id", place(storage.LinkTraceID), storage.Eq, str(model.TraceID{15: 7}.String()), true},
		{"link span id", place(storage.LinkSpanID), storage.Eq, str(model.SpanID{7: 8}.String()), true},
		{"link attribute", storage.Field{Place: storage.LinkAttr, Key: "lk"}, storage.Le, model.Float(1.5), true},

		{"an absent field equals nothing", attr("none"), storage.Eq, str(""), false},
		{"an absent field is unequal to nothing", attr("none"), storage.Ne, str("x"), false},
		{"an integer is no float", attr("i"), storage.Eq, model.Float(3), false},
		{"an integer is not unequal to a float", attr("i"), storage.Ne, model.Float(4), false},
		{"a string is no integer", attr("s"), storage.Gt, num(0), false},
		{"floats compare", attr("f"), storage.Lt, model.Float(2.6), true},
		{"NaN equals nothing", attr("nan"), storage.Eq, model.Float(math.NaN()), false},
		{"NaN is unequal to NaN", attr("nan"), storage.Ne, model.Float(math.NaN()), true},
		{"NaN has no order", attr("nan"), storage.Lt, model.Float(1), false},
		{"NaN has no order, the other way round", attr("f"), storage.Ge, model.Float(math.NaN()), false},
		{"false is a value", attr("b"), storage.Eq, model.Bool(false), true},
		{"bytes compare with bytes", attr("raw"), storage.Eq, model.Bytes("xyz"), true},
		{"bytes are no string", attr("raw"), storage.Eq, str("xyz"), false},
		{"an array is its elements", attr("arr"), storage.Eq, str("yy"), true},
		{"an array's integers", attr("arr"), storage.Eq, num(3), true},
		{"an array's floats", attr("arr"), storage.Eq, model.Float(1.5), true},
		{"an array's booleans", attr("arr"), storage.Eq, model.Bool(true), true},
		{"an array is not its text", attr("arr"), storage.Eq, model.Array(`["x","yy",3,1.5,true,{"z":1},null]`), false},
		{"a map equals itself", attr("map"), storage.Eq, model.Map(`{"k":"v"}`), true},
		{"a map has no order", attr("map"), storage.Lt, model.Map(`{"z":1}`), false},
		{"a broken array has no elements", attr("bad"), storage.Ne, str("x"), false},
	}
	b := oneSpan()
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := storage.Compare{Field: tt.field, Op: tt.op, Value: tt.value}
			require.Equal(t, tt.keep, storage.NewMatcher(p).Keep(b, 0), "%v", p)
			require.Equal(t, !tt.keep, storage.NewMatcher(storage.Not{P: p}).Keep(b, 0), "not %v", p)
		})
	}
}

func TestMatcherSearchesStrings(t *testing.T) {
	b := oneSpan()
	attr := func(k string) storage.Field { return storage.Field{Place: storage.Attr, Key: k} }
	re := regexp.MustCompile
	for _, tt := range []struct {
		p    storage.Predicate
		keep bool
	}{
		{storage.Contains{Field: attr("s"), Needle: "raß"}, true},
		{storage.Contains{Field: attr("s"), Needle: ""}, true},
		{storage.Contains{Field: attr("s"), Needle: "RAß"}, false},
		{storage.Contains{Field: attr("s"), Needle: "RAẞ", FoldCase: true}, true},
		{storage.Contains{Field: attr("s"), Needle: "rass", FoldCase: true}, false},
		{storage.Contains{Field: attr("raw"), Needle: "xyz"}, false},
		{storage.Contains{Field: attr("i"), Needle: "3"}, false},
		{storage.Contains{Field: attr("arr"), Needle: "y"}, true},
		{storage.Contains{Field: attr("none"), Needle: ""}, false},
		{storage.Match{Field: attr("s"), Regexp: re("^Str")}, true},
		{storage.Match{Field: attr("s"), Regexp: re("^tr")}, false},
		{storage.Match{Field: attr("none"), Regexp: re("")}, false},
		{storage.Exists{Field: attr("b")}, true},
		{storage.Exists{Field: attr("none")}, false},
		{storage.Exists{Field: attr("map")}, true},
		{storage.And{}, true},
		{storage.Or{}, false},
		{storage.And{storage.Exists{Field: attr("b")}, storage.Exists{Field: attr("none")}}, false},
		{storage.Or{storage.Exists{Field: attr("none")}, storage.Exists{Field: attr("b")}}, true},
	} {
		require.Equal(t, tt.keep, storage.NewMatcher(tt.p).Keep(b, 0), "%v", tt.p)
	}
	require.True(t, storage.NewMatcher(nil).Keep(b, 0))
}

func TestMatcherTakesRowsInAnyOrderAndBatch(t *testing.T) {
	bd := model.NewBuilder(model.Logs, 4)
	st := bd.Stream(&model.Stream{})
	for i := range 4 {
		bd.Row(st, int64(i), "")
		if i%2 == 1 {
			bd.Attr("odd", model.Int(int64(i)))
		}
	}
	logs, span := bd.Batch(), oneSpan()
	m := storage.NewMatcher(storage.Exists{Field: storage.Field{Place: storage.Attr, Key: "odd"}})
	for _, i := range []int{3, 0, 1, 1, 2, 0, 3} {
		require.Equal(t, i%2 == 1, m.Keep(logs, i), "row %d", i)
		require.False(t, m.Keep(span, 0))
	}
	require.False(t, storage.NewMatcher(storage.Exists{Field: storage.Field{Place: storage.Duration}}).Keep(logs, 0), "a log record has no duration")
}

func FuzzContainsFold(f *testing.F) {
	f.Add("Error: TIMEOUT", "timeout")
	f.Add("Straße", "STRAẞE")
	f.Add("a\xffb", "\xff")
	f.Add("K", "k")
	f.Add("", "")
	f.Fuzz(func(t *testing.T, s, needle string) {
		got := storage.ContainsFold(s, needle)
		if strings.Contains(s, needle) && utf8.ValidString(s) && utf8.ValidString(needle) {
			require.True(t, got)
		}
		if utf8.ValidString(s) && utf8.ValidString(needle) {
			require.Equal(t, regexp.MustCompile("(?i)"+regexp.QuoteMeta(needle)).MatchString(s), got)
		}
	})
}

func TestPredicatesReadAsText(t *testing.T) {
	p := storage.And{
		storage.Compare{Field: storage.Field{Place: storage.Stream, Key: "app"}, Op: storage.Eq, Value: model.String("api")},
		storage.Not{P: storage.Or{storage.Contains{Field: storage.Field{Place: storage.Body}, Needle: "x"}, storage.Exists{Field: storage.Field{Place: storage.Duration}}}},
	}
	require.Equal(t, `(stream["app"] = "api" and not (body contains "x" or duration exists))`, p.String())
}
