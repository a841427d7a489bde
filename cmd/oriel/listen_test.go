package main

import (
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/health"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
)

func TestARequestInFlightIsAnsweredAtShutdown(t *testing.T) {
	l, err := listen("127.0.0.1:0", "--listen")
	require.NoError(t, err)
	arrived, finish := make(chan struct{}), make(chan struct{})
	s := startHTTP("test", l, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		close(arrived)
		<-finish
		_, _ = io.WriteString(w, "done")
	}), "", slog.New(slog.DiscardHandler))
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() { ended <- s.component().Run(ctx) }()

	answer := make(chan string)
	go func() {
		body, err := get("http://" + l.Addr().String())
		if err != nil {
			body = err.Error()
		}
		answer <- body
	}()
	<-arrived
	cancel()
	// New connections are refused from some moment on; the old one is served.
	require.NoError(t, await(func() error {
		c, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			return nil
		}
		c.Close()
		return io.ErrNoProgress
	}))
	close(finish)
	require.Equal(t, "done", <-answer)
	require.NoError(t, <-ended)
}

func TestACallInFlightIsAnsweredAtShutdown(t *testing.T) {
	l, err := listen("127.0.0.1:0", "--otlp-grpc-listen")
	require.NoError(t, err)
	arrived, finish := make(chan struct{}), make(chan struct{})
	srv := grpc.NewServer(grpc.UnaryInterceptor(func(ctx context.Context, req any, _ *grpc.UnaryServerInfo, h grpc.UnaryHandler) (any, error) {
		close(arrived)
		<-finish
		return h(ctx, req)
	}))
	healthpb.RegisterHealthServer(srv, health.NewServer())
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() { ended <- grpcListener("test", l, srv).Run(ctx) }()

	conn, err := grpc.NewClient(l.Addr().String(), grpc.WithTransportCredentials(insecure.NewCredentials()))
	require.NoError(t, err)
	defer conn.Close()
	answer := make(chan error)
	go func() {
		_, err := healthpb.NewHealthClient(conn).Check(t.Context(), &healthpb.HealthCheckRequest{})
		answer <- err
	}()
	<-arrived
	cancel()
	close(finish)
	require.NoError(t, <-answer)
	require.NoError(t, <-ended)
}

func TestAServerMayEndBeforeItHasBegun(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	srv := grpc.NewServer()
	srv.Stop() // Serve comes after it, as when a goroutine is late
	require.NoError(t, grpcListener("test", l, srv).Run(ctx))
}

func TestAddressFaultsNameTheFlag(t *testing.T) {
	_, err := listen("nonsense", "--listen")
	require.ErrorContains(t, err, "--listen: ")
	l, err := listen("127.0.0.1:0", "--listen")
	require.NoError(t, err)
	defer l.Close()
	_, err = listen(l.Addr().String(), "--otlp-grpc-listen")
	require.ErrorContains(t, err, "--otlp-grpc-listen: another program listens on "+l.Addr().String())
}

func TestLoopbackAddressesAreToldFromOthers(t *testing.T) {
	for addr, want := range map[string]bool{
		"127.0.0.1:4319": true, "[::1]:4319": true, "localhost:1": true, "127.9.9.9:1": true,
		"0.0.0.0:4319": false, "[::]:4319": false, "10.0.0.1:1": false, ":4319": false, "example.org:1": false,
	} {
		require.Equal(t, want, loopbackOnly(addr), addr)
	}
}
