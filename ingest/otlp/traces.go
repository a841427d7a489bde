package otlp

import (
	"context"
	"time"

	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.opentelemetry.io/collector/pdata/ptrace/ptraceotlp"

	"github.com/oriel-obs/oriel/ingest"
	"github.com/oriel-obs/oriel/ingest/otelmodel"
	"github.com/oriel-obs/oriel/model"
)

func tracesSignal(rc *Receiver) *signal {
	return &signal{
		name:    "traces",
		account: model.Spans.String(),
		service: "opentelemetry.proto.collector.trace.v1.TraceService",
		decode: func(body []byte, json bool) (store, error) {
			req, err := decode(ptraceotlp.NewExportRequest, tracesRequest, body, json)
			if err != nil {
				return nil, err
			}
			return func(ctx context.Context) (*outcome, error) { return rc.storeSpans(ctx, req.Traces()) }, nil
		},
		reply: func(rejected int64, message string, json bool) ([]byte, error) {
			resp := ptraceotlp.NewExportResponse()
			resp.PartialSuccess().SetRejectedSpans(rejected)
			resp.PartialSuccess().SetErrorMessage(message)
			if json {
				return resp.MarshalJSON()
			}
			return resp.MarshalProto()
		},
	}
}

func (rc *Receiver) storeSpans(ctx context.Context, td ptrace.Traces) (*outcome, error) {
	b, out := rc.spanBatch(td)
	if b.Len() == 0 {
		return out, nil
	}
	out.accepted = b.Len()
	if err := rc.events.Append(ctx, b); err != nil {
		return out, retryable("append spans", err)
	}
	return out, nil
}

func (rc *Receiver) spanBatch(td ptrace.Traces) (*model.Batch, *outcome) {
	b, refused := otelmodel.Spans(td, rc.limits, rc.now())
	return b, &outcome{refused: refused}
}

// DecodeSpans reads spans in OTLP's JSON, for someone to see and not to store:
// no limits apply but those of the format.
func DecodeSpans(body []byte) (*model.Batch, error) { return decodeSpans(body, true) }

// DecodeSpansProto is DecodeSpans for protobuf.
func DecodeSpansProto(body []byte) (*model.Batch, error) { return decodeSpans(body, false) }

func decodeSpans(body []byte, json bool) (*model.Batch, error) {
	req, err := decode(ptraceotlp.NewExportRequest, tracesRequest, body, json)
	if err != nil {
		return nil, err
	}
	b, _ := otelmodel.Spans(req.Traces(), ingest.Limits{}, time.Now())
	return b, nil
}
