package httpx

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"strconv"
	"sync"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"
	"github.com/prometheus/client_golang/prometheus"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"
	"golang.org/x/time/rate"
)

// Recover answers 500 when a handler panics, and logs the stack: a panic is a
// bug of ours, and one request's bug must not end the others.
func Recover(log *slog.Logger) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			defer func() {
				v := recover()
				if v == nil {
					return
				}
				if err, ok := v.(error); ok && errors.Is(err, http.ErrAbortHandler) {
					panic(v) // net/http's own way to break off a response
				}
				log.ErrorContext(r.Context(), "handler panicked", "method", r.Method, "path", r.URL.Path, "panic", fmt.Sprint(v), "stack", string(debug.Stack()))
				http.Error(w, "internal error", http.StatusInternalServerError)
			}()
			next.ServeHTTP(w, r)
		})
	}
}

// slowRequest is the duration from which a request is logged.
const slowRequest = 5 * time.Second

// complaintInterval is the least time between two log lines about one route: a
// full disk fails thousands of requests a second, and all are counted.
const complaintInterval = 10 * time.Second

// Observe counts and times requests by route, makes a span of each, and logs
// now and then one that was slow or failed by our fault. Put it on a chi.Router: the
// route's pattern is known only there.
func Observe(log *slog.Logger, reg prometheus.Registerer, tracer trace.Tracer) func(http.Handler) http.Handler {
	duration := prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name:    "oriel_http_request_duration_seconds",
		Help:    "Time to answer HTTP requests, by route.",
		Buckets: []float64{.001, .005, .025, .1, .5, 2.5, 10, 60},
	}, []string{"route", "method", "code"})
	inFlight := prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "oriel_http_requests_in_flight",
		Help: "HTTP requests being answered now.",
	})
	reg.MustRegister(duration, inFlight)
	w3c := propagation.TraceContext{}
	var complaints sync.Map // by route, *rate.Sometimes

	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			inFlight.Inc()
			defer inFlight.Dec()
			start := time.Now()
			ctx := w3c.Extract(r.Context(), propagation.HeaderCarrier(r.Header))
			ctx, span := tracer.Start(ctx, r.Method, trace.WithSpanKind(trace.SpanKindServer),
				trace.WithAttributes(attribute.String("http.request.method", r.Method), attribute.String("url.path", r.URL.Path)))
			defer span.End()
			ww := middleware.NewWrapResponseWriter(w, r.ProtoMajor)
			r = r.WithContext(ctx)
			next.ServeHTTP(ww, r)

			status := ww.Status()
			if status == 0 {
				status = http.StatusOK
			}
			route := "unknown"
			if rc := chi.RouteContext(r.Context()); rc != nil && rc.RoutePattern() != "" {
				route = rc.RoutePattern()
			}
			took := time.Since(start)
			duration.WithLabelValues(route, method(r.Method), strconv.Itoa(status)).Observe(took.Seconds())
			span.SetName(r.Method + " " + route)
			span.SetAttributes(attribute.String("http.route", route), attribute.Int("http.response.status_code", status))
			if status >= http.StatusInternalServerError {
				span.SetStatus(codes.Error, http.StatusText(status))
			}
			if status >= http.StatusInternalServerError || took > slowRequest {
				once, _ := complaints.LoadOrStore(route, &rate.Sometimes{Interval: complaintInterval})
				once.(*rate.Sometimes).Do(func() {
					log.WarnContext(ctx, "request failed or was slow", "method", r.Method, "route", route, "status", status, "duration", took, "bytes", ww.BytesWritten())
				})
			}
		})
	}
}

// method keeps a client's inventions out of label values.
func method(m string) string {
	switch m {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions:
		return m
	}
	return "other"
}
