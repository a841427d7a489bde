// Package rawgrpc serves gRPC methods whose messages are bytes to it: a
// handler decodes and encodes them itself. So a protocol with few and small
// messages needs no generated code, and one whose generated code is of another
// protobuf library can use that.
package rawgrpc

import (
	"context"
	"errors"
	"fmt"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/mem"
	"google.golang.org/grpc/status"

	"github.com/oriel-obs/oriel/internal/fault"
)

// A Frame is one message, in protobuf's wire format.
type Frame []byte

// Codec passes *Frame through. A server needs it as grpc.ForceServerCodecV2,
// a client as grpc.ForceCodecV2.
type Codec struct{}

// Name is that of the content type: the bytes are protobuf.
func (Codec) Name() string { return "proto" }

// Marshal implements encoding.CodecV2.
func (Codec) Marshal(v any) (mem.BufferSlice, error) {
	f, ok := v.(*Frame)
	if !ok {
		return nil, fmt.Errorf("encode %T: not a frame", v)
	}
	return mem.BufferSlice{mem.SliceBuffer(*f)}, nil
}

// Unmarshal implements encoding.CodecV2.
func (Codec) Unmarshal(data mem.BufferSlice, v any) error {
	f, ok := v.(*Frame)
	if !ok {
		return fmt.Errorf("decode into %T: not a frame", v)
	}
	*f = data.Materialize() // a copy, which is the handler's
	return nil
}

// Unary describes a method that answers one message with one.
func Unary(service, name string, f func(ctx context.Context, in Frame) (Frame, error)) grpc.MethodDesc {
	return grpc.MethodDesc{MethodName: name, Handler: func(_ any, ctx context.Context, decode func(any) error, intercept grpc.UnaryServerInterceptor) (any, error) {
		var in Frame
		if err := decode(&in); err != nil {
			return nil, err
		}
		call := func(ctx context.Context, in any) (any, error) {
			out, err := f(ctx, *in.(*Frame))
			if err != nil {
				return nil, Status(why(ctx, err))
			}
			return &out, nil
		}
		if intercept == nil {
			return call(ctx, &in)
		}
		return intercept(ctx, &in, &grpc.UnaryServerInfo{FullMethod: "/" + service + "/" + name}, call)
	}}
}

// Stream describes a method that answers one message with any number.
func Stream(name string, f func(ctx context.Context, in Frame, send func(Frame) error) error) grpc.StreamDesc {
	return grpc.StreamDesc{StreamName: name, ServerStreams: true, Handler: func(_ any, s grpc.ServerStream) error {
		var in Frame
		if err := s.RecvMsg(&in); err != nil {
			return err
		}
		return Status(why(s.Context(), f(s.Context(), in, func(out Frame) error { return s.SendMsg(&out) })))
	}}
}

// why adds to the error of a call that was ended what ended it.
func why(ctx context.Context, err error) error {
	if cause := context.Cause(ctx); err != nil && cause != nil {
		return fmt.Errorf("%w: %w", cause, err)
	}
	return err
}

// Status turns an error into gRPC's: the kinds of package fault become codes.
// An error that is one already stays as it is.
func Status(err error) error {
	if err == nil {
		return nil
	}
	if _, ok := status.FromError(err); ok {
		return err
	}
	return status.Error(code(err), err.Error())
}

func code(err error) codes.Code {
	for _, k := range []struct {
		kind error
		code codes.Code
	}{
		{fault.ErrInvalid, codes.InvalidArgument},
		{fault.ErrNotFound, codes.NotFound},
		{fault.ErrTooLarge, codes.ResourceExhausted},
		{fault.ErrUnsupported, codes.Unimplemented},
		{fault.ErrUnprocessable, codes.InvalidArgument},
		{fault.ErrUnauthenticated, codes.Unauthenticated},
		{fault.ErrForbidden, codes.PermissionDenied},
		{fault.ErrConflict, codes.Aborted},
		{fault.ErrOverloaded, codes.ResourceExhausted},
		{fault.ErrUnavailable, codes.Unavailable},
		{fault.ErrTimeout, codes.DeadlineExceeded},
		{fault.ErrLimit, codes.ResourceExhausted},
		{context.Canceled, codes.Canceled},
		{context.DeadlineExceeded, codes.DeadlineExceeded},
	} {
		if errors.Is(err, k.kind) {
			return k.code
		}
	}
	return codes.Internal
}
