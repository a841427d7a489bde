package otlp

import (
	"context"
	"errors"

	"go.opentelemetry.io/collector/pdata/pmetric"
	"go.opentelemetry.io/collector/pdata/pmetric/pmetricotlp"
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
// Rows of the outcome are data points.
func (rc *Receiver) storePoints(ctx context.Context, md pmetric.Metrics) (*outcome, error) {
	out := &outcome{}
	total := md.DataPointCount()
	err := rc.commit(ctx, md, out)
	out.accepted = max(total-out.rejected(), 0)
	return out, err
}

func (rc *Receiver) commit(ctx context.Context, md pmetric.Metrics, out *outcome) (err error) {
	now := rc.now()
	app := &appender{AppenderV2: rc.samples.AppenderV2(ctx), ctx: ctx, now: now, out: out, metrics: rc.metrics, deltas: rc.deltas.of(ctx)}
	defer func() { app.end(err == nil) }()
	t := rc.translators.Get().(*translator)
	defer rc.translators.Put(t)
	t.reset(app, out, now)
	defer t.release()
	if err = t.metrics(ctx, md); err != nil {
		return errors.Join(retryable("append samples", err), app.Rollback())
	}
	if err = app.Commit(); err != nil {
		return retryable("commit samples", err) // which rolled back
	}
	if app.tx != nil {
		t.warnings[warnDeltaGap] += app.tx.gaps
		t.warnings[warnDeltaOverlap] += app.tx.overlaps
	}
	for category, n := range t.warnings {
		rc.metrics.warnings.WithLabelValues(category).Add(float64(n))
	}
	return nil
}
