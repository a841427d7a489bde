package otlp

import (
	"fmt"
	"testing"
	"time"

	"github.com/prometheus/otlptranslator"
	"github.com/stretchr/testify/require"
)

func TestMetricsThatBecomeOneNameAreKeptAndReported(t *testing.T) {
	r := newRig(t)
	send := func() *outcome {
		d := newDoc()
		d.gauge("http.size", "By").Attributes().PutStr("n", "1")
		p := pointAt(d.sum("http_size_bytes", "", false, cumulative).AppendEmpty(), 0)
		p.Attributes().PutStr("n", "2")
		return r.export(t, d)
	}
	out := send()
	require.Zero(t, out.rejected())
	require.Contains(t, out.message(),
		`metrics "http_size_bytes" (unit "", Sum) and "http.size" (unit "By", Gauge) are both called http_size_bytes here; both are kept`)
	require.Equal(t, []string{
		`{__name__="http_size_bytes", instance="i1", job="api", n="1"} 1@0`,
		`{__name__="http_size_bytes", instance="i1", job="api", n="2"} 1@0`,
	}, r.series())
	out = send()
	require.NotContains(t, out.message(), "are both called", "the sender is told once")
	require.Contains(t, out.message(), "warning: 1 times name_collision")
	require.EqualValues(t, 2, r.warned(warnNameCollision), "and every time is counted")
}

func TestAMetricThatIsSentNoMoreDoesNotCollide(t *testing.T) {
	r := newRig(t)
	old := newDoc()
	old.gauge("size.bytes", "")
	r.export(t, old)
	r.now = func() time.Time { return now.Add(2 * time.Hour) }
	renamed := newDoc()
	pointAt(renamed.metric("size", "By").SetEmptyGauge().DataPoints().AppendEmpty(), 2*time.Hour)
	require.Empty(t, r.export(t, renamed).message())
}

func TestFamiliesAreBounded(t *testing.T) {
	fs := newFamilies(otlptranslator.NewMetricNamer("", otlptranslator.UnderscoreEscapingWithSuffixes))
	for i := range maxFamilies + 10 {
		fs.of(metricKind{name: fmt.Sprint("m", i)}, now)
	}
	require.Len(t, fs.kinds, 10)
	require.Len(t, fs.byName, 10)
}

func TestStrategiesSpellNames(t *testing.T) {
	for strategy, want := range map[otlptranslator.TranslationStrategyOption]string{
		otlptranslator.UnderscoreEscapingWithSuffixes:    `{__name__="http_reqs_bytes_total", http_route="/"} 1@0`,
		otlptranslator.UnderscoreEscapingWithoutSuffixes: `{__name__="http_reqs", http_route="/"} 1@0`,
		otlptranslator.NoUTF8EscapingWithSuffixes:        `{__name__="http.reqs_bytes_total", "http.route"="/"} 1@0`,
		otlptranslator.NoTranslation:                     `{__name__="http.reqs", "http.route"="/"} 1@0`,
	} {
		r, d := newRig(t, func(o *Options) { o.Config.TranslationStrategy = strategy }), newDoc()
		d.resource.Clear()
		pointAt(d.sum("http.reqs", "By", true, cumulative).AppendEmpty(), 0).Attributes().PutStr("http.route", "/")
		require.Empty(t, r.export(t, d).message())
		require.Equal(t, []string{want}, r.series(), strategy)
	}
}

func TestPromotedByDefault(t *testing.T) {
	r, d := newRig(t, func(o *Options) { o.Config = DefaultConfig() }), newDoc()
	for _, k := range []string{
		"service.version", "service.name.extra", "k8s.pod.name", "deployment.environment", "deployment.environment.name",
		"host.name", "host.id", "services", "telemetry.sdk.name",
	} {
		d.resource.PutStr(k, "x")
	}
	d.gauge("a", "")
	require.Empty(t, r.export(t, d).message())
	require.Equal(t, `{__name__="a", deployment_environment="x", deployment_environment_name="x", host_name="x", instance="i1", job="api", `+
		`k8s_pod_name="x", service_instance_id="i1", service_name="api", service_name_extra="x", service_version="x"} 1@0`, r.series()[0])
}

func TestIgnoredByPrefixWhenAllArePromoted(t *testing.T) {
	r, d := newRig(t, func(o *Options) {
		o.Config.PromoteAllResourceAttributes, o.Config.PromoteResourceAttributes = true, nil
		o.Config.IgnoreResourceAttributes = []string{"service.*", "host.id"}
	}), newDoc()
	d.resource.PutStr("host.id", "x")
	d.resource.PutStr("host.name", "x")
	d.gauge("a", "")
	require.Empty(t, r.export(t, d).message())
	require.Equal(t, `{__name__="a", host_name="x", instance="i1", job="api"} 1@0`, r.series()[0])
}
