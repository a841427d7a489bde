package main

import (
	"context"
	"fmt"
	"log/slog"
	"runtime/debug"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// recoverCalls is httpx.Recover for gRPC, which would let a handler's panic end
// the process, on ports of HTTP too.
func recoverCalls(log *slog.Logger) []grpc.ServerOption {
	recovered := func(ctx context.Context, method string, err *error) {
		if v := recover(); v != nil {
			log.ErrorContext(ctx, "handler panicked", "method", method, "panic", fmt.Sprint(v), "stack", string(debug.Stack()))
			*err = status.Error(codes.Internal, "internal error")
		}
	}
	return []grpc.ServerOption{
		grpc.UnaryInterceptor(func(ctx context.Context, in any, info *grpc.UnaryServerInfo, handle grpc.UnaryHandler) (out any, err error) {
			defer recovered(ctx, info.FullMethod, &err)
			return handle(ctx, in)
		}),
		grpc.StreamInterceptor(func(srv any, s grpc.ServerStream, info *grpc.StreamServerInfo, handle grpc.StreamHandler) (err error) {
			defer recovered(s.Context(), info.FullMethod, &err)
			return handle(srv, s)
		}),
	}
}
