package guard

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"slices"
	"strings"

	"github.com/oriel-obs/oriel/internal/auth"
	"github.com/oriel-obs/oriel/internal/fault"
)

// CookieName is of the cookie that holds a session.
const CookieName = "oriel_session"

// TenantHeader names the tenants that a request is about. Without it a parameter
// of the same name in a GET's address does: browsers set no headers on
// WebSockets, downloads and pages.
const TenantHeader = "X-Scope-OrgID"

// An asker is what is known of a client before it is believed anything.
type asker struct {
	header http.Header
	tenant string     // of the address, where the header has none
	peer   netip.Addr // of the connection
	tls    *tls.ConnectionState
}

// A refusal is why somebody is not let in.
type refusal struct {
	reason string
	who    string // as they claim
	err    error
}

func (r *refusal) Error() string { return r.err.Error() }
func (r *refusal) Unwrap() error { return r.err }

func refuse(reason, who string, kind error, format string, args ...any) error {
	return &refusal{reason, who, fmt.Errorf(format+": %w", append(args, kind)...)}
}

// identify finds out who asks, and about which tenants. Of several credentials
// the first of these counts: a token, a session, a proxy's word, a certificate.
func (g *Guard) identify(ctx context.Context, a asker) (*auth.Identity, error) {
	id, err := g.whoever(ctx, a)
	if err != nil || !g.config.Tenants {
		return id, err
	}
	header := cmp.Or(a.header.Get(TenantHeader), a.tenant)
	if id.Kind == auth.Token && id.Tenants[0] != "" { // its own tenant needs no header
		if header != "" && header != id.Tenants[0] {
			return nil, refuse(WrongTenant, id.Name, fault.ErrForbidden, "token %q is of tenant %q, not of %.100q", id.Name, id.Tenants[0], header)
		}
		return id, nil
	}
	at, err := id.At(header)
	if err != nil {
		return nil, &refusal{WrongTenant, id.Name, fmt.Errorf("%s: %w", TenantHeader, err)}
	}
	return at, nil
}

func (g *Guard) whoever(ctx context.Context, a asker) (*auth.Identity, error) {
	if !g.config.Enabled {
		return everybody, nil
	}
	token := auth.TokenOf(a.header)
	if auth.LooksLikeToken(token) {
		return g.byToken(ctx, token, g.client(a))
	}
	cookie := cookieOf(a.header)
	if cookie != "" {
		id, err := g.bySession(ctx, cookie, g.client(a))
		if err == nil || !errors.Is(err, fault.ErrUnauthenticated) {
			return id, err
		}
	}
	if id, err := g.byProxy(ctx, a); id != nil || err != nil {
		return id, err
	}
	if id, err := g.byCertificate(ctx, a.tls); id != nil || err != nil {
		return id, err
	}
	switch {
	case token != "":
		return nil, refuse(BadToken, "", fault.ErrUnauthenticated, "that is not a token of this server: they begin with oriel_ and come from `oriel token create`")
	case g.anonymous != nil:
		return g.anonymous, nil
	case cookie != "":
		return nil, refuse(SessionEnded, "", fault.ErrUnauthenticated, "the session has ended: log in again")
	}
	return nil, refuse(NoCredentials, "", fault.ErrUnauthenticated, "show a token, or log in")
}

// everybody asks while only tenants are on.
var everybody = &auth.Identity{Kind: auth.Anonymous, Name: "anonymous", Grants: []auth.Grant{{Role: auth.RoleAdmin, Scopes: []auth.Scope{auth.Admin}}}}

func (g *Guard) byToken(ctx context.Context, token string, from netip.Addr) (*auth.Identity, error) {
	hash := auth.HashToken(token)
	type known struct {
		record auth.TokenRecord
		id     *auth.Identity
	}
	k, err := recall(&g.known, "token "+hash, g.now(), func() (known, error) {
		r, err := g.store.TokenByHash(ctx, hash)
		return known{r, r.Identity(g.config.Tenants)}, err
	})
	switch {
	case errors.Is(err, fault.ErrNotFound):
		return nil, refuse(BadToken, "", fault.ErrUnauthenticated, "no such token: it was revoked, or is another server's")
	case err != nil:
		return nil, &refusal{Unavailable, "", fmt.Errorf("read the token: %w", err)}
	}
	if err := k.record.Check(g.now(), from); err != nil {
		reason := TokenNetwork
		if !k.record.Expires.IsZero() && !g.now().Before(k.record.Expires) {
			reason = TokenExpired
		}
		return nil, refuse(reason, k.record.Name, fault.ErrUnauthenticated, "%v", err)
	}
	g.use("token "+k.record.ID, k.record.LastUsed)
	return k.id, nil
}

// cookieOf returns what the session cookie holds; "" if there is none.
func cookieOf(h http.Header) string {
	r := http.Request{Header: h}
	c, err := r.Cookie(CookieName)
	if err != nil {
		return ""
	}
	return c.Value
}

func (g *Guard) byProxy(ctx context.Context, a asker) (*auth.Identity, error) {
	c := g.config.Proxy
	if c.UserHeader == "" || !within(c.Networks, a.peer) {
		return nil, nil
	}
	name := strings.TrimSpace(a.header.Get(c.UserHeader))
	if name == "" {
		return nil, nil
	}
	var groups []string
	if c.GroupsHeader != "" {
		for part := range strings.SplitSeq(strings.Join(a.header.Values(c.GroupsHeader), ","), ",") {
			groups = append(groups, strings.TrimSpace(part))
		}
	}
	roles := c.Of(groups)
	if len(roles) == 0 {
		return nil, refuse(NoRole, name, fault.ErrForbidden, "%.100q has no role here: see auth.proxy.roles and default_role", name)
	}
	grants, err := g.grants(ctx, roles)
	return &auth.Identity{Kind: auth.Proxy, Name: name, Grants: grants}, err
}

// byCertificate believes what the listener has verified.
func (g *Guard) byCertificate(ctx context.Context, state *tls.ConnectionState) (*auth.Identity, error) {
	if len(g.config.Certificates) == 0 || state == nil || len(state.VerifiedChains) == 0 {
		return nil, nil
	}
	names := subjects(state.PeerCertificates[0])
	for _, c := range g.config.Certificates {
		if !slices.Contains(names, c.Subject) {
			continue
		}
		grants, err := g.grants(ctx, c.Roles)
		if err != nil {
			return nil, err
		}
		scopes, err := auth.ParseScopes(c.Scopes)
		if err != nil {
			return nil, err
		}
		if len(scopes) > 0 {
			grant := auth.Grant{Role: "certificate", Scopes: scopes}
			if g.config.Tenants {
				grant.Tenants = []string{c.Tenant}
			}
			grants = append(grants, grant)
		}
		return &auth.Identity{Kind: auth.Certificate, Name: c.Subject, Grants: grants}, nil
	}
	return nil, nil
}

func subjects(c *x509.Certificate) []string {
	names := slices.Concat([]string{c.Subject.CommonName}, c.DNSNames, c.EmailAddresses)
	for _, u := range c.URIs {
		names = append(names, u.String())
	}
	return names
}

// client is the address that asks: the connection's, or what a trusted proxy
// says of it.
func (g *Guard) client(a asker) netip.Addr {
	if !within(g.config.Proxy.Networks, a.peer) {
		return a.peer
	}
	hops := strings.Split(strings.Join(a.header.Values("X-Forwarded-For"), ","), ",")
	for _, hop := range slices.Backward(hops) {
		addr, err := hopAddress(strings.TrimSpace(hop))
		if err != nil {
			return a.peer
		}
		if !within(g.config.Proxy.Networks, addr) {
			return addr
		}
	}
	return a.peer
}

// hopAddress reads what a proxy says of who asked it: an address, some add the
// port.
func hopAddress(hop string) (netip.Addr, error) {
	if at, err := netip.ParseAddrPort(hop); err == nil {
		return at.Addr().Unmap(), nil
	}
	addr, err := netip.ParseAddr(strings.Trim(hop, "[]"))
	return addr.Unmap(), err
}
