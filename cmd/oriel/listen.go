package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"syscall"
	"time"

	"github.com/prometheus/exporter-toolkit/web"
	"go.yaml.in/yaml/v3"
	"google.golang.org/grpc"

	"github.com/oriel-obs/oriel/internal/lifecycle"
)

// drainTimeout bounds how long requests in flight may take at shutdown.
const drainTimeout = 15 * time.Second

// listen opens addr. flag is what the operator would change.
func listen(addr, flag string) (net.Listener, error) {
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, listenError(err, flag)
	}
	return l, nil
}

// listenError says what an operator can do about err, which is of listening on
// what flag says.
func listenError(err error, flag string) error {
	var op *net.OpError
	addr := "its address"
	if errors.As(err, &op) && op.Addr != nil {
		addr = op.Addr.String()
	}
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return fmt.Errorf("%s: another program listens on %s; stop it or choose another address", flag, addr)
	case errors.Is(err, syscall.EACCES):
		return fmt.Errorf("%s: no permission to listen on %s; choose a port above 1023", flag, addr)
	}
	return &usageError{fmt.Errorf("%s: %w", flag, err)}
}

// maxHeaderBytes bounds the headers of a request, on every port.
const maxHeaderBytes = 256 << 10

// An httpServer serves one listener from its start until it is stopped.
type httpServer struct {
	name   string
	srv    *http.Server
	served chan error
}

// startHTTP begins to serve h on l. webConfigFile, if not empty, is
// exporter-toolkit's file for TLS and basic authentication.
func startHTTP(name string, l net.Listener, h http.Handler, webConfigFile string, log *slog.Logger) *httpServer {
	s := &httpServer{
		name: name,
		srv: &http.Server{
			Handler:           h,
			Protocols:         protocols(webConfigFile),
			ReadHeaderTimeout: 10 * time.Second,
			MaxHeaderBytes:    maxHeaderBytes,
			IdleTimeout:       5 * time.Minute,
			ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelDebug), // clients that break off
		},
		served: make(chan error, 1),
	}
	go func() {
		s.served <- web.Serve(l, s.srv, &web.FlagConfig{WebConfigFile: &webConfigFile}, slog.New(slog.DiscardHandler))
	}()
	return s
}

// protocols adds HTTP/2 without TLS, by which gRPC comes, to the usual ones. It
// returns nil where there is TLS: the file says what is spoken over that.
func protocols(webConfigFile string) *http.Protocols {
	if webConfigFile != "" {
		var c struct {
			TLS yaml.Node `yaml:"tls_server_config"`
		}
		text, err := os.ReadFile(webConfigFile)
		if err != nil || yaml.Unmarshal(text, &c) != nil || !c.TLS.IsZero() {
			return nil // web.Serve says what is wrong, if anything
		}
	}
	p := new(http.Protocols)
	p.SetHTTP1(true)
	p.SetUnencryptedHTTP2(true)
	return p
}

// stop lets requests in flight finish, within drainTimeout.
func (s *httpServer) stop() error {
	ctx, cancel := context.WithTimeout(context.Background(), drainTimeout)
	defer cancel()
	if err := s.srv.Shutdown(ctx); err != nil {
		_ = s.srv.Close()
	}
	if err := <-s.served; !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// component is s in the life of the process: it ends with its context, or by
// itself when serving fails.
func (s *httpServer) component() lifecycle.Component {
	return lifecycle.Component{Name: s.name, Run: func(ctx context.Context) error {
		select {
		case err := <-s.served:
			return err
		case <-ctx.Done():
			return s.stop()
		}
	}}
}

// grpcListener serves srv on l until ctx ends, then lets calls in flight
// finish.
func grpcListener(name string, l net.Listener, srv *grpc.Server) lifecycle.Component {
	return lifecycle.Component{Name: name, Run: func(ctx context.Context) error {
		served := make(chan error, 1)
		go func() {
			err := srv.Serve(l)
			if errors.Is(err, grpc.ErrServerStopped) { // before it had begun
				err = nil
			}
			served <- err
		}()
		select {
		case err := <-served:
			return err
		case <-ctx.Done():
		}
		drained := make(chan struct{})
		go func() {
			srv.GracefulStop()
			close(drained)
		}()
		timeout := time.NewTimer(drainTimeout)
		defer timeout.Stop()
		select {
		case <-drained:
		case <-timeout.C:
			srv.Stop()
			<-drained
		}
		return <-served
	}}
}

// loopbackOnly reports whether only this machine can reach addr.
func loopbackOnly(addr string) bool {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return false
	}
	if host == "localhost" {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}
