package auth

import (
	"errors"
	"fmt"
	"maps"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"time"

	promconfig "github.com/prometheus/common/config"
)

// Config is the `auth` section of oriel.yaml.
type Config struct {
	Enabled   bool           `yaml:"enabled"`   // whether people and machines must show who they are
	Tenants   bool           `yaml:"tenants"`   // whether data is kept apart by X-Scope-OrgID and by token
	Anonymous string         `yaml:"anonymous"` // role of those who show nothing; "" turns them away
	Senders   []netip.Prefix `yaml:"senders"`   // who may use protocols that have no credentials: syslog, Fluent, StatsD, Graphite, Jaeger's agent

	KeyFile string `yaml:"key_file"` // of the secrets in the state database, relative to the configuration; secrets.key in the data folder if empty

	Sessions     SessionConfig       `yaml:"sessions"`
	Proxy        ProxyConfig         `yaml:"proxy"`
	Certificates []CertificateConfig `yaml:"certificates"`
	Providers    []ProviderConfig    `yaml:"providers"`
}

// SessionConfig says when logins end.
type SessionConfig struct {
	Idle     time.Duration `yaml:"idle"`     // after the last request
	Absolute time.Duration `yaml:"absolute"` // after the login
	Renew    time.Duration `yaml:"renew"`    // how old what the cookie holds gets before it is replaced; 0 keeps it until the end
}

// ProxyConfig is about proxies in front, which may tell who asks.
type ProxyConfig struct {
	Networks     []netip.Prefix `yaml:"networks"`      // of the proxies; their X-Forwarded-For and X-Forwarded-Proto are believed
	UserHeader   string         `yaml:"user_header"`   // which names the user; "" for none
	GroupsHeader string         `yaml:"groups_header"` // which lists groups, separated by commas
	RoleMapping  `yaml:",inline"`
}

// A RoleMapping gives roles to people who are kept elsewhere.
type RoleMapping struct {
	Roles       map[string]string `yaml:"roles"`        // by group
	DefaultRole string            `yaml:"default_role"` // of those without any of these groups; "" turns them away
}

// May reports whether the mapping gives a role to anybody.
func (m RoleMapping) May(role string) bool {
	return role == m.DefaultRole || slices.Contains(slices.Collect(maps.Values(m.Roles)), role)
}

// Of returns the roles of somebody in groups.
func (m RoleMapping) Of(groups []string) []string {
	var roles []string
	for _, g := range groups {
		if role, ok := m.Roles[g]; ok && !slices.Contains(roles, role) {
			roles = append(roles, role)
		}
	}
	if len(roles) == 0 && m.DefaultRole != "" {
		roles = []string{m.DefaultRole}
	}
	slices.Sort(roles)
	return roles
}

// A CertificateConfig gives the holder of a TLS client certificate roles or
// scopes. The certificate is verified by the listener: see web.config_file.
type CertificateConfig struct {
	Subject string   `yaml:"subject"` // its common name, or one of its DNS names and URIs
	Roles   []string `yaml:"roles"`
	Scopes  string   `yaml:"scopes"` // as for tokens
	Tenant  string   `yaml:"tenant"` // of the scopes
}

// A ProviderConfig is an OpenID Connect provider.
type ProviderConfig struct {
	Name         string   `yaml:"name"`   // in paths and in front of user names
	Title        string   `yaml:"title"`  // on the button; the name if empty
	Issuer       string   `yaml:"issuer"` // its URL, below which /.well-known/openid-configuration is
	ClientID     string   `yaml:"client_id"`
	ClientSecret string   `yaml:"client_secret"`
	Scopes       []string `yaml:"scopes"`       // besides openid
	UserClaim    string   `yaml:"user_claim"`   // which names the user
	GroupsClaim  string   `yaml:"groups_claim"` // a list of strings, or one string
	RoleMapping  `yaml:",inline"`

	HTTP *promconfig.HTTPClientConfig `yaml:"http_config"` // how the provider is asked: Prometheus' http_config
}

// DefaultConfig has authentication off. Senders is this machine.
func DefaultConfig() Config {
	return Config{
		Senders:  []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")},
		Sessions: SessionConfig{Idle: 12 * time.Hour, Absolute: 7 * 24 * time.Hour, Renew: 15 * time.Minute},
	}
}

// namePattern is of roles and providers.
var namePattern = regexp.MustCompile(`^[a-z0-9][a-z0-9._@+-]{0,63}$`)

// Validate returns every problem at once, each prefixed with its key.
func (c Config) Validate() error {
	var errs []error
	if c.Sessions.Idle <= 0 {
		errs = append(errs, fmt.Errorf("sessions.idle: %v is not positive", c.Sessions.Idle))
	}
	if c.Sessions.Absolute < c.Sessions.Idle {
		errs = append(errs, fmt.Errorf("sessions.absolute: %v is shorter than sessions.idle", c.Sessions.Absolute))
	}
	if c.Sessions.Renew < 0 {
		errs = append(errs, fmt.Errorf("sessions.renew: %v is negative", c.Sessions.Renew))
	}
	if c.Proxy.UserHeader != "" && len(c.Proxy.Networks) == 0 {
		errs = append(errs, errors.New("proxy.networks: name those that proxy.user_header is believed from"))
	}
	for i, cert := range c.Certificates {
		if cert.Subject == "" {
			errs = append(errs, fmt.Errorf("certificates[%d].subject: must be set", i))
		}
		if len(cert.Roles) == 0 && cert.Scopes == "" {
			errs = append(errs, fmt.Errorf("certificates[%d]: roles or scopes must be set", i))
		}
		if _, err := ParseScopes(cert.Scopes); err != nil {
			errs = append(errs, fmt.Errorf("certificates[%d].scopes: %w", i, err))
		}
	}
	seen := map[string]bool{}
	for i, p := range c.Providers {
		if !namePattern.MatchString(p.Name) || seen[p.Name] {
			errs = append(errs, fmt.Errorf("providers[%d].name: %q is not a new name of small letters, digits and . _ @ + -", i, p.Name))
		}
		seen[p.Name] = true
		if u, err := url.Parse(p.Issuer); err != nil || u.Host == "" {
			errs = append(errs, fmt.Errorf("providers[%d].issuer: %q is not an absolute URL", i, p.Issuer))
		}
		if p.ClientID == "" {
			errs = append(errs, fmt.Errorf("providers[%d].client_id: must be set", i))
		}
		if len(p.Roles) == 0 && p.DefaultRole == "" {
			errs = append(errs, fmt.Errorf("providers[%d]: roles or default_role must be set, or nobody can come in", i))
		}
	}
	return errors.Join(errs...)
}
