package tracediff

import (
	"encoding/json"
	"math"
	"reflect"
	"strings"

	"github.com/oriel-obs/oriel/model"
)

// Runs of one request never take equally long. Durations are the same if they
// differ by no more than a fifth of the longer and a millisecond, sizes if by
// no more than a twentieth of the larger.
const (
	lengthShare = 0.20
	lengthFloor = 1e6 // ns
	sizeShare   = 0.05
)

// sizes are the attributes of OpenTelemetry's conventions that measure
// something: bytes, tokens, time. Other numbers are names (ports, codes) and
// compared as such.
var sizes = map[string]bool{
	"file.size":                                 true,
	"http.request.body.size":                    true,
	"http.request.size":                         true,
	"http.request_content_length":               true,
	"http.request_content_length_uncompressed":  true,
	"http.response.body.size":                   true,
	"http.response.size":                        true,
	"http.response_content_length":              true,
	"http.response_content_length_uncompressed": true,
	"message.compressed_size":                   true,
	"message.uncompressed_size":                 true,
	"messaging.message.body.size":               true,
	"messaging.message.envelope.size":           true,
	"rpc.message.compressed_size":               true,
	"rpc.message.uncompressed_size":             true,
	"app.jank.period":                           true,
	"gen_ai.response.time_to_first_chunk":       true,
	"gen_ai.usage.cache_creation.input_tokens":  true,
	"gen_ai.usage.cache_read.input_tokens":      true,
	"gen_ai.usage.completion_tokens":            true,
	"gen_ai.usage.input_tokens":                 true,
	"gen_ai.usage.output_tokens":                true,
	"gen_ai.usage.prompt_tokens":                true,
	"gen_ai.usage.reasoning.output_tokens":      true,
}

func sameLength(a, b *node) bool {
	if !a.timed() || !b.timed() {
		return a.timed() == b.timed()
	}
	return near(float64(a.Duration), float64(b.Duration), lengthShare, lengthFloor)
}

func sameAttr(key string, a, b model.Value) bool {
	if a == b {
		return true
	}
	x, xOK := number(a)
	y, yOK := number(b)
	switch {
	case xOK && yOK && sizes[key]:
		return near(x, y, sizeShare, 0)
	case xOK && yOK && a.Kind() != b.Kind(): // equal integers are equal values
		return x == y
	case xOK && yOK:
		return a.Kind() == model.KindFloat && (x == y || math.IsNaN(x) && math.IsNaN(y))
	case a.Kind() != b.Kind():
		return false
	case a.Kind() == model.KindArray || a.Kind() == model.KindMap:
		return reflect.DeepEqual(tree(a), tree(b))
	}
	return false
}

func number(v model.Value) (float64, bool) {
	switch v.Kind() {
	case model.KindInt:
		return float64(v.Int64()), true
	case model.KindFloat:
		return v.Float64(), true
	}
	return 0, false
}

// near reports whether a and b differ by no more than floor and a share of the
// greater. What is not finite is near to its like alone.
func near(a, b, share, floor float64) bool {
	switch {
	case math.IsNaN(a) || math.IsNaN(b):
		return math.IsNaN(a) && math.IsNaN(b)
	case math.IsInf(a, 0) || math.IsInf(b, 0):
		return a == b
	}
	return math.Abs(a-b) <= floor+share*max(math.Abs(a), math.Abs(b))
}

// shown returns a value for JSON.
func shown(v model.Value) any {
	switch v.Kind() {
	case model.KindString:
		return v.Str()
	case model.KindInt:
		return v.Int64()
	case model.KindBool:
		return v.IsTrue()
	case model.KindBytes:
		return []byte(v.Str()) // which becomes base64
	case model.KindArray, model.KindMap:
		return tree(v)
	case model.KindFloat:
		switch f := v.Float64(); {
		case math.IsNaN(f):
			return "NaN"
		case math.IsInf(f, 1):
			return "+Inf"
		case math.IsInf(f, -1):
			return "-Inf"
		default:
			return f
		}
	}
	return nil
}

// tree decodes an array or a map. Integers that are equal to floats become
// the same number; those that no float holds stay apart.
func tree(v model.Value) any {
	dec := json.NewDecoder(strings.NewReader(v.Str()))
	dec.UseNumber()
	var x any
	if dec.Decode(&x) != nil {
		return v.Str()
	}
	return plain(x)
}

func plain(x any) any {
	switch x := x.(type) {
	case json.Number:
		if n, err := x.Int64(); err == nil {
			if f := float64(n); math.Abs(f) >= 1<<53 {
				return n
			}
			return float64(n)
		}
		if f, err := x.Float64(); err == nil {
			return f
		}
		return x.String()
	case []any:
		for i := range x {
			x[i] = plain(x[i])
		}
	case map[string]any:
		for k := range x {
			x[k] = plain(x[k])
		}
	}
	return x
}
