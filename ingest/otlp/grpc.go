package otlp

import (
	"bytes"
	"context"
	"fmt"
	"math"
	"runtime/debug"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	_ "google.golang.org/grpc/encoding/gzip" // registers the compressor senders use most
	"google.golang.org/grpc/keepalive"
	"google.golang.org/grpc/status"

	"github.com/oriel-obs/oriel/internal/fair"
)

// GRPCOptions returns the options of a server that RegisterGRPC is called on:
// how large a request may be, how often senders may ping, and an account of
// the requests that gRPC itself refuses. It also makes the zstd and snappy
// compressors known to the gRPC library, so it must be called before any
// server or client of this process is in use.
func (rc *Receiver) GRPCOptions() []grpc.ServerOption {
	registerCompressors()
	return []grpc.ServerOption{
		grpc.MaxRecvMsgSize(int(min(rc.limits.MaxBodyBytes, math.MaxInt32))),
		grpc.KeepaliveEnforcementPolicy(keepalive.EnforcementPolicy{MinTime: 10 * time.Second, PermitWithoutStream: true}),
		grpc.StatsHandler(&refusals{rc: rc}),
	}
}

// RegisterGRPC adds the three OTLP services to s.
//
// It describes them itself rather than use pdata's registration: with that a
// request that does not decode is INTERNAL, where OTLP wants INVALID_ARGUMENT,
// and is never seen by the account.
func (rc *Receiver) RegisterGRPC(s grpc.ServiceRegistrar) {
	for _, sig := range rc.signals {
		s.RegisterService(&grpc.ServiceDesc{
			ServiceName: sig.service,
			HandlerType: (*any)(nil),
			Methods:     []grpc.MethodDesc{{MethodName: "Export", Handler: rc.exportGRPC(sig)}},
		}, rc)
	}
}

func (rc *Receiver) exportGRPC(sig *signal) grpc.MethodHandler {
	method := "/" + sig.service + "/Export"
	return func(_ any, ctx context.Context, decode func(any) error, intercept grpc.UnaryServerInterceptor) (reply any, err error) {
		// gRPC lets a panic end the process; net/http does not.
		defer func() {
			if v := recover(); v != nil {
				rc.log.ErrorContext(ctx, "handler panicked", "method", method, "panic", fmt.Sprint(v), "stack", string(debug.Stack()))
				err = status.Error(codes.Internal, "internal error")
			}
		}()
		if err := fair.Begin(ctx); err != nil {
			return nil, status.FromContextError(err).Err()
		}
		defer fair.End(ctx)
		in := &grpcRequest{sig: sig}
		if err := decode(in); err != nil {
			return nil, err
		}
		handle := func(ctx context.Context, _ any) (any, error) {
			out, err := rc.receive(ctx, protocolGRPC, sig, in.size, in.run, in.err)
			if err != nil {
				return nil, statusOf(err).Err()
			}
			reply, err := encodeReply(sig, out, false)
			if err != nil {
				return nil, err
			}
			return grpcReply(reply), nil
		}
		if intercept == nil {
			return handle(ctx, in)
		}
		return intercept(ctx, in, &grpc.UnaryServerInfo{Server: rc, FullMethod: method}, handle)
	}
}

// A grpcRequest is decoded by the codec that pdata registers for protobuf: it
// calls these methods of any message that has them, and recycles the bytes.
type grpcRequest struct {
	sig  *signal
	size int
	run  store
	err  error // kept for the handler, since gRPC would make it INTERNAL
}

// UnmarshalProto decodes b.
func (m *grpcRequest) UnmarshalProto(b []byte) error {
	m.size = len(b)
	if m.sig.keeps {
		b = bytes.Clone(b)
	}
	m.run, m.err = m.sig.decode(b, false)
	return nil
}

// SizeProto and MarshalProto complete what the codec asks for; requests are
// only read.
func (m *grpcRequest) SizeProto() int { return 0 }

// MarshalProto writes nothing.
func (m *grpcRequest) MarshalProto([]byte) int { return 0 }

// A grpcReply is an encoded response.
type grpcReply []byte

// SizeProto returns the number of bytes MarshalProto writes.
func (m grpcReply) SizeProto() int { return len(m) }

// MarshalProto copies the response to b.
func (m grpcReply) MarshalProto(b []byte) int { return copy(b, m) }

// UnmarshalProto completes what the codec asks for; replies are only written.
func (m grpcReply) UnmarshalProto([]byte) error { return nil }
