package guard

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"strings"

	"google.golang.org/grpc/codes"

	"github.com/oriel-obs/oriel/internal/auth"
	"github.com/oriel-obs/oriel/internal/fault"
	"github.com/oriel-obs/oriel/internal/httpx"
)

// Middleware lets requests through to routes that their maker may use, with the
// identity in the context. It belongs on the root chi.Router, behind GetHead.
// What has no route goes through as nobody: the page is behind that, and it has
// nothing to hide.
func (g *Guard) Middleware(next http.Handler) http.Handler {
	if !g.Apart() {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		method, pattern := httpx.Route(r)
		id, err := g.admit(w, r, method, pattern)
		if err != nil {
			g.turnAway(w, r, pattern, err)
			return
		}
		next.ServeHTTP(w, r.WithContext(auth.With(r.Context(), id)))
	})
}

// Apart reports whether those who ask are told apart.
func (g *Guard) Apart() bool { return g.config.Enabled || g.config.Tenants }

// nobody may do and see nothing.
var nobody = &auth.Identity{Kind: auth.Anonymous}

// Who returns who makes a request, and nobody in particular if that cannot be
// known: for what is different for each, but hidden from none.
func (g *Guard) Who(r *http.Request) *auth.Identity {
	if !g.Apart() {
		return nil
	}
	id, err := g.identify(r.Context(), askerOf(r))
	if err != nil {
		return nobody
	}
	return id
}

func (g *Guard) admit(w http.ResponseWriter, r *http.Request, method, pattern string) (*auth.Identity, error) {
	if pattern == "" {
		return nobody, nil
	}
	need, listed := g.permissions.Of(method, pattern, r.URL.Path)
	if !listed {
		return nil, refuse(NoPermission, "", fault.ErrForbidden, "%s %s has no row in the table of permissions", method, pattern)
	}
	id, err := g.identify(r.Context(), askerOf(r))
	if err != nil {
		if need.Public {
			return nobody, nil
		}
		return nil, err
	}
	if err := g.ownPage(r, id); err != nil {
		return nil, err
	}
	if !need.Met(id) {
		if id == g.anonymous { // logging in may help
			return nil, refuse(NoCredentials, "", fault.ErrUnauthenticated, "%s takes %s: show a token, or log in", pattern, need)
		}
		return nil, refuse(NoPermission, id.Name, fault.ErrForbidden, "%s may not use %s, which takes %s", id.Name, pattern, need)
	}
	if id.Kind == auth.User && !need.Public { // the way in and out sets the cookie itself, and pictures are cached
		g.renew(w, r)
	}
	return id, nil
}

// CheckOrigin returns an error for a request with effect that a browser makes
// for a page of another origin. A WebSocket is a GET, but not bound to its
// origin.
func (g *Guard) CheckOrigin(r *http.Request) error {
	if r.Header.Get("Upgrade") != "" {
		r = r.Clone(r.Context())
		r.Method = http.MethodPost
	}
	return g.origins.Check(r)
}

// ownPage refuses what another site's page makes a browser do, which adds the
// session's cookie or a client certificate by itself.
func (g *Guard) ownPage(r *http.Request, id *auth.Identity) error {
	if id.Kind == auth.Token || id.Kind == auth.Anonymous {
		return nil
	}
	if err := g.CheckOrigin(r); err != nil {
		return refuse(CrossOrigin, id.Name, fault.ErrForbidden, "a page of another origin may not do that: %v", err)
	}
	return nil
}

func askerOf(r *http.Request) asker {
	a := asker{header: r.Header, tls: r.TLS}
	if r.Method == http.MethodGet && r.URL.RawQuery != "" {
		a.tenant = r.URL.Query().Get(TenantHeader)
	}
	if ap, err := netip.ParseAddrPort(r.RemoteAddr); err == nil {
		a.peer = ap.Addr().Unmap()
	}
	return a
}

// Client returns the address that a request comes from, behind trusted proxies
// too.
func (g *Guard) Client(r *http.Request) netip.Addr { return g.client(askerOf(r)) }

// Secure reports whether a request came over TLS, to a trusted proxy or to us.
func (g *Guard) Secure(r *http.Request) bool {
	if r.TLS != nil || g.external != nil && g.external.Scheme == "https" {
		return true
	}
	return within(g.config.Proxy.Networks, askerOf(r).peer) && strings.EqualFold(r.Header.Get("X-Forwarded-Proto"), "https")
}

// turnAway answers a request that is not let through, and keeps account of it.
func (g *Guard) turnAway(w http.ResponseWriter, r *http.Request, pattern string, err error) {
	g.note(r.Context(), err, r.Method+" "+pattern, g.Client(r).String())
	status := httpx.Status(err)
	if strings.HasPrefix(r.Header.Get("Content-Type"), "application/grpc") {
		writeGRPC(w, err)
		return
	}
	if status == http.StatusUnauthorized && !fromPage(r) {
		w.Header().Add("WWW-Authenticate", `Basic realm="Oriel: any user name, a token as the password", charset="UTF-8"`)
		w.Header().Add("WWW-Authenticate", `Bearer realm="Oriel"`)
	}
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	kind := "forbidden"
	switch {
	case status == http.StatusUnauthorized:
		kind = "unauthorized"
	case status >= http.StatusInternalServerError:
		kind = "internal"
	}
	// This is what Prometheus' API, Loki's and ours have in common.
	_ = json.NewEncoder(w).Encode(map[string]string{"status": "error", "errorType": kind, "error": err.Error()})
}

// note keeps account of an error of identify or admit.
func (g *Guard) note(ctx context.Context, err error, target, from string) {
	var why *refusal
	if !errors.As(err, &why) {
		why = &refusal{reason: Unavailable, err: err}
	}
	if why.reason == NoCredentials { // every browser does that once
		g.failures.WithLabelValues(NoCredentials).Inc()
		return
	}
	action := "request"
	if strings.HasPrefix(why.reason, "token") || why.reason == BadToken {
		action = "token.use"
	}
	g.Fail(ctx, why.reason, auth.Event{Who: why.who, Action: action, Target: target, Address: from, Detail: err.Error()})
}

// fromPage reports whether a browser's script asks, which would have the browser
// ask people for a password if it were told the schemes.
func fromPage(r *http.Request) bool {
	mode := r.Header.Get("Sec-Fetch-Mode")
	return mode != "" && mode != "navigate" || r.Header.Get("X-Requested-With") != "" || cookieOf(r.Header) != ""
}

// writeGRPC answers a gRPC call by headers alone.
func writeGRPC(w http.ResponseWriter, err error) {
	h := w.Header()
	h.Set("Content-Type", "application/grpc")
	h.Set("Grpc-Status", strconv.Itoa(int(code(err))))
	h.Set("Grpc-Message", url.PathEscape(err.Error()))
	w.WriteHeader(http.StatusOK)
}

func code(err error) codes.Code {
	switch {
	case errors.Is(err, fault.ErrUnauthenticated):
		return codes.Unauthenticated
	case errors.Is(err, fault.ErrForbidden):
		return codes.PermissionDenied
	case errors.Is(err, fault.ErrInvalid):
		return codes.InvalidArgument
	}
	return codes.Unavailable
}
