package traceql_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/oriel-obs/oriel/internal/fault"
	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/query"
	"github.com/oriel-obs/oriel/query/traceql"
	"github.com/oriel-obs/oriel/storage"
	"github.com/oriel-obs/oriel/storage/storagetest"
)

// hourOfSpans are six spans over an hour, each with a route, the last four with a
// status, and one with an event and a link.
func hourOfSpans(t *testing.T) *storagetest.Memory {
	t.Helper()
	bd := model.NewBuilder(model.Spans, 6)
	for i := range 6 {
		st := bd.Stream(&model.Stream{
			Attrs:      []model.Attr{{Key: "cpus", Value: model.Int(8)}, {Key: "service.name", Value: model.String([]string{"shop", "bank"}[i%2])}},
			ScopeName:  "http",
			ScopeAttrs: []model.Attr{{Key: "short", Value: model.Bool(true)}},
		})
		s := spanAt(uint64(i+1), 1, 0, time.Duration(i)*11*time.Minute)
		if i == 5 {
			s.Events = []model.Event{{Name: "exception", Attrs: []model.Attr{{Key: "message", Value: model.String("no")}}}}
			s.Links = []model.Link{{Attrs: []model.Attr{{Key: "kind", Value: model.String("follows")}}}}
		}
		bd.Span(st, s)
		bd.Attr("http.route", model.String(fmt.Sprintf("/item/%d", i)))
		if i >= 2 {
			bd.Attr("status code", model.Int(int64(200+i%2*300)))
		}
	}
	m := &storagetest.Memory{}
	require.NoError(t, m.Append(t.Context(), bd.Batch()))
	return m
}

var hour = model.Range{Start: scriptStart, End: scriptStart + int64(time.Hour)}

func TestAttributesAreListedByTheirNumberOfValues(t *testing.T) {
	e := engineOf(hourOfSpans(t))
	list, err := e.Attributes(t.Context(), hour, 100)
	require.NoError(t, err)
	require.True(t, list.Complete)
	require.Equal(t, time.Unix(0, hour.Start).UTC(), list.Start)
	require.EqualValues(t, 6, list.Spans)
	require.Equal(t, len(list.List), list.Attributes)
	var got []string
	for _, a := range list.List {
		got = append(got, fmt.Sprintf("%s %s %s: %s %d rows of %s", a.Scope, a.Attribute, a.Name, a.Counted, a.Distinct, strings.Join(a.Kinds, ",")))
	}
	require.Equal(t, []string{
		"span span.http.route http.route: about 6 rows of string",
		"resource resource.service.name service.name: exactly 2 rows of string",
		`span span."status code" status code: about 2 rows of int`,
		"instrumentation instrumentation.short short: exactly 1 rows of bool",
		"intrinsic instrumentation:name instrumentation:name: exactly 1 rows of string",
		"intrinsic name name: exactly 1 rows of string",
		"resource resource.cpus cpus: exactly 1 rows of int",
		"event event.message message: about 1 rows of string",
		"link link.kind kind: about 1 rows of string",
	}, got)
	require.EqualValues(t, 4, list.List[2].Rows, "spans that have it")

	some, err := e.Attributes(t.Context(), model.Range{Start: hour.Start + int64(22*time.Minute), End: hour.End}, 1)
	require.NoError(t, err)
	require.EqualValues(t, 4, some.Spans)
	require.Len(t, some.List, 1)
	require.Equal(t, list.Attributes, some.Attributes)
	require.EqualValues(t, 4, some.List[0].Distinct)

	none, err := e.Attributes(t.Context(), model.Range{Start: 0, End: 10}, 100)
	require.NoError(t, err)
	require.True(t, none.Complete)
	require.Empty(t, none.List)
}

func TestValuesOfAnAttributeAreListedByTheirSpans(t *testing.T) {
	e := engineOf(hourOfSpans(t))
	values := func(text string, limit int) *traceql.ValueList {
		a, err := traceql.ParseAttribute(text)
		require.NoError(t, err)
		list, err := e.Values(t.Context(), hour, a, limit)
		require.NoError(t, err)
		require.True(t, list.Complete)
		return list
	}
	require.Equal(t, []traceql.AttributeValue{{Value: "bank", Kind: "string", Spans: 3}, {Value: "shop", Kind: "string", Spans: 3}}, values("resource.service.name", 9).List)
	routes := values("span.http.route", 2)
	require.Equal(t, 6, routes.Values)
	require.Len(t, routes.List, 2)
	require.Equal(t, []traceql.AttributeValue{{Value: "exception", Kind: "string", Spans: 1}}, values("event:name", 9).List)

	for text, want := range map[string]string{
		".http.route": "attribute .http.route: say of what it is, as in span.http.route or resource.http.route",
		"duration":    "attribute duration: values are counted of attributes and names",
		"rootName":    "attribute rootName: values are counted of attributes and names",
	} {
		a, err := traceql.ParseAttribute(text)
		require.NoError(t, err)
		_, err = e.Values(t.Context(), hour, a, 9)
		require.ErrorIs(t, err, fault.ErrInvalid, text)
		require.ErrorContains(t, err, want)
	}
}

func TestALongValueIsCutBetweenCharacters(t *testing.T) {
	s := spanAt(1, 1, 0, 0)
	s.Name = "a" + strings.Repeat("ß", 600)
	list, err := engineOf(storeOf(t, s)).Values(t.Context(), day, traceql.Attribute{Intrinsic: traceql.IntrinsicName}, 1)
	require.NoError(t, err)
	require.Equal(t, []traceql.AttributeValue{{Value: "a" + strings.Repeat("ß", 511), Kind: "string", Cut: true, Spans: 1}}, list.List)
}

// A bounded store gives no answer about more than some span of time.
type bounded struct {
	query.EventSource
	most time.Duration
	fail func(ctx context.Context) error
}

func (b bounded) Values(ctx context.Context, r storage.ValuesRequest) ([]storage.ValueCount, error) {
	if time.Duration(r.Range.End-r.Range.Start) > b.most {
		return nil, b.fail(ctx)
	}
	return b.EventSource.Values(ctx, r)
}

func TestWhatTakesTooMuchIsOfTheNewestPart(t *testing.T) {
	route := traceql.Attribute{Scope: traceql.ScopeSpan, Name: "http.route"}
	endless := func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }
	for name, fail := range map[string]func(context.Context) error{
		"memory": func(context.Context) error { return storage.ErrTooManyGroups },
		"time":   endless,
	} {
		synctest.Test(t, func(t *testing.T) {
			store := hourOfSpans(t)
			list, err := engineOf(bounded{store, 10 * time.Minute, fail}).Values(t.Context(), hour, route, 9)
			require.NoError(t, err, name)
			require.False(t, list.Complete, name)
			require.Equal(t, time.Unix(0, hour.End-int64(time.Hour)/8).UTC(), list.Start, name)
			require.Equal(t, []traceql.AttributeValue{{Value: "/item/5", Kind: "string", Spans: 1}}, list.List, name)

			_, err = engineOf(bounded{store, 0, fail}).Values(t.Context(), hour, route, 9)
			require.Error(t, err, "%s: even of the smallest part", name)
		})
	}
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err := engineOf(bounded{hourOfSpans(t), 10 * time.Minute, endless}).Values(ctx, hour, route, 9)
		require.ErrorIs(t, err, context.DeadlineExceeded, "whoever asked has gone")
	})
}

func TestTooManyNamesOfSpansDoNotKeepTheRestFromBeingCounted(t *testing.T) {
	list, err := engineOf(bounded{hourOfSpans(t), 0, func(context.Context) error { return storage.ErrTooManyGroups }}).Attributes(t.Context(), hour, 1)
	require.NoError(t, err)
	require.True(t, list.Complete)
	require.Equal(t, "name", list.List[0].Attribute)
	require.Equal(t, traceql.AtLeast, list.List[0].Counted)
	require.EqualValues(t, 10_000, list.List[0].Distinct)
}
