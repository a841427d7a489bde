package auth

import (
	"fmt"
	"maps"
	"net/http"
	"path"
	"slices"
	"strings"
)

// A Need is what somebody must be or have for a route.
type Need struct {
	Public bool    // nothing
	Any    bool    // any identity with a role
	Scopes []Scope // one of these
	Whole  bool    // by a role without selectors, for all tenants
}

// Met reports whether id has what is needed. The scope admin is of the whole
// server here.
func (n Need) Met(id *Identity) bool {
	if n.Public || id == nil {
		return true
	}
	if n.Any {
		return len(id.Grants) > 0
	}
	return slices.ContainsFunc(n.Scopes, func(s Scope) bool {
		switch {
		case s == Admin:
			return id.Governs()
		case n.Whole:
			return id.Governs() || slices.ContainsFunc(id.Grants, func(g Grant) bool {
				return g.Tenants == nil && len(g.Selectors) == 0 && slices.Contains(g.Scopes, s)
			})
		}
		return id.May(s)
	})
}

// Brings reports whether the route only takes in metrics, logs or traces.
func (n Need) Brings() bool {
	return n.only(func(s Scope) bool { return s == MetricsWrite || s == LogsWrite || s == TracesWrite })
}

// Asks reports whether the route only answers queries.
func (n Need) Asks() bool {
	return n.only(func(s Scope) bool { return strings.HasPrefix(string(s), "query:") })
}

// Changes reports whether the route is for changing what a tenant has made.
func (n Need) Changes() bool {
	return n.only(func(s Scope) bool { return s == AlertsWrite || s == DashboardsWrite })
}

func (n Need) only(of func(Scope) bool) bool {
	return len(n.Scopes) > 0 && !slices.ContainsFunc(n.Scopes, func(s Scope) bool { return !of(s) })
}

func (n Need) String() string {
	switch {
	case n.Public:
		return "nothing"
	case n.Any:
		return "any role"
	case n.Whole:
		return join(n.Scopes) + " without selectors"
	}
	return join(n.Scopes)
}

// Permissions says what each route needs. A route without a row is denied.
type Permissions struct{ rows map[string]Need } // by method and route

// ParsePermissions reads a table: a line for each route, with what it needs,
// methods separated by commas or * for all, and the route's pattern. What it
// needs is public, any, or scopes of which one is enough, maybe with /whole
// behind them. Lines that begin with # are comments.
func ParsePermissions(table string) (*Permissions, error) {
	p := &Permissions{rows: map[string]Need{}}
	n := 0
	for line := range strings.Lines(table) {
		n++
		fields := strings.Fields(line)
		if len(fields) == 0 || strings.HasPrefix(fields[0], "#") {
			continue
		}
		if len(fields) != 3 {
			return nil, fmt.Errorf("line %d: not a need, methods and a route", n)
		}
		need, err := parseNeed(fields[0])
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
		for method := range strings.SplitSeq(fields[1], ",") {
			key := method + " " + fields[2]
			if _, twice := p.rows[key]; twice {
				return nil, fmt.Errorf("line %d: %s is there twice", n, key)
			}
			p.rows[key] = need
		}
	}
	return p, nil
}

func parseNeed(text string) (n Need, err error) {
	switch text {
	case "public":
		n.Public = true
	case "any":
		n.Any = true
	default:
		text, n.Whole = strings.CutSuffix(text, "/whole")
		n.Scopes, err = ParseScopes(text)
	}
	return n, err
}

// Of returns what a request needs by the pattern of its route, and whether there
// is a row. Below a pattern that ends in * what counts is the path: its own row,
// or that of the longest prefix. What is served there may read paths as it
// likes, so that one with empty or dotted segments has no row if others do.
func (p *Permissions) Of(method, pattern, urlPath string) (Need, bool) {
	base, wild := strings.CutSuffix(pattern, "*")
	if !wild {
		need, ok := p.row(method, pattern)
		if !ok { // a router that is mounted there serves /
			need, ok = p.row(method, pattern+"/")
		}
		return need, ok
	}
	if clean := path.Clean(urlPath); clean != urlPath && clean+"/" != urlPath && p.finer(base) {
		return Need{}, false
	}
	if need, ok := p.row(method, urlPath); ok {
		return need, true
	}
	for at := urlPath; strings.HasPrefix(at, base); {
		at = at[:strings.LastIndexByte(strings.TrimSuffix(at, "/"), '/')+1]
		if need, ok := p.row(method, at+"*"); ok {
			return need, len(at) >= len(base)
		}
	}
	// The pattern may have parameters before its end.
	return p.row(method, pattern)
}

// finer reports whether there are rows below base, which ends in a slash.
func (p *Permissions) finer(base string) bool {
	for key := range p.rows {
		if _, route, _ := strings.Cut(key, " "); strings.HasPrefix(route, base) && route != base && route != base+"*" {
			return true
		}
	}
	return false
}

func (p *Permissions) row(method, route string) (Need, bool) {
	if need, ok := p.rows[method+" "+route]; ok {
		return need, true
	}
	need, ok := p.rows["* "+route]
	if !ok && method == http.MethodHead { // as GET, without the answer
		need, ok = p.rows[http.MethodGet+" "+route]
	}
	return need, ok
}

// Keys returns the methods and routes of the table, such as "GET /x", in order.
func (p *Permissions) Keys() []string { return slices.Sorted(maps.Keys(p.rows)) }
