package main

import (
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"github.com/oriel-obs/oriel/ingest/self"
)

// newTracerProvider traces this process into exporter. It also becomes the
// process's global provider, because Prometheus' engine takes its tracer from
// there.
func newTracerProvider(exporter sdktrace.SpanExporter, instance, version string) *sdktrace.TracerProvider {
	tp := sdktrace.NewTracerProvider(
		sdktrace.WithBatcher(exporter),
		sdktrace.WithSampler(sdktrace.ParentBased(sampler{rare: sdktrace.TraceIDRatioBased(pushSampleRatio)})),
		sdktrace.WithResource(resource.NewSchemaless(
			attribute.String("service.name", self.ServiceName),
			attribute.String("service.version", version),
			attribute.String("service.instance.id", instance),
		)),
	)
	otel.SetTracerProvider(tp)
	return tp
}

// pushSampleRatio is the share of traced pushes. They come by the thousand and
// look alike; queries are few and each is somebody's wait.
const pushSampleRatio = 0.01

// A sampler keeps all spans but those of pushes and probes, of which it keeps
// what rare keeps.
type sampler struct{ rare sdktrace.Sampler }

// quietPaths are requested all the time, by agents and probes.
var quietPaths = map[string]bool{
	"/api/v1/write": true, "/api/v1/push": true, "/prometheus/api/v1/write": true, "/loki/api/v1/push": true,
	"/v1/logs": true, "/v1/metrics": true, "/v1/traces": true, "/otlp/v1/logs": true, "/otlp/v1/metrics": true, "/otlp/v1/traces": true,
	"/-/ready": true, "/-/healthy": true, "/metrics": true, "/ready": true,
}

// ShouldSample implements sdktrace.Sampler.
func (s sampler) ShouldSample(p sdktrace.SamplingParameters) sdktrace.SamplingResult {
	for _, a := range p.Attributes {
		if a.Key == "url.path" && quietPaths[a.Value.AsString()] {
			return s.rare.ShouldSample(p)
		}
	}
	return sdktrace.SamplingResult{Decision: sdktrace.RecordAndSample, Tracestate: trace.SpanContextFromContext(p.ParentContext).TraceState()}
}

// Description implements sdktrace.Sampler.
func (s sampler) Description() string { return "oriel" }
