package auth

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"

	"github.com/oriel-obs/oriel/internal/fault"
)

// The roles that are always there.
const (
	RoleViewer = "viewer" // sees everything
	RoleEditor = "editor" // and changes alerts and dashboards
	RoleAdmin  = "admin"  // and everything else
)

// BuiltInRoles returns those that are always there, the least first.
func BuiltInRoles() []RoleRecord {
	viewer := []Scope{QueryMetrics, QueryLogs, QueryTraces, AlertsRead, DashboardsRead}
	return []RoleRecord{
		{Name: RoleViewer, Scopes: viewer},
		{Name: RoleEditor, Scopes: slices.Concat(viewer, []Scope{AlertsWrite, DashboardsWrite})},
		{Name: RoleAdmin, Scopes: []Scope{Admin}},
	}
}

// Validate returns what is wrong with a role of the operator's own.
func (r RoleRecord) Validate() error {
	if !namePattern.MatchString(r.Name) {
		return fmt.Errorf("role %.80q: a name has up to 64 small letters, digits and . _ @ + -: %w", r.Name, fault.ErrInvalid)
	}
	for _, b := range BuiltInRoles() {
		if b.Name == r.Name {
			return fmt.Errorf("role %q is built in: choose another name: %w", r.Name, fault.ErrInvalid)
		}
	}
	if len(r.Scopes) == 0 {
		return fmt.Errorf("role %q: give it a scope; there are %s: %w", r.Name, join(Scopes()), fault.ErrInvalid)
	}
	for _, s := range r.Scopes {
		if !slices.Contains(Scopes(), s) {
			return fmt.Errorf("role %q: no scope %.40q; there are %s: %w", r.Name, s, join(Scopes()), fault.ErrInvalid)
		}
	}
	if len(r.Selectors) > 0 && slices.Contains(r.Scopes, Admin) {
		return fmt.Errorf("role %q: who has the scope admin sees everything; selectors have no effect: %w", r.Name, fault.ErrInvalid)
	}
	for _, t := range r.Tenants {
		if err := CheckTenant(t); err != nil {
			return fmt.Errorf("role %q: %w", r.Name, err)
		}
	}
	_, err := r.Grant()
	return err
}

// Grant returns the role in force.
func (r RoleRecord) Grant() (Grant, error) {
	g := Grant{Role: r.Name, Scopes: r.Scopes, Tenants: r.Tenants}
	p := parser.NewParser(parser.Options{})
	for _, signal := range slices.Sorted(maps.Keys(r.Selectors)) {
		if signal != Metrics && signal != Logs && signal != Traces {
			return Grant{}, fmt.Errorf("role %q: selectors are of metrics, logs and traces, not of %.40q: %w", r.Name, signal, fault.ErrInvalid)
		}
		text := r.Selectors[signal]
		ms, err := p.ParseMetricSelector(text)
		if err != nil || !strings.HasPrefix(strings.TrimSpace(text), "{") {
			return Grant{}, fmt.Errorf(`role %q: %s: %.200q is not a selector such as {namespace="shop"}: %w`, r.Name, signal, text, fault.ErrInvalid)
		}
		if g.Selectors == nil {
			g.Selectors = map[Signal][]*labels.Matcher{}
		}
		g.Selectors[signal] = ms
	}
	return g, nil
}

// maxTenant bounds the bytes of a tenant's name.
const maxTenant = 64

// CheckTenant returns what is wrong with a tenant's name; "" is the default
// tenant's. Names are those of Loki and Mimir, without ".", ".." and the bar
// that separates several.
func CheckTenant(name string) error {
	if len(name) > maxTenant || name == "." || name == ".." {
		return fmt.Errorf("tenant %.80q: up to %d letters, digits and !-_.*'(): %w", name, maxTenant, fault.ErrInvalid)
	}
	for _, c := range []byte(name) {
		if !strings.ContainsRune("!-_.*'()", rune(c)) && strings.IndexByte(base62, c) < 0 {
			return fmt.Errorf("tenant %.80q: up to %d letters, digits and !-_.*'(): %w", name, maxTenant, fault.ErrInvalid)
		}
	}
	return nil
}

// At returns the identity as it asks about the tenants that header, an
// X-Scope-OrgID, names: one, or several with bars between them. Without a
// header it is about the default tenant, if it may have that, or else the first
// of its own.
func (id *Identity) At(header string) (*Identity, error) {
	asked := []string{}
	for name := range strings.SplitSeq(header, "|") {
		if err := CheckTenant(name); err != nil {
			return nil, err
		}
		if !slices.Contains(asked, name) {
			asked = append(asked, name)
		}
	}
	own, all := id.Own()
	if header == "" && !all && !slices.Contains(own, "") && len(own) > 0 {
		asked = own[:1]
	}
	for _, name := range asked {
		if !all && !slices.Contains(own, name) {
			return nil, fmt.Errorf("%s may not use tenant %q: %w", id.Name, name, fault.ErrForbidden)
		}
	}
	at := *id
	at.Tenants = asked
	return &at, nil
}

// Own returns the tenants that the grants are of, in order, or that some grant
// is of all: whatever of them a request is about.
func (id *Identity) Own() (names []string, all bool) {
	for _, g := range id.Grants {
		if g.Tenants == nil {
			return nil, true
		}
		names = append(names, g.Tenants...)
	}
	slices.Sort(names)
	return slices.Compact(names), false
}

// Governs reports whether the identity is an admin of the whole server, not of
// some tenants.
func (id *Identity) Governs() bool {
	return id == nil || slices.ContainsFunc(id.Grants, func(g Grant) bool {
		return g.Tenants == nil && slices.Contains(g.Scopes, Admin)
	})
}
