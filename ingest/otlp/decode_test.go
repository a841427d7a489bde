package otlp

import (
	"bytes"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/plog/plogotlp"
	"go.opentelemetry.io/collector/pdata/pmetric/pmetricotlp"
	"go.opentelemetry.io/collector/pdata/ptrace/ptraceotlp"
	"google.golang.org/protobuf/encoding/protowire"

	"github.com/oriel-obs/oriel/ingest"
	"github.com/oriel-obs/oriel/internal/fault"
	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/storage/storagetest"
)

func TestJSONTraps(t *testing.T) {
	tests := []struct {
		name   string
		record string
		want   string // attribute and value
		err    string
	}{
		{name: "ids are hex of any case", record: `"traceId":"ABCDEF00000000000000000000000001"`, want: "trace_id=abcdef00000000000000000000000001"},
		{name: "an id of the wrong length is none", record: `"traceId":"abcd","spanId":"abcdef0000000001"`, want: "trace_id=<nil>"},
		{name: "and leaves the other alone", record: `"traceId":"abcd","spanId":"abcdef0000000001"`, want: "span_id=abcdef0000000001"},
		{name: "an id that is not hex is none", record: `"spanId":"zzzzzzzzzzzzzzzz","eventName":"e"`, want: "event_name=e"},
		{name: "an id that is no string", record: `"spanId":7`, err: "decode JSON"},
		{name: "an enum as integer", record: `"severityNumber":9`, want: "severity_number=9"},
		{name: "an enum as name", record: `"severityNumber":"SEVERITY_NUMBER_WARN2"`, want: "severity_number=14"},
		{name: "an enum with an unknown name", record: `"severityNumber":"LOUD"`, err: "unknown string value"},
		{name: "a 64-bit integer as string", record: `"observedTimeUnixNano":"7"`, want: "observed_timestamp=7"},
		{name: "a 64-bit integer as number", record: `"observedTimeUnixNano":7`, want: "observed_timestamp=7"},
		{name: "a negative time", record: `"observedTimeUnixNano":-7`, err: "decode JSON"},
		{name: "an unknown field is ignored", record: `"later":{"x":[1,{"y":null}]},"eventName":"e"`, want: "event_name=e"},
		{name: "null is absent", record: `"observedTimeUnixNano":null,"traceId":null,"body":null,"attributes":null,"eventName":"e"`, want: "event_name=e"},
		{name: "null in a list", record: `"attributes":[{"key":"a","value":null},{"key":"b","value":{"intValue":1}}],"flags":null`, want: "b=1"},
		{name: "big integers survive nulls", record: `"flags":null,"attributes":[{"key":"b","value":{"intValue":9223372036854775807}}]`, want: "b=9223372036854775807"},
		{name: "bytes are base64", record: `"attributes":[{"key":"b","value":{"bytesValue":"aGk="}}]`, want: "b=hi"},
		{name: "a double as string", record: `"attributes":[{"key":"d","value":{"doubleValue":"Infinity"}}]`, want: "d=+Inf"},
		{name: "the wrong type", record: `"attributes":7`, err: "decode JSON"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := newRig(t)
			w := r.postJSON("/v1/logs", fmt.Sprintf(`{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"timeUnixNano":"%d",%s}]}]}]}`, at(0), tt.record))
			if tt.err != "" {
				require.Equal(t, 400, w.Code)
				require.Contains(t, w.Body.String(), tt.err)
				return
			}
			require.Equal(t, 200, w.Code, w.Body)
			key, value, _ := strings.Cut(tt.want, "=")
			require.Equal(t, value, fmt.Sprint(r.rows(t, model.Logs)[0].Attrs[key]))
		})
	}
}

func TestJSONMustEndWithItsObject(t *testing.T) {
	for body, ok := range map[string]bool{
		`{}`: true, " {} \r\n\t": true, `{"a":"}{"}`: true, `{"a":"\"}"}`: true,
		``: false, `{} {}`: false, `{}x`: false, `{"resourceLogs":[]}]`: false, `{`: false, `[]`: false, `"`: false, `null{}`: false,
	} {
		t.Run(body, func(t *testing.T) {
			r := newRig(t)
			w := r.postJSON("/v1/logs", body)
			require.Equal(t, map[bool]int{true: 200, false: 400}[ok], w.Code, w.Body)
		})
	}
}

// nested returns an attribute value that is n lists within one another.
func nested(n int) []byte {
	// Built from the end, so that each length is known.
	size := func(n int) int { return protowire.SizeTag(1) + protowire.SizeBytes(n) }
	sizes := make([]int, 0, 2*n)
	inner := 0
	for range n {
		inner = size(inner) // ArrayValue.values
		sizes = append(sizes, inner)
		inner = size(inner) // AnyValue.array_value, whose tag is one byte too
		sizes = append(sizes, inner)
	}
	var b []byte
	for i := n - 1; i >= 0; i-- {
		b = protowire.AppendVarint(protowire.AppendTag(b, 5, protowire.BytesType), uint64(sizes[2*i]))
		in := 0
		if i > 0 {
			in = sizes[2*i-1]
		}
		b = protowire.AppendVarint(protowire.AppendTag(b, 1, protowire.BytesType), uint64(in))
	}
	return b
}

func wrap(b []byte, fields ...protowire.Number) []byte {
	for _, f := range fields {
		b = protowire.AppendBytes(protowire.AppendTag(nil, f, protowire.BytesType), b)
	}
	return b
}

func TestDeeplyNestedValuesAreRefusedBeforeTheyAreDecoded(t *testing.T) {
	post := func(path string, body []byte, media string) int {
		return newRig(t).do(http.MethodPost, path, body, "Content-Type", media).Code
	}
	for name, tt := range map[string]struct {
		path   string
		fields []protowire.Number
	}{
		"log body":                   {"/v1/logs", []protowire.Number{5, 2, 2, 1}},
		"log body, deprecated scope": {"/v1/logs", []protowire.Number{5, 2, deprecatedScope, 1}},
		"log attribute":              {"/v1/logs", []protowire.Number{2, 6, 2, 2, 1}},
		"resource attribute":         {"/v1/metrics", []protowire.Number{2, 1, 1, 1}},
		"scope attribute":            {"/v1/traces", []protowire.Number{2, 3, 1, 2, 1}},
		"span attribute":             {"/v1/traces", []protowire.Number{2, 9, 2, 2, 1}},
		"event attribute":            {"/v1/traces", []protowire.Number{2, 3, 11, 2, 2, 1}},
		"link attribute":             {"/v1/traces", []protowire.Number{2, 4, 13, 2, 2, 1}},
		"gauge point":                {"/v1/metrics", []protowire.Number{2, 7, 1, 5, 2, 2, 1}},
		"sum exemplar":               {"/v1/metrics", []protowire.Number{2, 7, 5, 1, 7, 2, 2, 1}},
		"histogram point":            {"/v1/metrics", []protowire.Number{2, 9, 1, 9, 2, 2, 1}},
		"exponential point":          {"/v1/metrics", []protowire.Number{2, 1, 1, 10, 2, 2, 1}},
		"exponential exemplar":       {"/v1/metrics", []protowire.Number{2, 7, 11, 1, 10, 2, 2, 1}},
		"summary point":              {"/v1/metrics", []protowire.Number{2, 7, 1, 11, 2, 2, 1}},
		"metric metadata":            {"/v1/metrics", []protowire.Number{2, 12, 2, 2, 1}},
	} {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, 200, post(tt.path, wrap(nested(20), tt.fields...), mediaProtobuf))
			require.Equal(t, 400, post(tt.path, wrap(nested(1_000), tt.fields...), mediaProtobuf))
		})
	}
	require.Equal(t, 400, post("/v1/logs", wrap(nested(2_000_000), 5, 2, 2, 1), mediaProtobuf), "which would take more stack than Go allows")

	deep := func(n int) []byte {
		return []byte(`{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":` + strings.Repeat(`{"arrayValue":{"values":[`, n) + `{}` + strings.Repeat(`]}}`, n) + `}]}]}]}`)
	}
	require.Equal(t, 200, post("/v1/logs", deep(20), mediaJSON))
	require.Equal(t, 400, post("/v1/logs", deep(1_000_000), mediaJSON))
	require.ErrorIs(t, checkJSONNesting(bytes.Repeat([]byte("["), 1000)), fault.ErrInvalid)
}

// examples are valid requests of a signal, in protobuf and in JSON.
func examples(t testing.TB, signal string) (proto, json []byte) {
	t.Helper()
	var req interface {
		MarshalProto() ([]byte, error)
		MarshalJSON() ([]byte, error)
	}
	switch signal {
	case "logs":
		ld := exampleLogs()
		r := ld.ResourceLogs().At(0).ScopeLogs().At(0).LogRecords().At(0)
		r.Attributes().PutEmptyMap("m").PutEmptySlice("l").AppendEmpty().SetDouble(1.5)
		r.Attributes().PutEmptyBytes("b").FromRaw([]byte{1, 2})
		r.SetTraceID([16]byte{1})
		r.SetSeverityNumber(9)
		req = plogotlp.NewExportRequestFromLogs(ld)
	case "traces":
		td := exampleTraces()
		sp := td.ResourceSpans().At(0).ScopeSpans().At(0).Spans().At(0)
		sp.Attributes().PutInt("i", 1)
		sp.Events().AppendEmpty().SetName("e")
		sp.Links().AppendEmpty().SetTraceID([16]byte{2})
		sp.Status().SetMessage("m")
		req = ptraceotlp.NewExportRequestFromTraces(td)
	case "metrics":
		d := newDoc()
		d.resource.PutStr("host.name", "h")
		d.gauge("g", "By").Attributes().PutStr("a", "b")
		pointAt(d.sum("s", "1", true, cumulative).AppendEmpty(), 0).Exemplars().AppendEmpty().SetDoubleValue(1)
		pointAt(d.sum("d", "", true, delta).AppendEmpty(), 0)
		p := exponential(d, "e", delta)
		p.SetScale(12)
		p.Positive().BucketCounts().FromRaw([]uint64{1, 2, 0, 0, 0, 0, 3})
		p.SetCount(6)
		exponential(d, "f", cumulative).Positive().SetOffset(-5)
		badHistogram(d, []float64{1, 2}, []uint64{1, 2, 3})
		d.metric("q", "").SetEmptySummary().DataPoints().AppendEmpty().QuantileValues().AppendEmpty()
		req = pmetricotlp.NewExportRequestFromMetrics(d.Metrics)
	}
	proto, err := req.MarshalProto()
	require.NoError(t, err)
	json, err = req.MarshalJSON()
	require.NoError(t, err)
	return proto, json
}

func TestBrokenBodiesAreNeverMoreThanRefused(t *testing.T) {
	for _, signal := range []string{"logs", "traces", "metrics"} {
		proto, json := examples(t, signal)
		for media, body := range map[string][]byte{mediaProtobuf: proto, mediaJSON: json} {
			t.Run(signal+" "+media, func(t *testing.T) {
				r := newRig(t)
				try := func(b []byte) {
					w := r.do(http.MethodPost, "/v1/"+signal, b, "Content-Type", media)
					if w.Code != 200 && w.Code != 400 {
						t.Fatalf("status %d for %q", w.Code, b)
					}
				}
				for i := range body {
					try(body[:i])
					flipped := bytes.Clone(body)
					flipped[i] ^= 1 << (i % 8)
					try(flipped)
				}
				require.Positive(t, r.reasons()[ingest.ReasonMalformed])
			})
		}
	}
}

func TestBothEncodingsMeanTheSame(t *testing.T) {
	for _, signal := range []string{"logs", "traces", "metrics"} {
		proto, json := examples(t, signal)
		a, b := newRig(t), newRig(t)
		require.Equal(t, 200, a.do(http.MethodPost, "/v1/"+signal, proto, "Content-Type", mediaProtobuf).Code)
		require.Equal(t, 200, b.do(http.MethodPost, "/v1/"+signal, json, "Content-Type", mediaJSON).Code)
		require.Equal(t, a.rows(t, model.Logs), b.rows(t, model.Logs))
		require.Equal(t, a.rows(t, model.Spans), b.rows(t, model.Spans))
		require.Equal(t, a.series(), b.series())
	}
}

// fuzzSignal sends a body through decoding, conversion and the checks of the
// stores.
func fuzzSignal(f *testing.F, signal string) {
	proto, json := examples(f, signal)
	f.Add(proto, false)
	f.Add(json, true)
	f.Add(proto[:len(proto)/2], false)
	f.Add(json[:len(json)/2], true)
	f.Add([]byte(`{"resourceLogs":null,"x":{}}`), true)
	f.Add(wrap(nested(200), 5, 2, 2, 1), false)
	f.Add(bytes.ReplaceAll(json, []byte(`"traceId":"`), []byte(`"traceId":"0`)), true)
	r := newRig(f, func(o *Options) { o.Limits.MaxAttrs, o.Limits.MaxLineBytes = 20, 1000 })
	f.Fuzz(func(t *testing.T, body []byte, isJSON bool) {
		r.samples.ResultReset()
		r.events = &storagetest.Memory{}
		r.Receiver.events = r.events
		media := mediaProtobuf
		if isJSON {
			media = mediaJSON
		}
		w := r.do(http.MethodPost, "/v1/"+signal, body, "Content-Type", media)
		if w.Code != 200 && w.Code != 400 {
			t.Fatalf("status %d: %s", w.Code, w.Body)
		}
		for _, sig := range []model.Signal{model.Logs, model.Spans} {
			for _, x := range r.rows(t, sig) {
				if len(x.Body) > 1000 || len(x.Attrs) > 21 {
					t.Fatalf("row over the limits: %d bytes, %d attributes", len(x.Body), len(x.Attrs))
				}
				if reason := r.limits.CheckTime(x.Time, now); reason != "" {
					t.Fatalf("row of %d is %s", x.Time, reason)
				}
			}
		}
		for _, s := range r.samples.ResultSamples() {
			if s.H != nil && !s.IsStale() && s.H.Schema > 8 {
				t.Fatalf("schema %d", s.H.Schema)
			}
		}
	})
}

func FuzzLogs(f *testing.F)    { fuzzSignal(f, "logs") }
func FuzzTraces(f *testing.F)  { fuzzSignal(f, "traces") }
func FuzzMetrics(f *testing.F) { fuzzSignal(f, "metrics") }
