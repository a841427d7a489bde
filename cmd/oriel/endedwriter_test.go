package main

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/go-chi/chi/v5"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"

	"github.com/oriel-obs/oriel/internal/pressure"
	"github.com/oriel-obs/oriel/internal/rawgrpc"
)

// calls serves a method that sends n messages and then does what then says, on a
// port of HTTP, to calls whose context end ends.
func calls(t *testing.T, n int, end func(context.CancelCauseFunc), then func(context.Context) error) *grpc.ClientConn {
	t.Helper()
	r := chi.NewRouter()
	r.Use(func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			ctx, cancel := context.WithCancelCause(r.Context())
			defer cancel(nil)
			r = r.WithContext(context.WithValue(ctx, endKey{}, func() { end(cancel) }))
			ended := &endedWriter{ResponseWriter: w, ctx: ctx}
			defer ended.tell(r)
			next.ServeHTTP(ended, r)
		})
	})
	mountGRPC(r, recoverCalls(slog.New(slog.DiscardHandler)), map[string]func(*grpc.Server){"test.Numbers": func(s *grpc.Server) {
		s.RegisterService(&grpc.ServiceDesc{ServiceName: "test.Numbers", HandlerType: (*any)(nil), Streams: []grpc.StreamDesc{
			rawgrpc.Stream("Count", func(ctx context.Context, _ rawgrpc.Frame, send func(rawgrpc.Frame) error) error {
				for range n {
					if err := send(rawgrpc.Frame("x")); err != nil {
						return err
					}
				}
				return then(ctx)
			}),
		}}, nil)
	}})
	srv := httptest.NewUnstartedServer(r)
	srv.Config.Protocols = protocols("")
	srv.Start()
	t.Cleanup(srv.Close)
	conn, err := grpc.NewClient(srv.Listener.Addr().String(), grpc.WithTransportCredentials(insecure.NewCredentials()), grpc.WithDefaultCallOptions(grpc.ForceCodecV2(rawgrpc.Codec{})))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, conn.Close()) })
	return conn
}

type endKey struct{}

// count calls the method, and returns how many messages came before what error.
func count(t *testing.T, conn *grpc.ClientConn) (n int, err error) {
	t.Helper()
	s, err := conn.NewStream(t.Context(), &grpc.StreamDesc{ServerStreams: true}, "/test.Numbers/Count")
	require.NoError(t, err)
	require.NoError(t, s.SendMsg(&rawgrpc.Frame{}))
	require.NoError(t, s.CloseSend())
	for ; ; n++ {
		if err := s.RecvMsg(new(rawgrpc.Frame)); err != nil {
			return n, err
		}
	}
}

func TestACallThatIsEndedForMemoryIsToldSo(t *testing.T) {
	for name, n := range map[string]int{"before its answer": 0, "in the midst of it": 2} {
		t.Run(name, func(t *testing.T) {
			conn := calls(t, n, func(cancel context.CancelCauseFunc) { cancel(pressure.ErrMemory) }, func(ctx context.Context) error {
				ctx.Value(endKey{}).(func())()
				<-ctx.Done()
				return ctx.Err()
			})
			got, err := count(t, conn)
			require.Equal(t, n, got)
			require.Equal(t, codes.ResourceExhausted, status.Code(err), err)
			require.ErrorContains(t, err, "memory is nearly used up")
		})
	}
}

func TestACallThatIsNotEndedForMemoryIsLeftAlone(t *testing.T) {
	stays := func(context.CancelCauseFunc) {}
	got, err := count(t, calls(t, 3, stays, func(context.Context) error { return errors.New("broken") }))
	require.Equal(t, 3, got)
	require.Equal(t, codes.Internal, status.Code(err), err)
	require.ErrorContains(t, err, "broken")
}

func TestACallThatPanicsHarmsNobodyElse(t *testing.T) {
	conn := calls(t, 1, func(context.CancelCauseFunc) {}, func(context.Context) error { panic("on purpose") })
	for range 2 {
		_, err := count(t, conn)
		require.Equal(t, codes.Internal, status.Code(err), err)
		require.NotContains(t, err.Error(), "on purpose")
	}
}
