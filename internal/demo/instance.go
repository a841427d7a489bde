package demo

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/exporters/otlp/otlplog/otlploggrpc"
	"go.opentelemetry.io/otel/exporters/otlp/otlpmetric/otlpmetricgrpc"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracegrpc"
	"go.opentelemetry.io/otel/log"
	"go.opentelemetry.io/otel/metric"
	sdklog "go.opentelemetry.io/otel/sdk/log"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
)

// An instance is one running copy of a service, with the SDK set up as such a
// program would set it up.
type instance struct {
	service   service
	zone      string
	tracer    trace.Tracer
	logger    log.Logger
	duration  metric.Float64Histogram
	orders    metric.Int64Counter
	providers []interface{ Shutdown(context.Context) error }
}

const scopeName = "shop"

// metricInterval is how often an instance sends its metrics.
const metricInterval = 10 * time.Second

func newInstance(ctx context.Context, endpoint string, svc service, zone string) (*instance, error) {
	res := resource.NewSchemaless(
		attribute.String("service.name", svc.name),
		attribute.String("service.namespace", "shop"),
		attribute.String("service.version", svc.version),
		attribute.String("service.instance.id", svc.name+"-"+zone),
		attribute.String("telemetry.sdk.language", svc.language),
		attribute.String("deployment.environment.name", "demo"),
		attribute.String("cloud.availability_zone", zone),
		attribute.String("k8s.namespace.name", "shop"),
		attribute.String("k8s.pod.name", svc.name+"-7d9f-"+zone),
	)
	spans, err := otlptracegrpc.New(ctx, otlptracegrpc.WithEndpoint(endpoint), otlptracegrpc.WithInsecure())
	if err != nil {
		return nil, fmt.Errorf("span exporter: %w", err)
	}
	metrics, err := otlpmetricgrpc.New(ctx, otlpmetricgrpc.WithEndpoint(endpoint), otlpmetricgrpc.WithInsecure())
	if err != nil {
		return nil, fmt.Errorf("metric exporter: %w", err)
	}
	logs, err := otlploggrpc.New(ctx, otlploggrpc.WithEndpoint(endpoint), otlploggrpc.WithInsecure())
	if err != nil {
		return nil, fmt.Errorf("log exporter: %w", err)
	}
	tp := sdktrace.NewTracerProvider(sdktrace.WithBatcher(spans, sdktrace.WithBatchTimeout(time.Second)), sdktrace.WithResource(res))
	mp := sdkmetric.NewMeterProvider(sdkmetric.WithReader(sdkmetric.NewPeriodicReader(metrics, sdkmetric.WithInterval(metricInterval))), sdkmetric.WithResource(res))
	lp := sdklog.NewLoggerProvider(sdklog.WithProcessor(sdklog.NewBatchProcessor(logs, sdklog.WithExportInterval(time.Second))), sdklog.WithResource(res))

	in := &instance{
		service: svc, zone: zone, tracer: tp.Tracer(scopeName), logger: lp.Logger(scopeName),
		providers: []interface{ Shutdown(context.Context) error }{tp, mp, lp},
	}
	meter := mp.Meter(scopeName)
	in.duration, err = meter.Float64Histogram("http.server.request.duration", metric.WithUnit("s"), metric.WithDescription("Duration of HTTP server requests."),
		// The boundaries that OpenTelemetry's conventions advise for this
		// metric; the SDK's own are made for milliseconds.
		metric.WithExplicitBucketBoundaries(0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10))
	if err != nil {
		return nil, err
	}
	in.orders, err = meter.Int64Counter("shop.orders", metric.WithDescription("Orders placed."))
	if err != nil {
		return nil, err
	}
	return in, nil
}

func (in *instance) shutdown(ctx context.Context) {
	for _, p := range in.providers {
		_ = p.Shutdown(ctx)
	}
}

// A request is one that an instance is answering.
type request struct {
	in    *instance
	op    operation
	user  string
	ctx   context.Context
	span  trace.Span
	start time.Time
}

func (in *instance) begin(ctx context.Context, at time.Time, op operation, user string) *request {
	ctx, span := in.tracer.Start(ctx, op.method+" "+op.route, trace.WithTimestamp(at), trace.WithSpanKind(trace.SpanKindServer), trace.WithAttributes(
		attribute.String("http.request.method", op.method), attribute.String("http.route", op.route), attribute.String("user.id", user)))
	return &request{in: in, op: op, user: user, ctx: ctx, span: span, start: at}
}

// call plays a client's side of a request to another service.
func (r *request) call(at time.Time, to service, opName string, serve func(context.Context, time.Time) outcome) outcome {
	const network = 500 * time.Microsecond
	op := to.operations[opName]
	ctx, span := r.in.tracer.Start(r.ctx, op.method, trace.WithTimestamp(at), trace.WithSpanKind(trace.SpanKindClient), trace.WithAttributes(
		attribute.String("http.request.method", op.method), attribute.String("server.address", to.name), attribute.String("url.template", op.route)))
	out := serve(ctx, at.Add(network))
	out.end = out.end.Add(network)
	if out.err != nil {
		span.SetStatus(codes.Error, out.err.Error())
		span.SetAttributes(attribute.Int("http.response.status_code", 500))
	} else {
		span.SetAttributes(attribute.Int("http.response.status_code", 200))
	}
	span.End(trace.WithTimestamp(out.end))
	return out
}

// query plays a query to a database and returns when it ends.
func (r *request) query(at time.Time, st *store, took time.Duration) time.Time {
	_, span := r.in.tracer.Start(r.ctx, st.system+" query", trace.WithTimestamp(at), trace.WithSpanKind(trace.SpanKindClient), trace.WithAttributes(
		attribute.String("db.system.name", st.system), attribute.String("db.query.text", st.statement)))
	end := at.Add(took)
	span.End(trace.WithTimestamp(end))
	return end
}

// finish ends the request with its log line and metrics.
func (r *request) finish(end time.Time, err error) {
	code := 200
	if err != nil {
		code = 500
		r.span.SetStatus(codes.Error, err.Error())
		if own := (*failure)(nil); errors.As(err, &own) {
			r.span.AddEvent("exception", trace.WithTimestamp(end), trace.WithAttributes(
				attribute.String("exception.type", own.kind), attribute.String("exception.message", own.message)))
		}
	}
	r.span.SetAttributes(attribute.Int("http.response.status_code", code))
	r.span.End(trace.WithTimestamp(end))

	took := end.Sub(r.start)
	var rec log.Record
	rec.SetTimestamp(end)
	rec.SetObservedTimestamp(end)
	rec.SetSeverity(log.SeverityInfo)
	rec.SetSeverityText("INFO")
	text := r.op.log
	if err != nil {
		rec.SetSeverity(log.SeverityError)
		rec.SetSeverityText("ERROR")
		text = "request failed: " + err.Error()
	}
	rec.SetBody(attribute.StringValue(fmt.Sprintf(`{"msg":%q,"method":%q,"route":%q,"status":%d,"duration_ms":%.1f,"user":%q}`,
		text, r.op.method, r.op.route, code, float64(took)/float64(time.Millisecond), r.user)))
	rec.AddAttributes(attribute.String("http.route", r.op.route), attribute.Int("http.response.status_code", code))
	r.in.logger.Emit(r.ctx, rec)

	r.in.duration.Record(r.ctx, took.Seconds(), metric.WithAttributes(
		attribute.String("http.request.method", r.op.method), attribute.String("http.route", r.op.route), attribute.Int("http.response.status_code", code)))
	if r.in.service.name == "checkout" && err == nil {
		r.in.orders.Add(r.ctx, 1)
	}
}
