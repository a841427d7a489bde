package traceql_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/oriel-obs/oriel/model"
)

// otlpBatch converts an OTLP JSON request, without any of the checks that
// ingest makes.
func otlpBatch(t *testing.T, body []byte) *model.Batch {
	t.Helper()
	td, err := (&ptrace.JSONUnmarshaler{}).UnmarshalTraces(body)
	require.NoError(t, err)
	bd := model.NewBuilder(model.Spans, td.SpanCount())
	for _, rs := range td.ResourceSpans().All() {
		for _, ss := range rs.ScopeSpans().All() {
			st := bd.Stream(&model.Stream{
				Attrs: attrs(t, rs.Resource().Attributes()), ScopeName: ss.Scope().Name(), ScopeVersion: ss.Scope().Version(),
				ScopeAttrs: attrs(t, ss.Scope().Attributes()),
			})
			for _, sp := range ss.Spans().All() {
				bd.Span(st, span(t, sp))
				for _, a := range attrs(t, sp.Attributes()) {
					bd.Attr(a.Key, a.Value)
				}
			}
		}
	}
	return bd.Batch()
}

func span(t *testing.T, sp ptrace.Span) model.Span {
	out := model.Span{
		TraceID: model.TraceID(sp.TraceID()), SpanID: model.SpanID(sp.SpanID()), ParentID: model.SpanID(sp.ParentSpanID()),
		Name: sp.Name(), Kind: model.SpanKind(sp.Kind()), Start: int64(sp.StartTimestamp()),
		Duration: int64(sp.EndTimestamp() - sp.StartTimestamp()), Status: model.StatusCode(sp.Status().Code()), StatusMessage: sp.Status().Message(),
	}
	for _, e := range sp.Events().All() {
		out.Events = append(out.Events, model.Event{Time: int64(e.Timestamp()), Name: e.Name(), Attrs: attrs(t, e.Attributes())})
	}
	for _, l := range sp.Links().All() {
		out.Links = append(out.Links, model.Link{TraceID: model.TraceID(l.TraceID()), SpanID: model.SpanID(l.SpanID()), Attrs: attrs(t, l.Attributes())})
	}
	return out
}

func attrs(t *testing.T, m pcommon.Map) []model.Attr {
	var out []model.Attr
	for k, v := range m.All() {
		out = append(out, model.Attr{Key: k, Value: value(t, v)})
	}
	return model.SortAttrs(out)
}

func value(t *testing.T, v pcommon.Value) model.Value {
	switch v.Type() {
	case pcommon.ValueTypeStr:
		return model.String(v.Str())
	case pcommon.ValueTypeInt:
		return model.Int(v.Int())
	case pcommon.ValueTypeDouble:
		return model.Float(v.Double())
	case pcommon.ValueTypeBool:
		return model.Bool(v.Bool())
	case pcommon.ValueTypeBytes:
		return model.Bytes(string(v.Bytes().AsRaw()))
	case pcommon.ValueTypeMap:
		b, err := json.Marshal(v.Map().AsRaw())
		require.NoError(t, err)
		return model.Map(string(b))
	case pcommon.ValueTypeSlice:
		text := "["
		for i, e := range v.Slice().All() {
			if i > 0 {
				text += ","
			}
			el := value(t, e)
			b := []byte(el.Text())
			if el.Kind() == model.KindString {
				var err error
				b, err = json.Marshal(el.Str())
				require.NoError(t, err)
			}
			if el.Kind() == model.KindFloat && el.Float64() == float64(int64(el.Float64())) {
				b = append(b, ".0"...)
			}
			text += string(b)
		}
		return model.Array(text + "]")
	}
	return model.Value{}
}
