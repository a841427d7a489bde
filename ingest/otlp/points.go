package otlp

import (
	"context"
	"errors"
	"fmt"

	"github.com/prometheus/prometheus/storage/remote/otlptranslator/prometheusremotewrite"
	"go.opentelemetry.io/collector/pdata/pmetric"
	"go.opentelemetry.io/collector/pdata/pmetric/pmetricotlp"

	"github.com/oriel-obs/oriel/ingest"
)

func metricsSignal(rc *Receiver) *signal {
	return &signal{
		name:    "metrics",
		account: "metrics",
		service: "opentelemetry.proto.collector.metrics.v1.MetricsService",
		decode: func(body []byte, json bool) (store, error) {
			req, err := decode(pmetricotlp.NewExportRequest, metricsRequest, body, json)
			if err != nil {
				return nil, err
			}
			return func(ctx context.Context) (*outcome, error) { return rc.storePoints(ctx, req.Metrics()) }, nil
		},
		reply: func(rejected int64, message string, json bool) ([]byte, error) {
			resp := pmetricotlp.NewExportResponse()
			resp.PartialSuccess().SetRejectedDataPoints(rejected)
			resp.PartialSuccess().SetErrorMessage(message)
			if json {
				return resp.MarshalJSON()
			}
			return resp.MarshalProto()
		},
	}
}

// storePoints translates md and commits what can be stored in one transaction.
// Rows of the outcome are data points. md is used up.
func (rc *Receiver) storePoints(ctx context.Context, md pmetric.Metrics) (*outcome, error) {
	out := &outcome{}
	total := md.DataPointCount()
	sc := &screen{limits: rc.limits, trans: rc.trans, now: rc.now(), out: out, delta: pmetric.NewMetrics(), zero: zeroThresholds{}}
	sc.metrics(md)
	if md.DataPointCount()+sc.delta.DataPointCount() == 0 {
		return out, nil
	}
	err := rc.commit(ctx, sc, md)
	out.accepted = max(total-out.rejected(), 0)
	return out, err
}

func (rc *Receiver) commit(ctx context.Context, sc *screen, md pmetric.Metrics) (err error) {
	app := &appender{AppenderV2: rc.samples.AppenderV2(ctx), out: sc.out, metrics: rc.metrics, zero: sc.zero}
	settings := rc.trans.settings
	settings.DisableTargetInfo = sc.wide()
	err = rc.translate(ctx, app, md, settings)
	if err == nil && sc.delta.MetricCount() > 0 {
		// The sums must reach the store in the order in which they grew, so the
		// lock is held until they are there, or undone.
		app.delta = rc.deltas.begin(sc.now)
		defer func() { app.delta.end(err == nil) }()
		err = rc.translate(ctx, app, sc.delta, settings)
	}
	if err != nil {
		return errors.Join(retryable("append samples", err), app.Rollback())
	}
	if err = app.Commit(); err != nil {
		return retryable("commit samples", err) // which rolled back
	}
	return nil
}

// translate appends md's samples to app. It fails only if storage did: points
// that app refuses do not stop others, and the rest was screened out before.
func (rc *Receiver) translate(ctx context.Context, app *appender, md pmetric.Metrics, settings prometheusremotewrite.Settings) error {
	annots, err := prometheusremotewrite.NewPrometheusConverter(app).FromMetrics(ctx, md, settings)
	if app.err != nil {
		return app.err
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		app.out.refuse(ingest.ReasonTranslate, 1, "%v", err)
	}
	for category, n := range prometheusremotewrite.CountWarningsByCategory(annots) {
		rc.metrics.warnings.WithLabelValues(string(category)).Add(float64(n))
		app.out.warnings = append(app.out.warnings, fmt.Sprintf("warning: %d times %s", n, category))
	}
	return nil
}
