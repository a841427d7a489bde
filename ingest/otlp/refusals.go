package otlp

import (
	"context"
	"strings"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/stats"
	"google.golang.org/grpc/status"

	"github.com/oriel-obs/oriel/ingest"
)

// refusals counts the requests that gRPC refuses before a handler sees them:
// too large, compressed in a way that is not offered, or not decompressible.
type refusals struct{ rc *Receiver }

type signalKey struct{}

// TagRPC implements stats.Handler.
func (h *refusals) TagRPC(ctx context.Context, info *stats.RPCTagInfo) context.Context {
	for _, sig := range h.rc.signals {
		if strings.HasPrefix(info.FullMethodName[min(1, len(info.FullMethodName)):], sig.service+"/") {
			// The only way that gRPC offers to tell HandleRPC the method.
			return context.WithValue(ctx, signalKey{}, sig)
		}
	}
	return ctx
}

// HandleRPC implements stats.Handler.
func (h *refusals) HandleRPC(ctx context.Context, s stats.RPCStats) {
	end, ok := s.(*stats.End)
	if !ok || end.Error == nil {
		return
	}
	sig, ok := ctx.Value(signalKey{}).(*signal)
	if !ok {
		return
	}
	st := status.Convert(end.Error)
	reason := ""
	switch {
	case !strings.HasPrefix(st.Message(), "grpc: "):
		return // the handler's, and counted there
	case st.Code() == codes.ResourceExhausted:
		reason = ingest.ReasonTooLarge
	case st.Code() == codes.Unimplemented:
		reason = ingest.ReasonMediaType
	default:
		reason = ingest.ReasonMalformed
	}
	h.rc.account.Reject(ctx, protocolGRPC, sig.account, reason, 1, st.Message())
}

// TagConn implements stats.Handler.
func (h *refusals) TagConn(ctx context.Context, _ *stats.ConnTagInfo) context.Context { return ctx }

// HandleConn implements stats.Handler.
func (h *refusals) HandleConn(context.Context, stats.ConnStats) {}
