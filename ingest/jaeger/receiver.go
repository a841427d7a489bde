package jaeger

import (
	"context"
	"fmt"
	"slices"

	jaegermodel "github.com/jaegertracing/jaeger-idl/model/v1"
	thriftjaeger "github.com/jaegertracing/jaeger-idl/thrift-gen/jaeger"
	translator "github.com/open-telemetry/opentelemetry-collector-contrib/pkg/translator/jaeger"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/oriel-obs/oriel/ingest"
	"github.com/oriel-obs/oriel/ingest/otelmodel"
	"github.com/oriel-obs/oriel/internal/fault"
)

// A Receiver takes batches of spans to the store. It is safe for concurrent
// use.
type Receiver struct {
	http, grpc, agent *otelmodel.Sink
}

// New returns a Receiver that appends to o.Events.
func New(o otelmodel.Options) *Receiver {
	return &Receiver{
		http:  otelmodel.NewSink("jaeger_http", o),
		grpc:  otelmodel.NewSink("jaeger_grpc", o),
		agent: otelmodel.NewSink("jaeger_agent", o),
	}
}

// A batch is what came in one request or packet, or several.
type batch struct {
	limits  ingest.Limits
	traces  ptrace.Traces
	refused otelmodel.Refusals
	size    int
}

func newBatch(sink *otelmodel.Sink) *batch {
	return &batch{limits: sink.Limits, traces: ptrace.NewTraces()}
}

// store stores what it can of b. Refusals are counted, and no error.
func (b *batch) store(ctx context.Context, sink *otelmodel.Sink) error {
	_, _, err := sink.Store(ctx, b.traces, b.refused, b.size)
	return err
}

// crowded reports whether n tags are too many, and counts the spans as refused
// then. It is asked before the translator, whose work grows with the square of
// the number.
func (b *batch) crowded(n, spans int) bool {
	if b.limits.MaxAttrs == 0 || n <= b.limits.MaxAttrs {
		return false
	}
	b.refused.Add(ingest.ReasonLabels, spans, "span, log or process has %d tags, limit %d", n, b.limits.MaxAttrs)
	return true
}

// addThrift adds the spans of j, which was decoded from size bytes.
func (b *batch) addThrift(j *thriftjaeger.Batch, size int) error {
	b.size += size
	if b.crowded(len(j.GetProcess().GetTags()), len(j.Spans)) {
		return nil
	}
	j.Spans = slices.DeleteFunc(j.Spans, func(s *thriftjaeger.Span) bool {
		most := len(s.Tags)
		for _, l := range s.Logs {
			most = max(most, len(l.Fields))
		}
		return b.crowded(most, 1)
	})
	return b.move(translator.ThriftToTraces(j))
}

// addProto adds the spans of j, which was decoded from size bytes.
func (b *batch) addProto(j *jaegermodel.Batch, size int) error {
	b.size += size
	if b.crowded(len(j.GetProcess().GetTags()), len(j.Spans)) {
		return nil
	}
	j.Spans = slices.DeleteFunc(j.Spans, func(s *jaegermodel.Span) bool {
		most := max(len(s.Tags), len(s.GetProcess().GetTags()))
		for _, l := range s.Logs {
			most = max(most, len(l.Fields))
		}
		return b.crowded(most, 1)
	})
	return b.move(translator.ProtoToTraces([]*jaegermodel.Batch{j}))
}

// move takes what the translator returned.
func (b *batch) move(td ptrace.Traces, err error) error {
	if err != nil {
		return fmt.Errorf("translate spans: %w: %w", err, fault.ErrInvalid)
	}
	td.ResourceSpans().MoveAndAppendTo(b.traces.ResourceSpans())
	return nil
}
