// Package auth says who asks, and what they may do and see. Somebody is
// identified once, at the edge; the identity travels in the context, and the
// stores are read through wrappers that ask it what may be seen, so that no
// language and no API has rules of its own.
package auth

import (
	"context"
	"slices"
	"strings"

	"github.com/prometheus/prometheus/model/labels"
)

// TenantLabel is the label by which the stores tell tenants apart. The default
// tenant's streams and series do not have it, and nobody is shown it unless
// they ask for more than one tenant at once.
const TenantLabel = "__tenant_id__"

// A Signal is one of the kinds of data that may be seen in part.
type Signal string

// The signals.
const (
	Metrics Signal = "metrics"
	Logs    Signal = "logs"
	Traces  Signal = "traces"
)

// A Kind is the way in which somebody showed who they are.
type Kind string

// The kinds.
const (
	User        Kind = "user"        // a session after a login
	Token       Kind = "token"       // a machine's
	Proxy       Kind = "proxy"       // a trusted proxy's word
	Certificate Kind = "certificate" // of a TLS client
	Anonymous   Kind = "anonymous"
)

// An Identity is who asks. It is not changed once it is in a context. The nil
// Identity is the process itself, or anybody while authentication is off: it
// may do and see everything.
type Identity struct {
	Kind Kind
	Name string // of the user or token; signs what they change

	// Grants add up.
	Grants []Grant

	// Tenants are those that this request is about: one, or several for a query
	// across tenants. Nil while tenants are off.
	Tenants []string
}

// A Grant is a role in force: what its holder may do, where, and of which data.
type Grant struct {
	Role   string
	Scopes []Scope

	// Tenants it holds for; nil for all.
	Tenants []string

	// Selectors narrow what is seen of a signal: labels that series and streams
	// must have. A signal that is absent is seen whole.
	Selectors map[Signal][]*labels.Matcher
}

// May reports whether the identity may do s, in every tenant of the request.
func (id *Identity) May(s Scope) bool {
	return id == nil || id.everywhere(func(g Grant) bool { return slices.Contains(g.Scopes, s) || slices.Contains(g.Scopes, Admin) })
}

// everywhere reports whether some grant that ok likes holds in each tenant.
func (id *Identity) everywhere(ok func(Grant) bool) bool {
	if id.Tenants == nil {
		return slices.ContainsFunc(id.Grants, ok)
	}
	for _, tenant := range id.Tenants {
		if !slices.ContainsFunc(id.Grants, func(g Grant) bool { return g.in(tenant) && ok(g) }) {
			return false
		}
	}
	return len(id.Tenants) > 0
}

func (g Grant) in(tenant string) bool { return g.Tenants == nil || slices.Contains(g.Tenants, tenant) }

// Sees returns what the identity sees of a signal: series and streams that
// satisfy every matcher of any of the selectors. Not restricted, it sees all.
// An empty list, restricted, is nothing. Tenants are among the matchers.
func (id *Identity) Sees(s Signal) (selectors [][]*labels.Matcher, restricted bool) {
	if id == nil {
		return nil, false
	}
	query := Scope("query:" + string(s))
	tenants := id.Tenants
	if tenants == nil {
		tenants = []string{""}
	}
	for _, tenant := range tenants {
		var narrowed [][]*labels.Matcher
		whole := false
		for _, g := range id.Grants {
			switch {
			case id.Tenants != nil && !g.in(tenant):
			case slices.Contains(g.Scopes, Admin):
				whole = true
			case !slices.Contains(g.Scopes, query):
			default:
				if ms, narrow := g.Selectors[s]; narrow {
					narrowed = append(narrowed, ms)
				} else {
					whole = true
				}
			}
		}
		if whole {
			narrowed = [][]*labels.Matcher{nil}
		}
		for _, ms := range narrowed {
			if id.Tenants != nil {
				ms = append(slices.Clip(ms), labels.MustNewMatcher(labels.MatchEqual, TenantLabel, tenant))
			}
			selectors = append(selectors, ms)
		}
		if whole && id.Tenants == nil {
			return nil, false
		}
	}
	return selectors, true
}

// Tenant returns whose it is what the identity writes: "" is the default
// tenant's, also while tenants are off.
func (id *Identity) Tenant() string {
	if id == nil || len(id.Tenants) == 0 {
		return ""
	}
	return id.Tenants[0]
}

// Payer names whose turn the identity's work takes where many wait: that of its
// tenants, or without tenants its own. It is "" for the process and for
// everybody while authentication is off.
func (id *Identity) Payer() string {
	switch {
	case id == nil:
		return ""
	case id.Tenants != nil:
		return "tenant " + strings.Join(id.Tenants, "|")
	}
	return string(id.Kind) + " " + id.Name
}

// Own returns the process as it acts for one tenant.
func Own(tenant string) *Identity {
	return &Identity{Name: "oriel", Tenants: []string{tenant}, Grants: []Grant{{Scopes: []Scope{Admin}}}}
}

// SeesAll reports whether the identity may see everything there is of every
// signal, and so may know what cannot be told in part: sizes of stores, all
// series by number, the process's state.
func (id *Identity) SeesAll() bool {
	if id.Governs() {
		return true // whatever tenant the request is about
	}
	for _, s := range []Signal{Metrics, Logs, Traces} {
		if _, restricted := id.Sees(s); restricted {
			return false
		}
	}
	return true
}

// View is a text that is equal for identities that see the same of a signal:
// what answers kept for one may be given to another by.
func (id *Identity) View(s Signal) string {
	selectors, restricted := id.Sees(s)
	if !restricted {
		return ""
	}
	parts := make([]string, len(selectors))
	for i, ms := range selectors {
		texts := make([]string, len(ms))
		for j, m := range ms {
			texts[j] = m.String()
		}
		slices.Sort(texts)
		parts[i] = "{" + strings.Join(texts, ",") + "}"
	}
	slices.Sort(parts)
	return "sees " + strings.Join(slices.Compact(parts), " ")
}

type contextKey struct{}

// With returns a context in which id asks.
func With(ctx context.Context, id *Identity) context.Context {
	return context.WithValue(ctx, contextKey{}, id)
}

// From returns who asks; nil is the process itself.
func From(ctx context.Context) *Identity {
	id, _ := ctx.Value(contextKey{}).(*Identity)
	return id
}
