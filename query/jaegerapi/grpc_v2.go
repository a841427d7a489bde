package jaegerapi

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"time"

	translator "github.com/open-telemetry/opentelemetry-collector-contrib/pkg/translator/jaeger"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protowire"

	"github.com/oriel-obs/oriel/internal/fault"
	"github.com/oriel-obs/oriel/internal/rawgrpc"
	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/query/traceql"
)

// QueryServiceV2 is the gRPC service of version 2, which Jaeger's page and its
// older clients ask. Its messages are those of api_v2/query.proto.
const QueryServiceV2 = "jaeger.api_v2.QueryService"

// chunkBytes is about how large a message of spans gets: clients take 4 MiB.
const chunkBytes = 1 << 20

// RegisterGRPCV2 adds the service to s, which must use rawgrpc.Codec.
func (h *Handler) RegisterGRPCV2(s *grpc.Server) {
	s.RegisterService(&grpc.ServiceDesc{
		ServiceName: QueryServiceV2, HandlerType: (*any)(nil),
		Methods: []grpc.MethodDesc{
			rawgrpc.Unary(QueryServiceV2, "GetServices", h.grpcServices),
			rawgrpc.Unary(QueryServiceV2, "GetOperations", h.grpcOperationsV2),
			rawgrpc.Unary(QueryServiceV2, "GetDependencies", h.grpcDependencies),
			rawgrpc.Unary(QueryServiceV2, "ArchiveTrace", h.grpcArchiveV2),
		},
		Streams: []grpc.StreamDesc{
			rawgrpc.Stream("GetTrace", h.grpcTraceV2),
			rawgrpc.Stream("FindTraces", h.grpcFindV2),
		},
	}, h)
}

// grpcArchiveV2 answers with an empty ArchiveTraceResponse.
func (h *Handler) grpcArchiveV2(ctx context.Context, in rawgrpc.Frame) (rawgrpc.Frame, error) {
	v, err := values(in, map[protowire.Number]string{1: "id"})
	if err != nil {
		return nil, err
	}
	id, err := traceIDV2(v)
	if err != nil {
		return nil, err
	}
	err = h.keep(ctx, id)
	if errors.Is(err, fault.ErrNotFound) {
		err = status.Error(codes.NotFound, "trace not found")
	}
	return nil, err
}

func traceIDV2(v url.Values) (id model.TraceID, err error) {
	if copy(id[:], v.Get("id")) != len(id) || len(v.Get("id")) != len(id) {
		err = invalidf("invalid trace ID of %d bytes", len(v.Get("id")))
	}
	return id, err
}

// grpcOperationsV2 answers with the names alone, and with names and kinds.
func (h *Handler) grpcOperationsV2(ctx context.Context, in rawgrpc.Frame) (out rawgrpc.Frame, err error) {
	v, err := values(in, map[protowire.Number]string{1: "service", 2: "spanKind"})
	if err != nil {
		return nil, err
	}
	if v.Get("service") == "" {
		return nil, errNoService
	}
	ops, err := h.listOperations(ctx, v.Get("service"), v.Get("spanKind"))
	for i, o := range ops {
		if i == 0 || ops[i-1].Name != o.Name {
			out = appendText(out, 1, o.Name)
		}
		out = appendPart(out, 2, appendText(appendText(nil, 1, o.Name), 2, o.SpanKind))
	}
	return out, err
}

func (h *Handler) grpcTraceV2(ctx context.Context, in rawgrpc.Frame, send func(rawgrpc.Frame) error) error {
	v, err := values(in, map[protowire.Number]string{1: "id", 2: "startTime time", 3: "endTime time"})
	if err != nil {
		return err
	}
	id, err := traceIDV2(v)
	if err != nil {
		return err
	}
	r, err := rangeV3(v)
	if err != nil {
		return err
	}
	t, err := h.whole(ctx, id, r)
	if errors.Is(err, fault.ErrNotFound) {
		return status.Error(codes.NotFound, "trace not found")
	}
	if err != nil {
		return err
	}
	return sendTraceV2(t, send)
}

// grpcFindV2 takes version 3's search, whose fields have the same numbers; its
// times may be left out.
func (h *Handler) grpcFindV2(ctx context.Context, in rawgrpc.Frame, send func(rawgrpc.Frame) error) error {
	q, err := h.grpcSearch(in, func(v url.Values) {
		now := h.now()
		if v.Get("query.startTimeMin") == "" {
			v.Set("query.startTimeMin", now.Add(-defaultLookback).Format(time.RFC3339Nano))
		}
		if v.Get("query.startTimeMax") == "" {
			v.Set("query.startTimeMax", now.Format(time.RFC3339Nano))
		}
	})
	if err != nil {
		return err
	}
	found, _, err := h.find(ctx, q)
	if err != nil {
		return err
	}
	for _, t := range found {
		if err := sendTraceV2(t, send); err != nil {
			return err
		}
	}
	return nil
}

// sendTraceV2 sends a trace in as many messages as its size takes.
func sendTraceV2(t *traceql.Trace, send func(rawgrpc.Frame) error) error {
	td, err := pdataOf(t)
	if err != nil {
		return err
	}
	var chunk rawgrpc.Frame
	for _, batch := range translator.ProtoFromTraces(td) {
		for _, s := range batch.Spans {
			s.Process = batch.Process
			b, err := s.Marshal()
			if err != nil {
				return fmt.Errorf("encode trace: %w", err)
			}
			if len(chunk) > 0 && len(chunk)+len(b) > chunkBytes {
				if err := send(chunk); err != nil {
					return err
				}
				chunk = nil
			}
			chunk = appendPart(chunk, 1, b)
		}
	}
	return send(chunk)
}
