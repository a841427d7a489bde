package main

import (
	"context"
	"errors"
	"io"
	"net/http"
	"time"

	"google.golang.org/grpc/stats"

	"github.com/oriel-obs/oriel/internal/pressure"
)

// Who sends takes memory until all of it has come: many that stall shortly before
// the end would take all there is. What comes is not waited for any longer then;
// what has come is stored, for half of it would be stored twice.

// A comingBody is read until its context ends for lack of memory.
type comingBody struct {
	io.ReadCloser
	ctx  context.Context
	come func()
}

// coming has r's body come in ctx, and returns what ends that. come is called
// once it is there.
func coming(ctx context.Context, w http.ResponseWriter, r *http.Request, come func()) (end func()) {
	conn := http.NewResponseController(w)
	stop := context.AfterFunc(ctx, func() {
		if forMemory(ctx) {
			_ = conn.SetReadDeadline(time.Now()) // what cannot waits for the next piece
		}
	})
	end = func() { stop(); come() }
	r.Body = &comingBody{r.Body, ctx, end}
	return end
}

func forMemory(ctx context.Context) bool { return errors.Is(context.Cause(ctx), pressure.ErrMemory) }

// Read implements io.Reader.
func (b *comingBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	switch {
	case err == io.EOF:
		b.come()
	case forMemory(b.ctx):
		return n, pressure.ErrMemory
	}
	return n, err
}

// letCome has a call's message come, until cameIn sees it.
func (a *app) letCome(ctx context.Context) context.Context {
	ctx, come := a.memory.BearComing(ctx)
	context.AfterFunc(ctx, come)
	return context.WithValue(ctx, cameKey{}, come)
}

type cameKey struct{}

// cameIn is told by gRPC of messages that have come.
type cameIn struct{}

// HandleRPC implements stats.Handler.
func (cameIn) HandleRPC(ctx context.Context, s stats.RPCStats) {
	if come, ok := ctx.Value(cameKey{}).(func()); ok {
		if _, is := s.(*stats.InPayload); is {
			come()
		}
	}
}

// TagRPC implements stats.Handler.
func (cameIn) TagRPC(ctx context.Context, _ *stats.RPCTagInfo) context.Context { return ctx }

// TagConn implements stats.Handler.
func (cameIn) TagConn(ctx context.Context, _ *stats.ConnTagInfo) context.Context { return ctx }

// HandleConn implements stats.Handler.
func (cameIn) HandleConn(context.Context, stats.ConnStats) {}
