package guard

import (
	"context"
	"net"
	"net/http"
	"net/netip"

	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/peer"
	"google.golang.org/grpc/status"
	"google.golang.org/grpc/tap"

	"github.com/oriel-obs/oriel/internal/auth"
	"github.com/oriel-obs/oriel/internal/fault"
)

// Tap is for grpc.InTapHandle: it lets calls through before anything of them is
// read. Methods have rows in the table of permissions such as "GRPC /package.Service/Method".
func (g *Guard) Tap(ctx context.Context, call *tap.Info) (context.Context, error) {
	if !g.Apart() {
		return ctx, nil
	}
	a := asker{header: headerOf(call.Header)}
	if p, ok := peer.FromContext(ctx); ok {
		a.peer = Address(p.Addr)
		if t, ok := p.AuthInfo.(credentials.TLSInfo); ok {
			a.tls = &t.State
		}
	}
	id, err := g.call(ctx, a, call.FullMethodName)
	if err != nil {
		g.note(ctx, err, "GRPC "+call.FullMethodName, g.client(a).String())
		return nil, status.Error(code(err), err.Error())
	}
	return auth.With(ctx, id), nil
}

func (g *Guard) call(ctx context.Context, a asker, method string) (*auth.Identity, error) {
	need, listed := g.permissions.Of("GRPC", method, method)
	if !listed {
		return nil, refuse(NoPermission, "", fault.ErrForbidden, "%.200s has no row in the table of permissions", method)
	}
	id, err := g.identify(ctx, a)
	if err != nil {
		return nil, err
	}
	if !need.Met(id) {
		return nil, refuse(NoPermission, id.Name, fault.ErrForbidden, "%s may not use %s, which takes %s", id.Name, method, need)
	}
	return id, nil
}

// headerOf writes metadata as HTTP/1 would.
func headerOf(md metadata.MD) http.Header {
	h := make(http.Header, len(md))
	for k, v := range md {
		h[http.CanonicalHeaderKey(k)] = v
	}
	return h
}

// Address returns the IP address of a connection; the zero Addr for a Unix
// socket's.
func Address(a net.Addr) netip.Addr {
	switch a := a.(type) {
	case *net.TCPAddr:
		return a.AddrPort().Addr().Unmap()
	case *net.UDPAddr:
		return a.AddrPort().Addr().Unmap()
	}
	return netip.Addr{}
}
