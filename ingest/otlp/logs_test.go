package otlp

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/plog"

	"github.com/oriel-obs/oriel/ingest"
	"github.com/oriel-obs/oriel/model"
)

func TestLogRecordBecomesStreamBodyAndAttributes(t *testing.T) {
	r := newRig(t)
	w := r.postJSON("/v1/logs", fmt.Sprintf(`{"resourceLogs":[{
		"resource":{"attributes":[
			{"key":"service.name","value":{"stringValue":"api"}},
			{"key":"k8s.namespace.name","value":{"stringValue":"shop"}},
			{"key":"deployment.environment.name","value":{"stringValue":"prod"}},
			{"key":"host.name","value":{"stringValue":"h1"}},
			{"key":"process.pid","value":{"intValue":"42"}}]},
		"scopeLogs":[{
			"scope":{"name":"lib","version":"1.2","attributes":[{"key":"scope.kind","value":{"boolValue":true}}]},
			"logRecords":[{
				"timeUnixNano":"%d","observedTimeUnixNano":"%d","severityNumber":17,"severityText":"ERROR",
				"body":{"stringValue":"boom"},"droppedAttributesCount":3,"flags":1,"eventName":"exception",
				"traceId":"0AF7651916CD43DD8448EB211C80319C","spanId":"b7ad6b7169203331",
				"attributes":[
					{"key":"user.id","value":{"intValue":"7"}},
					{"key":"ratio","value":{"doubleValue":0.5}},
					{"key":"http","value":{"kvlistValue":{"values":[
						{"key":"method","value":{"stringValue":"GET"}},
						{"key":"status.code","value":{"intValue":500}}]}}},
					{"key":"tags","value":{"arrayValue":{"values":[{"stringValue":"a"},{"intValue":1},{"doubleValue":2},{"bytesValue":"aGk="}]}}},
					{"key":"raw","value":{"bytesValue":"aGk="}},
					{"key":"0day","value":{"stringValue":"x"}},
					{"key":"gr\u00f6\u00dfe-1","value":{"stringValue":"x"}},
					{"key":"","value":{"stringValue":"nameless"}},
					{"key":"empty","value":{}}]}]}]}]}`, at(0), at(time.Second)))
	require.Equal(t, 200, w.Code, w.Body)
	require.Equal(t, "{}", w.Body.String())
	want := []row{{
		Stream: map[string]any{"service_name": "api", "k8s_namespace_name": "shop", "deployment_environment_name": "prod"},
		Time:   int64(at(0)),
		Body:   "boom",
		Attrs: map[string]any{
			"host_name": "h1", "process_pid": int64(42), "scope_name": "lib", "scope_version": "1.2", "scope_kind": true,
			"user_id": int64(7), "ratio": 0.5, "http_method": "GET", "http_status_code": int64(500),
			"tags": jsonText(`["a",1,2.0,"aGk="]`), "raw": rawBytes("hi"), "key_0day": "x", "gr__e_1": "x", "_": "nameless",
			"observed_timestamp": int64(at(time.Second)), "severity_number": int64(17), "severity_text": "ERROR",
			"trace_id": "0af7651916cd43dd8448eb211c80319c", "span_id": "b7ad6b7169203331", "flags": int64(1),
			"dropped_attributes_count": int64(3), "event_name": "exception", "detected_level": "error",
		},
	}}
	require.Empty(t, cmp.Diff(want, r.rows(t, model.Logs)))
}

func TestEveryIndexLabelOfLoki(t *testing.T) {
	names := strings.Fields(`service.name service.namespace service.instance.id deployment.environment deployment.environment.name
		cloud.region cloud.availability_zone k8s.cluster.name k8s.namespace.name k8s.pod.name k8s.container.name
		k8s.replicaset.name k8s.deployment.name k8s.statefulset.name k8s.daemonset.name k8s.cronjob.name k8s.job.name container.name`)
	r := newRig(t)
	ld := exampleLogs()
	want := map[string]any{}
	for _, n := range names {
		ld.ResourceLogs().At(0).Resource().Attributes().PutStr(n, "v")
		want[strings.ReplaceAll(n, ".", "_")] = "v"
	}
	b, out := r.logBatch(ld)
	require.Zero(t, out.rejected())
	require.NoError(t, b.Check())
	require.Equal(t, want, plainAttrs(b.Stream(0).Attrs))
	require.Len(t, want, 18)
}

func TestLogBodyAndTime(t *testing.T) {
	tests := []struct {
		name   string
		record string
		body   string
		time   int64
	}{
		{"a string is the line as it is", `"body":{"stringValue":" a\nb "}`, " a\nb ", int64(at(0))},
		{"an integer", `"body":{"intValue":"5"}`, "5", int64(at(0))},
		{"a double keeps its point", `"body":{"doubleValue":5}`, "5.0", int64(at(0))},
		{"not a number", `"body":{"doubleValue":"NaN"}`, `"NaN"`, int64(at(0))},
		{"infinity", `"body":{"arrayValue":{"values":[{"doubleValue":"-Infinity"},{"doubleValue":"Infinity"}]}}`, `["-Infinity","Infinity"]`, int64(at(0))},
		{"a boolean", `"body":{"boolValue":true}`, "true", int64(at(0))},
		{"bytes", `"body":{"bytesValue":"AP8="}`, "AP8=", int64(at(0))},
		{"a map, sorted, the last of equal keys", `"body":{"kvlistValue":{"values":[{"key":"b","value":{"stringValue":"\"\\\u0001\u00e9\t\r\n"}},{"key":"a","value":{}},{"key":"a","value":{"intValue":1}}]}}`, `{"a":1,"b":"\"\\\u0001é\t\r\n"}`, int64(at(0))},
		{"an empty map and an empty list", `"body":{"arrayValue":{"values":[{"kvlistValue":{}},{"arrayValue":{}},{}]}}`, `[{},[],null]`, int64(at(0))},
		{"none", `"flags":0`, "", int64(at(0))},
		{"the record's time", fmt.Sprintf(`"timeUnixNano":"%d","observedTimeUnixNano":"%d"`, at(time.Second), at(2*time.Second)), "", int64(at(time.Second))},
		{"else the observed time", fmt.Sprintf(`"observedTimeUnixNano":%d`, at(2*time.Second)), "", int64(at(2 * time.Second))},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := newRig(t)
			w := r.postJSON("/otlp/v1/logs", `{"resourceLogs":[{"scopeLogs":[{"logRecords":[{`+tt.record+`}]}]}]}`)
			require.Equal(t, "{}", w.Body.String())
			rows := r.rows(t, model.Logs)
			require.Len(t, rows, 1)
			require.Equal(t, tt.body, rows[0].Body)
			require.Equal(t, tt.time, rows[0].Time)
		})
	}
}

func TestServiceNameAndLevelAreDerivedUnlessTold(t *testing.T) {
	const app = `{"resourceLogs":[{"resource":{"attributes":[{"key":"app","value":{"stringValue":"web"}}]},"scopeLogs":[{"logRecords":[{"body":{"stringValue":"level=warn x"}}]}]}]}`
	r := newRig(t)
	r.postJSON("/v1/logs", app)
	r.postJSON("/v1/logs", `{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"attributes":[{"key":"detected_level","value":{"stringValue":"mine"}}]}]}]}]}`)
	rows := r.rows(t, model.Logs)
	require.Equal(t, map[string]any{"service_name": "web"}, rows[0].Stream)
	require.Equal(t, map[string]any{"app": "web", "detected_level": "warn"}, rows[0].Attrs)
	require.Equal(t, map[string]any{"service_name": "unknown_service"}, rows[1].Stream)
	require.Equal(t, map[string]any{"detected_level": "mine"}, rows[1].Attrs)

	r = newRig(t, func(o *Options) { o.Config.DiscoverServiceName, o.Config.DiscoverLevel = false, false })
	r.postJSON("/v1/logs", app)
	rows = r.rows(t, model.Logs)
	require.Empty(t, rows[0].Stream)
	require.Equal(t, map[string]any{"app": "web"}, rows[0].Attrs)
}

func TestLaterAttributeOfOneNameWins(t *testing.T) {
	r := newRig(t)
	ld := exampleLogs()
	rl := ld.ResourceLogs().At(0)
	rl.Resource().Attributes().PutStr("a.b", "resource")
	rl.ScopeLogs().At(0).Scope().Attributes().PutStr("a_b", "scope")
	rl.ScopeLogs().At(0).LogRecords().AppendEmpty().Attributes().PutStr("a-b", "record")
	r.postProto(t, ld)
	rows := r.rows(t, model.Logs)
	require.Equal(t, "scope", rows[0].Attrs["a_b"])
	require.Equal(t, "record", rows[1].Attrs["a_b"])
}

func TestBadLogRecordsAreRefusedAloneWithTheirReason(t *testing.T) {
	tests := []struct {
		name   string
		spoil  func(rl plog.ResourceLogs, r plog.LogRecord)
		reason string
		rows   int64
	}{
		{"1970", func(_ plog.ResourceLogs, r plog.LogRecord) { r.SetTimestamp(1) }, ingest.ReasonTooOld, 1},
		{"2100", func(_ plog.ResourceLogs, r plog.LogRecord) { r.SetTimestamp(4102444800e9) }, ingest.ReasonTooNew, 1},
		{"a long line", func(_ plog.ResourceLogs, r plog.LogRecord) { r.Body().SetStr(strings.Repeat("x", 256<<10+1)) }, ingest.ReasonTooLarge, 1},
		{"10k labels", func(_ plog.ResourceLogs, r plog.LogRecord) {
			for i := range 10_000 {
				r.Attributes().PutStr(fmt.Sprint("label", i), "v")
			}
		}, ingest.ReasonLabels, 1},
		{"a large attribute", func(_ plog.ResourceLogs, r plog.LogRecord) { r.Attributes().PutStr("a", strings.Repeat("x", 1<<20)) }, ingest.ReasonTooLarge, 1},
		{"a large stream label", func(rl plog.ResourceLogs, _ plog.LogRecord) {
			rl.Resource().Attributes().PutStr("service.name", strings.Repeat("x", 64<<10+1))
		}, ingest.ReasonLabels, 2},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := newRig(t)
			ld := exampleLogs()
			rl := ld.ResourceLogs().At(0)
			tt.spoil(rl, rl.ScopeLogs().At(0).LogRecords().AppendEmpty())
			r.postProto(t, ld)
			require.Equal(t, map[string]int64{tt.reason: tt.rows}, r.reasons())
			require.Len(t, r.rows(t, model.Logs), int(2-tt.rows))
			require.EqualValues(t, 2-tt.rows, r.account.Accepted()[0].Rows)
		})
	}
}

func TestInvalidUTF8InLogsIsMended(t *testing.T) {
	r := newRig(t)
	ld := exampleLogs()
	rl := ld.ResourceLogs().At(0)
	rl.Resource().Attributes().PutStr("service.name", "a\xff")
	rec := rl.ScopeLogs().At(0).LogRecords().At(0)
	rec.Body().SetStr("b\xc3")
	rec.Attributes().PutStr("k\xff", "v\xff")
	rec.SetEventName("e\xff")
	r.postProto(t, ld)
	require.Empty(t, cmp.Diff([]row{{
		Stream: map[string]any{"service_name": "a\uFFFD"}, Time: int64(at(0)), Body: "b\uFFFD",
		Attrs: map[string]any{"k_": "v\uFFFD", "event_name": "e\uFFFD", "detected_level": "unknown"},
	}}, r.rows(t, model.Logs)))
}

func TestStreamsOfOneLabelSetAreOne(t *testing.T) {
	r := newRig(t)
	ld := plog.NewLogs()
	for range 2 {
		exampleLogs().ResourceLogs().MoveAndAppendTo(ld.ResourceLogs())
	}
	b, _ := r.logBatch(ld)
	require.Equal(t, 2, b.Len())
	require.Len(t, b.Streams, 1)
}
