package otlp

import (
	"sort"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/otlptranslator"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
)

func TestMetricNames(t *testing.T) {
	tests := []struct {
		kind, name, unit, want string // want without labels
	}{
		{"histogram", "http.server.request.duration", "s", "http_server_request_duration_seconds"},
		{"gauge", "system.memory.usage", "By", "system_memory_usage_bytes"},
		{"counter", "requests", "1", "requests_total"},
		{"gauge", "cpu.util", "1", "cpu_util_ratio"},
		{"gauge", "net.io", "By/s", "net_io_bytes_per_second"},
		{"gauge", "a", "d", "a_days"},
		{"gauge", "a", "h", "a_hours"},
		{"gauge", "a", "min", "a_minutes"},
		{"gauge", "a", "ms", "a_milliseconds"},
		{"gauge", "a", "us", "a_microseconds"},
		{"gauge", "a", "ns", "a_nanoseconds"},
		{"gauge", "a", "KiBy", "a_kibibytes"},
		{"gauge", "a", "MiBy", "a_mebibytes"},
		{"gauge", "a", "GiBy", "a_gibibytes"},
		{"gauge", "a", "KBy", "a_kilobytes"},
		{"gauge", "a", "MBy", "a_megabytes"},
		{"gauge", "a", "m", "a_meters"},
		{"gauge", "a", "V", "a_volts"},
		{"gauge", "a", "A", "a_amperes"},
		{"gauge", "a", "J", "a_joules"},
		{"gauge", "a", "W", "a_watts"},
		{"gauge", "a", "g", "a_grams"},
		{"gauge", "a", "Cel", "a_celsius"},
		{"gauge", "a", "Hz", "a_hertz"},
		{"gauge", "a", "%", "a_percent"},
		{"gauge", "a", "m/h", "a_meters_per_hour"},
		{"gauge", "a", "{request}/mo", "a_per_month"},
		{"counter", "a", "{requests}", "a_total"},
		{"gauge", "a", "widgets", "a_widgets"},
		{"gauge", "a", "wid.gets", "a_wid_gets"},
		{"gauge", "memory.bytes", "By", "memory_bytes"},
		{"counter", "total.requests", "", "requests_total"},
		{"gauge", "ratio.of.hits", "1", "of_hits_ratio"},
		{"gauge", "a..b--c", "", "a_b_c"},
		{"gauge", "a:b", "", "a:b"},
		{"gauge", "1st", "", "_1st"},
		{"sum", "queue", "1", "queue"},
		{"sum", "queue.size", "{items}", "queue_size"},
		{"summary", "rpc.duration", "ms", "rpc_duration_milliseconds"},
		{"gauge", "größe", "", "gr_e"},
	}
	require.GreaterOrEqual(t, len(tests), 30)
	for _, tt := range tests {
		t.Run(tt.kind+" "+tt.name+" "+tt.unit, func(t *testing.T) {
			r, d := newRig(t), newDoc()
			want := []string{tt.want}
			switch tt.kind {
			case "gauge":
				d.gauge(tt.name, tt.unit)
			case "counter", "sum":
				pointAt(d.sum(tt.name, tt.unit, tt.kind == "counter", cumulative).AppendEmpty(), 0)
			case "histogram":
				h := d.metric(tt.name, tt.unit).SetEmptyHistogram()
				h.SetAggregationTemporality(cumulative)
				h.DataPoints().AppendEmpty().SetTimestamp(timestamp(0))
				want = []string{tt.want + "_bucket", tt.want + "_count"}
			case "summary":
				d.metric(tt.name, tt.unit).SetEmptySummary().DataPoints().AppendEmpty().SetTimestamp(timestamp(0))
				want = []string{tt.want + "_count", tt.want + "_sum"}
			}
			require.Empty(t, r.export(t, d).message())
			var got []string
			for _, s := range r.samples.ResultSamples() {
				got = append(got, s.L.Get("__name__"))
			}
			sort.Strings(got)
			require.Equal(t, want, got)
		})
	}
}

func TestTranslationStrategies(t *testing.T) {
	for strategy, want := range map[string]string{
		"UnderscoreEscapingWithSuffixes":    `{__name__="http_size_bytes", a_b="1", instance="i1", job="api"}`,
		"UnderscoreEscapingWithoutSuffixes": `{__name__="http_size", a_b="1", instance="i1", job="api"}`,
		"NoUTF8EscapingWithSuffixes":        `{__name__="http.size_bytes", "a.b"="1", instance="i1", job="api"}`,
		"NoTranslation":                     `{__name__="http.size", "a.b"="1", instance="i1", job="api"}`,
	} {
		t.Run(strategy, func(t *testing.T) {
			r, d := newRig(t, func(o *Options) { o.Config.TranslationStrategy = otlptranslator.TranslationStrategyOption(strategy) }), newDoc()
			d.gauge("http.size", "By").Attributes().PutStr("a.b", "1")
			r.export(t, d)
			require.Equal(t, []string{want + " 1@0"}, r.series())
		})
	}
}

func TestLabels(t *testing.T) {
	const base = `{__name__="a", instance="i1", job="api"`
	tests := []struct {
		name string
		fill func(d doc, p pcommon.Map)
		conf func(c *Config)
		want string
	}{
		{name: "values of every kind are text", want: `{__name__="a", arr="[1,\"x\"]", b="true", f="0.5", i="7", instance="i1", job="api", m="{\"k\":1}"} 1@0`, fill: func(_ doc, p pcommon.Map) {
			p.PutBool("b", true)
			p.PutDouble("f", 0.5)
			p.PutInt("i", 7)
			require.NoError(t, p.PutEmptySlice("arr").FromRaw([]any{1, "x"}))
			p.PutEmptyMap("m").PutInt("k", 1)
		}},
		{name: "colliding names join their values in order of the original keys", want: base + `, x_y="1;2;3"} 1@0`, fill: func(_ doc, p pcommon.Map) {
			p.PutStr("x_y", "3")
			p.PutStr("x.y", "2")
			p.PutStr("x-y", "1")
		}},
		{name: "runs of underscores stay", want: base + `, x__y="1"} 1@0`, fill: func(_ doc, p pcommon.Map) { p.PutStr("x..y", "1") }},
		{name: "or collapse", want: base + `, x_y="1"} 1@0`, fill: func(_ doc, p pcommon.Map) { p.PutStr("x..y", "1") }, conf: func(c *Config) { c.LabelNamePreserveMultipleUnderscores = false }},
		{name: "a leading digit gets key_", want: base + `, key_0day="1"} 1@0`, fill: func(_ doc, p pcommon.Map) { p.PutStr("0day", "1") }},
		{name: "a leading underscore gets key", want: base + `, key_x="1"} 1@0`, fill: func(_ doc, p pcommon.Map) { p.PutStr("_x", "1") }},
		{name: "a reserved name stays", want: `{__name__="a", __x__="1", instance="i1", job="api"} 1@0`, fill: func(_ doc, p pcommon.Map) { p.PutStr("__x__", "1") }},
		{name: "an attribute __name__ is dropped", want: base + `} 1@0`, fill: func(_ doc, p pcommon.Map) { p.PutStr("__name__", "evil") }},
		{name: "job and instance overwrite", want: base + `} 1@0`, fill: func(_ doc, p pcommon.Map) { p.PutStr("job", "x"); p.PutStr("instance", "y") }},
		{name: "job has the namespace", want: `{__name__="a", instance="i1", job="shop/api"} 1@0`, fill: func(d doc, _ pcommon.Map) { d.resource.PutStr("service.namespace", "shop") }},
		{name: "no service, no job", want: `{__name__="a"} 1@0`, fill: func(d doc, _ pcommon.Map) { d.resource.Clear() }},
		{name: "promoted attributes yield to the point's own", want: base + `, k8s_pod_name="p1", region="mine"} 1@0`, fill: func(d doc, p pcommon.Map) {
			d.resource.PutStr("region", "r")
			d.resource.PutStr("k8s.pod.name", "p1")
			p.PutStr("region", "mine")
		}, conf: func(c *Config) { c.PromoteResourceAttributes = []string{"region", "k8s.pod.name"} }},
		{name: "all promoted but some", want: base + `, region="r", service_instance_id="i1", service_name="api"} 1@0`, fill: func(d doc, _ pcommon.Map) {
			d.resource.PutStr("region", "r")
			d.resource.PutStr("host.name", "h")
		}, conf: func(c *Config) {
			c.PromoteAllResourceAttributes, c.IgnoreResourceAttributes = true, []string{"host.name"}
		}},
		{name: "scope metadata", want: base + `, otel_scope_k_v="1", otel_scope_name="lib", otel_scope_schema_url="u", otel_scope_version="2"} 1@0`, fill: func(d doc, _ pcommon.Map) {
			d.scope.Scope().SetName("lib")
			d.scope.Scope().SetVersion("2")
			d.scope.SetSchemaUrl("u")
			d.scope.Scope().Attributes().PutStr("k.v", "1")
		}, conf: func(c *Config) { c.PromoteScopeMetadata = true }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := newRig(t, func(o *Options) {
				if tt.conf != nil {
					tt.conf(&o.Config)
				}
			})
			d := newDoc()
			tt.fill(d, d.gauge("a", "").Attributes())
			require.Zero(t, r.export(t, d).rejected())
			var got []string
			for _, s := range r.series() {
				if !strings.Contains(s, "target_info") {
					got = append(got, s)
				}
			}
			require.Equal(t, []string{tt.want}, got)
		})
	}
}

func TestTargetInfo(t *testing.T) {
	t.Run("none when all attributes identify", func(t *testing.T) {
		r, d := newRig(t), newDoc()
		d.gauge("a", "")
		r.export(t, d)
		require.Len(t, r.series(), 1)
	})
	t.Run("none without job and instance", func(t *testing.T) {
		r, d := newRig(t), newDoc()
		d.resource.Clear()
		d.resource.PutStr("host.name", "h")
		d.gauge("a", "")
		r.export(t, d)
		require.Len(t, r.series(), 1)
	})
	t.Run("from the first point to the last, every half look-back", func(t *testing.T) {
		r, d := newRig(t), newDoc()
		d.resource.PutStr("host.name", "h")
		p := d.metric("a", "").SetEmptyGauge().DataPoints()
		pointAt(p.AppendEmpty(), -4*time.Minute)
		pointAt(p.AppendEmpty(), 0)
		r.export(t, d)
		const info = `{__name__="target_info", host_name="h", instance="i1", job="api"} 1@`
		require.Equal(t, []string{info + "-240", info + "-90", info + "0"}, r.series()[2:])
	})
	t.Run("a resource attribute that cannot be a label is left out and said", func(t *testing.T) {
		r, d := newRig(t), newDoc()
		d.resource.PutStr("host.name", "h\xff")
		d.resource.PutStr("__", "x")
		d.gauge("a", "")
		out := r.export(t, d)
		require.Zero(t, out.rejected())
		require.Contains(t, out.message(), `resource attribute left out: normalization for label name "__"`)
		require.Equal(t, `{__name__="target_info", host_name="h`+"\uFFFD"+`", instance="i1", job="api"} 1@0`, r.series()[1])
	})
	t.Run("not for points years apart", func(t *testing.T) {
		r, d := newRig(t, func(o *Options) { o.Limits.MaxAge = 0 }), newDoc()
		d.resource.PutStr("host.name", "h")
		d.gauge("a", "").SetTimestamp(1)
		d.gauge("b", "")
		r.export(t, d)
		require.Len(t, r.series(), 2)
	})
}
