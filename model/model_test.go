package model_test

import (
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/oriel-obs/oriel/model"
)

// everyValue has one of each kind, and the awkward ones.
var everyValue = []model.Value{
	{},
	model.String(""), model.String("héllo\xff"), model.Int(0), model.Int(-1), model.Int(math.MinInt64), model.Int(math.MaxInt64),
	model.Float(0), model.Float(math.Copysign(0, -1)), model.Float(math.NaN()), model.Float(math.Inf(-1)), model.Bool(true), model.Bool(false),
	model.Bytes("\x00\x01"), model.Array(`[1,"a"]`), model.Map(`{"a":1.0}`),
}

func TestValuesSurviveEncoding(t *testing.T) {
	var b []byte
	for _, v := range everyValue {
		b = model.AppendValue(b, v)
	}
	rest := string(b)
	for _, want := range everyValue {
		var got model.Value
		var err error
		got, rest, err = model.CutValue(rest)
		require.NoError(t, err)
		require.True(t, got == want, "%v became %v", want, got)
	}
	require.Empty(t, rest)
}

func everyAttr() (out []model.Attr) {
	for i, v := range everyValue {
		out = append(out, model.Attr{Key: string(rune('a' + i)), Value: v})
	}
	return out
}

func everyStream() *model.Stream {
	return &model.Stream{
		Attrs: everyAttr(), DroppedAttrs: 1, SchemaURL: "u", ScopeName: "n", ScopeVersion: "v", ScopeSchemaURL: "w",
		ScopeAttrs: everyAttr()[:3], ScopeDroppedAttrs: math.MaxUint32,
	}
}

func TestStreamsSurviveEncoding(t *testing.T) {
	for _, want := range []*model.Stream{{}, everyStream()} {
		b, err := want.AppendBinary(nil)
		require.NoError(t, err)
		got, err := model.ParseStream(string(b))
		require.NoError(t, err)
		require.Equal(t, want, got)
		for n := range b {
			_, err := model.ParseStream(string(b[:n]))
			require.Error(t, err, "cut off after %d bytes", n)
		}
		_, err = model.ParseStream(string(b) + "x")
		require.Error(t, err)
	}
}

func FuzzParseStream(f *testing.F) {
	b, err := everyStream().AppendBinary(nil)
	require.NoError(f, err)
	f.Add(string(b))
	f.Add("")
	f.Add("\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff")
	f.Fuzz(func(t *testing.T, b string) {
		s, err := model.ParseStream(b)
		if err != nil {
			return
		}
		again, err := s.AppendBinary(nil)
		require.NoError(t, err)
		s2, err := model.ParseStream(string(again))
		require.NoError(t, err)
		again2, err := s2.AppendBinary(nil)
		require.NoError(t, err)
		require.Equal(t, again, again2, "the canonical bytes are canonical")
	})
}

func everyEvent() []model.Event {
	return []model.Event{{Time: 5, Name: "e", Attrs: everyAttr(), DroppedAttrs: 7}, {Time: math.MinInt64}}
}

func everyLink() []model.Link {
	return []model.Link{{TraceID: model.TraceID{1}, SpanID: model.SpanID{2}, TraceState: "s", Attrs: everyAttr(), DroppedAttrs: 1, Flags: 2}, {}}
}

func TestEventsAndLinksSurviveEncoding(t *testing.T) {
	for _, start := range []int64{0, 5, math.MinInt64, math.MaxInt64} {
		b := model.AppendEvents(nil, start, everyEvent())
		events, rest, err := model.CutEvents(string(b)+"rest", start)
		require.NoError(t, err)
		require.Equal(t, "rest", rest)
		require.Equal(t, everyEvent(), events)
		for n := range b {
			_, _, err := model.CutEvents(string(b[:n]), start)
			require.Error(t, err, "cut off after %d bytes", n)
		}
	}
	b := model.AppendLinks(nil, everyLink())
	links, rest, err := model.CutLinks(string(b))
	require.NoError(t, err)
	require.Empty(t, rest)
	require.Equal(t, everyLink(), links)
	for n := range b {
		_, _, err := model.CutLinks(string(b[:n]))
		require.Error(t, err, "cut off after %d bytes", n)
	}
}

func FuzzCutEventsAndLinks(f *testing.F) {
	f.Add(string(model.AppendEvents(nil, 3, everyEvent())), int64(3))
	f.Add(string(model.AppendLinks(nil, everyLink())), int64(0))
	f.Fuzz(func(t *testing.T, b string, start int64) {
		if events, _, err := model.CutEvents(b, start); err == nil {
			again, rest, err := model.CutEvents(string(model.AppendEvents(nil, start, events)), start)
			require.NoError(t, err)
			require.Empty(t, rest)
			require.Equal(t, events, again)
		}
		if links, _, err := model.CutLinks(b); err == nil {
			again, rest, err := model.CutLinks(string(model.AppendLinks(nil, links)))
			require.NoError(t, err)
			require.Empty(t, rest)
			require.Equal(t, links, again)
		}
	})
}

func TestIDs(t *testing.T) {
	for _, tt := range []struct{ in, want, err string }{
		{in: "0102030405060708090a0b0c0d0e0f10", want: "0102030405060708090a0b0c0d0e0f10"},
		{in: "ABCDEF", want: "00000000000000000000000000abcdef"},
		{in: "1", want: "00000000000000000000000000000001"},
		{in: "0", want: ""},
		{in: "", err: `trace id "": has 0 digits; want 1 to 32`},
		{in: "000000000000000000000000000000001", err: "has 33 digits"},
		{in: "xyz", err: "invalid byte"},
	} {
		id, err := model.ParseTraceID(tt.in)
		if tt.err != "" {
			require.ErrorContains(t, err, tt.err)
			require.True(t, id.IsZero())
			continue
		}
		require.NoError(t, err)
		require.Equal(t, tt.want, id.String())
	}
	id, err := model.ParseSpanID("ff")
	require.NoError(t, err)
	require.Equal(t, "00000000000000ff", id.String())
	_, err = model.ParseSpanID("00000000000000000")
	require.ErrorContains(t, err, "want 1 to 16")
}

func TestBuilder(t *testing.T) {
	bd := model.NewBuilder(model.Logs, 3)
	a := bd.Stream(&model.Stream{Attrs: []model.Attr{{Key: "app", Value: model.String("a")}}})
	again := bd.Stream(&model.Stream{Attrs: []model.Attr{{Key: "app", Value: model.String("a")}}})
	other := bd.Stream(&model.Stream{Attrs: []model.Attr{{Key: "app", Value: model.Bytes("a")}}})
	require.Equal(t, a, again, "equal streams are one stream")
	require.NotEqual(t, a, other, "streams differ by the kind of a value")
	bd.Row(a, 10, "one")
	bd.Attr("z", model.Int(1))
	bd.Attr("z", model.Int(2))
	bd.Attr("none", model.Value{})
	bd.Row(other, 5, "two")
	bd.Attr("z", model.Int(3))
	bd.Attr("a", model.String("x"))
	require.Equal(t, 2, bd.Len())
	b := bd.Batch()
	require.NoError(t, b.Check())
	require.Len(t, b.Attrs, 2)
	require.Equal(t, "a", b.Attrs[0].Key, "columns are sorted")
	require.Nil(t, b.Attrs[1].Rows, "a full column is dense")
	require.Equal(t, model.Int(2), b.Attr(0, "z"), "the last value of a key stands")
	require.True(t, b.Attr(0, "a").IsNone())
	require.Equal(t, model.String("x"), b.Attr(1, "a"))
	require.True(t, b.Attr(1, "none").IsNone())
}

func TestSpansComeBackFromABatch(t *testing.T) {
	want := model.Span{
		TraceID: model.TraceID{1}, SpanID: model.SpanID{2}, ParentID: model.SpanID{3}, Name: "n", Kind: model.SpanClient, Start: 4, Duration: 5,
		Status: model.StatusOK, StatusMessage: "m", TraceState: "t", Flags: 6, Events: everyEvent(), Links: everyLink(),
		DroppedAttrs: 7, DroppedEvents: 8, DroppedLinks: 9,
	}
	bd := model.NewBuilder(model.Spans, 1)
	bd.Span(bd.Stream(&model.Stream{}), want)
	b := bd.Batch()
	require.NoError(t, b.Check())
	require.Equal(t, want, b.SpanAt(0))
}

func TestCursorAgreesWithAt(t *testing.T) {
	dense := &model.Column{Vals: []model.Value{model.Int(0), model.Int(1), model.Int(2)}}
	sparse := &model.Column{Rows: []uint32{0, 2}, Vals: []model.Value{model.Int(0), model.Int(2)}}
	for _, c := range []*model.Column{dense, sparse} {
		k := c.Cursor()
		for _, i := range []int{0, 0, 1, 2, 2} {
			require.Equal(t, c.At(i), k.At(i))
		}
	}
}

func TestSortAttrsKeepsTheLastOfEqualKeys(t *testing.T) {
	got := model.SortAttrs([]model.Attr{
		{Key: "b", Value: model.Int(1)}, {Key: "a", Value: model.Int(2)}, {Key: "b", Value: model.Int(3)}, {Key: "b", Value: model.Int(4)},
	})
	require.Equal(t, []model.Attr{{Key: "a", Value: model.Int(2)}, {Key: "b", Value: model.Int(4)}}, got)
	require.Equal(t, model.Int(4), model.FindAttr(got, "b"))
	require.True(t, model.FindAttr(got, "c").IsNone())
}

func TestCompareOrdersValuesOfOneKind(t *testing.T) {
	sorted := [][]model.Value{
		{model.String(""), model.String("a"), model.String("b")},
		{model.Int(-1), model.Int(0), model.Int(1)},
		{model.Float(math.NaN()), model.Float(math.Inf(-1)), model.Float(0), model.Float(1)},
		{model.Bool(false), model.Bool(true)},
		{model.Bytes("\x00"), model.Bytes("\xff")},
	}
	for _, vs := range sorted {
		require.True(t, slices.IsSortedFunc(vs, func(a, b model.Value) int {
			order, ok := a.Compare(b)
			require.True(t, ok)
			return order
		}))
	}
	for _, pair := range [][2]model.Value{{model.Int(1), model.Float(1)}, {model.Array("[]"), model.Array("[]")}, {{}, {}}} {
		_, ok := pair[0].Compare(pair[1])
		require.False(t, ok)
	}
}

func TestRanges(t *testing.T) {
	r := model.Range{Start: 10, End: 20}
	require.True(t, r.Contains(10))
	require.False(t, r.Contains(20))
	require.True(t, r.Overlaps(0, 10))
	require.True(t, r.Overlaps(19, 30))
	require.False(t, r.Overlaps(20, 30))
	require.False(t, r.Overlaps(0, 9))
	require.True(t, model.Range{Start: 5, End: 5}.Empty())
	require.False(t, model.AllTime().Empty())
}

func TestText(t *testing.T) {
	for v, want := range map[model.Value]string{
		model.String("x"): "x", model.Int(-3): "-3", model.Float(1e21): "1e+21", model.Float(0.1): "0.1", model.Bool(true): "true",
		model.Map(`{"a":1}`): `{"a":1}`, {}: "",
	} {
		require.Equal(t, want, v.Text())
	}
}
