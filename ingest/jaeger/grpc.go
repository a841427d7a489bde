package jaeger

import (
	"context"
	"fmt"
	"math"

	jaegermodel "github.com/jaegertracing/jaeger-idl/model/v1"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/encoding/protowire"

	"github.com/oriel-obs/oriel/internal/fair"
	"github.com/oriel-obs/oriel/internal/fault"
	"github.com/oriel-obs/oriel/internal/rawgrpc"
)

// GRPCOptions are those that a server of the collector needs.
func (rc *Receiver) GRPCOptions() []grpc.ServerOption {
	return []grpc.ServerOption{
		grpc.ForceServerCodecV2(rawgrpc.Codec{}),
		grpc.MaxRecvMsgSize(int(min(rc.grpc.Limits.MaxBodyBytes, math.MaxInt32))),
	}
}

// RegisterGRPC adds jaeger.api_v2's CollectorService and SamplingManager to s,
// which was made with GRPCOptions.
func (rc *Receiver) RegisterGRPC(s *grpc.Server) {
	const collector, manager = "jaeger.api_v2.CollectorService", "jaeger.api_v2.SamplingManager"
	s.RegisterService(&grpc.ServiceDesc{
		ServiceName: collector, HandlerType: (*any)(nil),
		Methods: []grpc.MethodDesc{rawgrpc.Unary(collector, "PostSpans", rc.postSpans)},
	}, rc)
	s.RegisterService(&grpc.ServiceDesc{
		ServiceName: manager, HandlerType: (*any)(nil),
		Methods: []grpc.MethodDesc{rawgrpc.Unary(manager, "GetSamplingStrategy", samplingStrategy)},
	}, rc)
}

// postSpans takes a PostSpansRequest, whose field 1 is a Batch. The answer has
// no fields.
func (rc *Receiver) postSpans(ctx context.Context, in rawgrpc.Frame) (rawgrpc.Frame, error) {
	if err := fair.Begin(ctx); err != nil {
		return nil, fmt.Errorf("wait for a turn: %w", err)
	}
	defer fair.End(ctx)
	sent, err := decodePostSpans(in)
	if err != nil {
		return nil, rc.grpc.Refuse(ctx, err)
	}
	b := newBatch(rc.grpc)
	if err := b.addProto(sent, len(in)); err != nil {
		return nil, rc.grpc.Refuse(ctx, err)
	}
	return nil, b.store(ctx, rc.grpc)
}

func decodePostSpans(in []byte) (*jaegermodel.Batch, error) {
	b := &jaegermodel.Batch{}
	for len(in) > 0 {
		num, typ, n := protowire.ConsumeField(in)
		if n < 0 {
			return nil, fmt.Errorf("decode PostSpansRequest: %w: %w", protowire.ParseError(n), fault.ErrInvalid)
		}
		if num == 1 && typ == protowire.BytesType {
			_, _, tag := protowire.ConsumeTag(in)
			v, _ := protowire.ConsumeBytes(in[tag:])
			if err := b.Unmarshal(v); err != nil {
				return nil, fmt.Errorf("decode batch: %w: %w", err, fault.ErrInvalid)
			}
		}
		in = in[n:]
	}
	return b, nil
}

// samplingStrategy answers with a SamplingStrategyResponse of probability 1:
// field 2 is the strategy, whose field 1 is the rate. The type in field 1 is
// PROBABILISTIC, which is 0 and so left out.
func samplingStrategy(context.Context, rawgrpc.Frame) (rawgrpc.Frame, error) {
	rate := protowire.AppendFixed64(protowire.AppendTag(nil, 1, protowire.Fixed64Type), math.Float64bits(1))
	return protowire.AppendBytes(protowire.AppendTag(nil, 2, protowire.BytesType), rate), nil
}
