package main

import (
	"cmp"
	"context"
	_ "embed" // for the table
	"fmt"
	"net"
	"net/http"
	"net/url"
	"path/filepath"
	"slices"

	"github.com/go-chi/chi/v5"
	promconfig "github.com/prometheus/common/config"

	"github.com/oriel-obs/oriel/ingest/audit"
	"github.com/oriel-obs/oriel/internal/auth"
	"github.com/oriel-obs/oriel/internal/auth/authapi"
	"github.com/oriel-obs/oriel/internal/auth/directory"
	"github.com/oriel-obs/oriel/internal/auth/guard"
	"github.com/oriel-obs/oriel/internal/auth/login"
	"github.com/oriel-obs/oriel/internal/auth/sso"
	"github.com/oriel-obs/oriel/internal/conns"
	"github.com/oriel-obs/oriel/internal/seal"
)

// permissions says what each route of every port takes. A route without a row
// is denied while authentication is on, and fails a test.
//
//go:embed permissions.txt
var permissions string

// trust is what knows who may do what.
type trust struct {
	guard  *guard.Guard
	needs  *auth.Permissions
	audit  *audit.Log // nil if nothing is recorded
	routes chi.Routes // of the main port

	logins  *login.Logins
	authAPI *authapi.Handler
}

// openTrust builds what stands in front of everything else.
func (a *app) openTrust(ctx context.Context) error {
	table, err := auth.ParsePermissions(permissions)
	if err != nil {
		return fmt.Errorf("permissions.txt: %w", err)
	}
	a.needs, a.audit = table, a.newAudit()
	external, err := a.externalURL()
	if err != nil {
		return err
	}
	a.guard, err = guard.New(ctx, guard.Options{
		Config: a.cfg.Auth, Store: a.state, Permissions: table, External: external, Recorder: a.recorder(),
		Registerer: a.reg, Log: a.log.With("component", "auth"),
	})
	if err != nil {
		return fmt.Errorf("set up authentication: %w", err)
	}
	return a.openLogins(external)
}

// openLogins builds the way in.
func (a *app) openLogins(external *url.URL) (err error) {
	var sealer directory.Sealer
	if a.cfg.Auth.Enabled {
		if sealer, err = seal.Load(a.keyFile()); err != nil {
			return err
		}
	}
	people := directory.New(directory.Options{Store: a.state, Sealer: sealer, Recorder: a.recorder(), Changed: a.guard.Forget})
	a.logins = login.New(login.Options{Store: a.state, Directory: people, Sealer: sealer, Failures: a.guard, Recorder: a.recorder()})
	providers, err := sso.New(sso.Options{
		Config: a.cfg.authProviders(), External: external, Base: authapi.Base, Logins: a.logins, Guard: a.guard,
		Client: []promconfig.HTTPClientOption{promconfig.WithDialContextFunc(a.cfg.Egress.Dial)},
	})
	if err != nil {
		return &usageError{err}
	}
	a.authAPI = authapi.New(authapi.Options{
		Guard: a.guard, Logins: a.logins, Directory: people, Store: a.state, Config: a.cfg.Auth, External: external,
		Providers: providers,
	})
	return nil
}

// authProviders are the configuration's, whose files are relative to it.
func (c *config) authProviders() []auth.ProviderConfig {
	out := slices.Clone(c.Auth.Providers)
	for i, p := range out {
		if p.HTTP != nil && c.path != "" {
			settings := *p.HTTP
			settings.SetDirectory(c.relative("."))
			out[i].HTTP = &settings
		}
	}
	return out
}

// keyFile has the key of the secrets in the state database.
func (a *app) keyFile() string {
	if a.cfg.Auth.KeyFile != "" {
		return a.cfg.relative(a.cfg.Auth.KeyFile)
	}
	return filepath.Join(a.flags.DataDir, "secrets.key")
}

// offerSetup prints the way in while there is no user. It goes to the terminal,
// not to the log, which others may read.
func (a *app) offerSetup(ctx context.Context, s streams) error {
	if !a.cfg.Auth.Enabled {
		return nil
	}
	secret, err := a.logins.OfferSetup(ctx)
	if err != nil || secret == "" {
		return err
	}
	external, err := a.externalURL()
	if err != nil {
		return err
	}
	link := external.JoinPath("welcome")
	link.RawQuery = url.Values{"setup": {secret}}.Encode()
	fmt.Fprintf(s.err, "\nThere is no user yet. Make the first admin within the next hour at\n\n    %s\n\nor with `oriel user add NAME --role admin`.\n\n", link)
	return nil
}

// bootAuth is what the page knows of who asks for it, and whether it is somebody.
func (a *app) bootAuth(r *http.Request) (who any, known bool) {
	self := authapi.SelfOf(a.guard.Who(r))
	type provider struct {
		Name  string `json:"name"`
		Title string `json:"title"`
	}
	providers := []provider{}
	for _, p := range a.cfg.Auth.Providers {
		providers = append(providers, provider{p.Name, cmp.Or(p.Title, p.Name)})
	}
	return map[string]any{
		"enabled": a.cfg.Auth.Enabled, "user": self.Name, "roles": self.Roles, "scopes": self.Scopes, "tenants": self.Tenants, "apart": a.cfg.Auth.Tenants, "providers": providers,
	}, len(self.Roles) > 0
}

// limitSenders turns away those who may not use protocols that have no
// credentials: auth.senders says who may.
func (a *app) limitSenders() {
	if !a.guard.Enabled() {
		return
	}
	ok := func(from net.Addr) bool { return a.guard.Sender(guard.Address(from)) }
	a.syslog.Only(ok)
	for _, s := range a.senderPorts.all() {
		s.Only(ok)
	}
	if a.fluent != nil {
		a.fluent = conns.Only(a.fluent, ok)
	}
	for _, c := range []*net.PacketConn{&a.jaegerPorts.compact, &a.jaegerPorts.binary} {
		if *c != nil {
			*c = conns.OnlyPackets(*c, ok)
		}
	}
}
