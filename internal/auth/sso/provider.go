package sso

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	promconfig "github.com/prometheus/common/config"
	"golang.org/x/oauth2"

	"github.com/oriel-obs/oriel/internal/auth"
	"github.com/oriel-obs/oriel/internal/auth/guard"
	"github.com/oriel-obs/oriel/internal/auth/login"
	"github.com/oriel-obs/oriel/internal/fault"
)

// Options is what Providers need.
type Options struct {
	Config   []auth.ProviderConfig
	External *url.URL // how people reach the page; the callbacks are below it
	Base     string   // the API's path, to which /oidc/NAME/callback is added
	Logins   *login.Logins
	Guard    *guard.Guard
	Client   []promconfig.HTTPClientOption // of all that is asked of providers
}

// Providers are those of a configuration, by name.
type Providers struct {
	byName map[string]*provider
	logins *login.Logins
	guard  *guard.Guard
	flows  flows
	heard  heard
}

// New returns Providers, or which of them cannot be asked. It asks none of them
// anything.
func New(o Options) (*Providers, error) {
	p := &Providers{byName: map[string]*provider{}, logins: o.Logins, guard: o.Guard}
	for i, c := range o.Config {
		settings := promconfig.DefaultHTTPClientConfig
		if c.HTTP != nil {
			settings = *c.HTTP
		}
		client, err := promconfig.NewClientFromConfig(settings, "oidc", o.Client...)
		if err != nil {
			return nil, fmt.Errorf("auth.providers[%d].http_config: %w", i, err)
		}
		client.Timeout = askTimeout
		p.byName[c.Name] = &provider{
			config: c, callback: o.External.JoinPath(o.Base, "oidc", c.Name, "callback").String(), client: client,
		}
	}
	p.flows.now = time.Now
	return p, nil
}

// askTimeout bounds what a provider may take for one answer.
const askTimeout = 10 * time.Second

// A provider is one of them.
type provider struct {
	config   auth.ProviderConfig
	callback string
	client   *http.Client

	mu    sync.Mutex
	found *oidc.Provider // nil until it has answered
}

func (p *Providers) named(name string) (*provider, error) {
	if q, ok := p.byName[name]; ok {
		return q, nil
	}
	return nil, fmt.Errorf("provider %.80q: %w", name, fault.ErrNotFound)
}

// context has the client that asks this provider.
func (p *provider) context(ctx context.Context) context.Context {
	return oidc.ClientContext(ctx, p.client)
}

func (p *provider) discover(ctx context.Context) (*oidc.Provider, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.found == nil {
		found, err := oidc.NewProvider(p.context(ctx), p.config.Issuer)
		if err != nil {
			return nil, fmt.Errorf("ask provider %q for its configuration: %w", p.config.Name, errors.Join(err, fault.ErrUnavailable))
		}
		p.found = found
	}
	return p.found, nil
}

func (p *provider) oauth(found *oidc.Provider) *oauth2.Config {
	scopes := p.config.Scopes
	if scopes == nil {
		scopes = []string{"profile", "email"}
	}
	return &oauth2.Config{
		ClientID: p.config.ClientID, ClientSecret: p.config.ClientSecret, Endpoint: found.Endpoint(),
		RedirectURL: p.callback, Scopes: slices.Concat([]string{oidc.ScopeOpenID}, scopes),
	}
}

// A person is who a provider says has logged in.
type person struct {
	name, subject, sid string
	roles              []string
}

// claims reads a person from what a provider says of them, in the ID token or
// else at its userinfo endpoint.
func (p *provider) claims(ctx context.Context, found *oidc.Provider, id *oidc.IDToken, token *oauth2.Token) (person, error) {
	var said map[string]any
	if err := id.Claims(&said); err != nil {
		return person{}, fmt.Errorf("read the claims: %w", err)
	}
	groupsClaim := p.config.GroupsClaim
	if groupsClaim == "" {
		groupsClaim = "groups"
	}
	_, hasGroups := said[groupsClaim]
	if (p.nameIn(said) == "" || !hasGroups && len(p.config.Roles) > 0) && found.UserInfoEndpoint() != "" {
		info, err := found.UserInfo(p.context(ctx), oauth2.StaticTokenSource(token))
		if err != nil {
			return person{}, fmt.Errorf("ask provider %q about the user: %w", p.config.Name, err)
		}
		if info.Subject != id.Subject {
			return person{}, fmt.Errorf("the provider's two answers are about different people: %w", fault.ErrForbidden)
		}
		var more map[string]any
		if err := info.Claims(&more); err != nil {
			return person{}, fmt.Errorf("read the claims: %w", err)
		}
		for k, v := range more {
			if _, there := said[k]; !there {
				said[k] = v
			}
		}
	}
	who := person{name: p.nameIn(said), subject: id.Subject}
	if who.name == "" {
		who.name = id.Subject
	}
	who.sid, _ = said["sid"].(string)
	who.roles = p.config.Of(texts(said[groupsClaim]))
	return who, nil
}

// nameIn returns what to call somebody; "" if the claims do not say. An address
// that the provider has not verified could be anybody's.
func (p *provider) nameIn(said map[string]any) string {
	if claim := p.config.UserClaim; claim != "" {
		name, _ := said[claim].(string)
		return name
	}
	if name, _ := said["preferred_username"].(string); name != "" {
		return name
	}
	if verified, _ := said["email_verified"].(bool); verified {
		name, _ := said["email"].(string)
		return name
	}
	return ""
}

// texts reads a claim that is a string or a list of them.
func texts(claim any) []string {
	switch v := claim.(type) {
	case string:
		return []string{v}
	case []any:
		var out []string
		for _, e := range v {
			if s, ok := e.(string); ok {
				out = append(out, s)
			}
		}
		return out
	}
	return nil
}
