package traceql

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"

	commonpb "go.opentelemetry.io/proto/otlp/common/v1"

	"github.com/oriel-obs/oriel/model"
)

// OTLPValue converts a value to OpenTelemetry's.
func OTLPValue(v model.Value) *commonpb.AnyValue {
	switch v.Kind() {
	case model.KindString:
		return &commonpb.AnyValue{Value: &commonpb.AnyValue_StringValue{StringValue: valid(v.Str())}}
	case model.KindInt:
		return &commonpb.AnyValue{Value: &commonpb.AnyValue_IntValue{IntValue: v.Int64()}}
	case model.KindFloat:
		return &commonpb.AnyValue{Value: &commonpb.AnyValue_DoubleValue{DoubleValue: v.Float64()}}
	case model.KindBool:
		return &commonpb.AnyValue{Value: &commonpb.AnyValue_BoolValue{BoolValue: v.IsTrue()}}
	case model.KindBytes:
		return &commonpb.AnyValue{Value: &commonpb.AnyValue_BytesValue{BytesValue: []byte(v.Str())}}
	case model.KindArray, model.KindMap:
		dec := json.NewDecoder(strings.NewReader(v.Str()))
		dec.UseNumber()
		var x any
		if dec.Decode(&x) == nil {
			return jsonValue(x)
		}
	}
	return &commonpb.AnyValue{}
}

// jsonValue converts the JSON text of an array or a map; see model.Array.
func jsonValue(x any) *commonpb.AnyValue {
	switch x := x.(type) {
	case string:
		return OTLPValue(model.String(x))
	case bool:
		return OTLPValue(model.Bool(x))
	case json.Number:
		if n, err := strconv.ParseInt(x.String(), 10, 64); err == nil {
			return OTLPValue(model.Int(n))
		}
		f, _ := x.Float64()
		return OTLPValue(model.Float(f))
	case []any:
		list := &commonpb.ArrayValue{}
		for _, e := range x {
			list.Values = append(list.Values, jsonValue(e))
		}
		return &commonpb.AnyValue{Value: &commonpb.AnyValue_ArrayValue{ArrayValue: list}}
	case map[string]any:
		kv := &commonpb.KeyValueList{}
		for _, k := range slices.Sorted(maps.Keys(x)) {
			kv.Values = append(kv.Values, &commonpb.KeyValue{Key: k, Value: jsonValue(x[k])})
		}
		return &commonpb.AnyValue{Value: &commonpb.AnyValue_KvlistValue{KvlistValue: kv}}
	}
	return &commonpb.AnyValue{}
}

func keyValues(attrs []model.Attr) []*commonpb.KeyValue {
	out := make([]*commonpb.KeyValue, len(attrs))
	for i, a := range attrs {
		out[i] = &commonpb.KeyValue{Key: valid(a.Key), Value: OTLPValue(a.Value)}
	}
	return out
}
