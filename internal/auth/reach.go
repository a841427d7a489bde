package auth

import (
	"fmt"
	"maps"
	"regexp/syntax"
	"slices"
	"strings"

	"github.com/prometheus/prometheus/model/labels"
)

// A Reach is the alerts that somebody sees, or may act on. The zero Reach is all
// of them.
type Reach struct {
	// every has alternatives of which an alert fits one each: all matchers of it.
	every [][][]*labels.Matcher

	tenants []string // that the request is about; nil while tenants are off
}

// Reach returns the alerts that the identity has by a scope, such as AlertsRead
// and AlertsWrite: those whose labels fit the selectors of a grant with that scope,
// of whichever signals these are, and the selectors of each signal of which the
// identity sees anything. So who sees everything and may change what is of one
// namespace can change that alone.
func (id *Identity) Reach(s Scope) Reach {
	if id == nil {
		return Reach{}
	}
	r := Reach{every: [][][]*labels.Matcher{id.granted(s)}, tenants: id.Tenants}
	for _, signal := range []Signal{Metrics, Logs, Traces} {
		if selectors, restricted := id.Sees(signal); restricted && len(selectors) > 0 {
			r.every = append(r.every, selectors)
		}
	}
	return r
}

// granted returns what the grants with a scope are of, in the tenants that the
// request is about.
func (id *Identity) granted(s Scope) (all [][]*labels.Matcher) {
	tenants := id.Tenants
	if tenants == nil {
		tenants = []string{""}
	}
	for _, tenant := range tenants {
		for _, g := range id.Grants {
			admin := slices.Contains(g.Scopes, Admin)
			if id.Tenants != nil && !g.in(tenant) || !admin && !slices.Contains(g.Scopes, s) {
				continue
			}
			var ms []*labels.Matcher
			if !admin {
				for _, signal := range slices.Sorted(maps.Keys(g.Selectors)) {
					ms = append(ms, g.Selectors[signal]...)
				}
			}
			if id.Tenants != nil {
				ms = append(ms, labels.MustNewMatcher(labels.MatchEqual, TenantLabel, tenant))
			}
			all = append(all, ms)
		}
	}
	return all
}

// All reports whether these are all alerts there are.
func (r Reach) All() bool {
	return r.each(func(ms []*labels.Matcher) bool { return len(ms) == 0 })
}

// Whole reports whether these are all alerts of the tenants that the request is
// about; without tenants that is All.
func (r Reach) Whole() bool {
	if r.tenants == nil {
		return r.All()
	}
	return !slices.ContainsFunc(r.tenants, func(tenant string) bool {
		return !r.each(func(ms []*labels.Matcher) bool {
			return len(ms) == 1 && ms[0].Name == TenantLabel && ms[0].Type == labels.MatchEqual && ms[0].Value == tenant
		})
	})
}

// Has reports whether an alert with some labels is among them.
func (r Reach) Has(ls map[string]string) bool {
	return r.each(func(ms []*labels.Matcher) bool {
		return !slices.ContainsFunc(ms, func(m *labels.Matcher) bool { return !m.Matches(ls[m.Name]) })
	})
}

// each reports whether all parts have an alternative that ok likes.
func (r Reach) each(ok func([]*labels.Matcher) bool) bool {
	return !slices.ContainsFunc(r.every, func(part [][]*labels.Matcher) bool { return !slices.ContainsFunc(part, ok) })
}

// Labels returns the names of those that tell the alerts from others, in order.
func (r Reach) Labels() (names []string) {
	for _, part := range r.every {
		for _, ms := range part {
			for _, m := range ms {
				names = append(names, m.Name)
			}
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// Lacks returns what must be added to the matchers of a silence for it to be of
// these alerts alone, "" if it is: matchers, or several sets of them of which one
// is enough. The silence's are SilenceMatchers. Where it takes more than one of
// them at a time to tell, something is lacking, too.
func (r Reach) Lacks(silence []*labels.Matcher) string {
	var all []string
	for _, part := range r.every {
		if len(part) == 0 {
			return "alerts that are yours" // there are none
		}
		var ways []string
		for _, ms := range part {
			ways = append(ways, missing(silence, ms))
		}
		slices.Sort(ways)
		way := strings.Join(slices.Compact(ways), " or ")
		if ways[0] != "" && !slices.Contains(all, way) {
			all = append(all, way)
		}
	}
	return strings.Join(all, " and ")
}

// missing returns those of ms that a silence does not imply, as people write
// them.
func missing(silence, ms []*labels.Matcher) string {
	var texts []string
	for _, m := range ms {
		if !implied(silence, m) {
			texts = append(texts, (&labels.Matcher{Type: m.Type, Name: m.Name, Value: toSilence(m)}).String())
		}
	}
	slices.Sort(texts)
	return strings.Join(slices.Compact(texts), ", ")
}

// implied reports whether whatever satisfies one of ps satisfies m.
func implied(ps []*labels.Matcher, m *labels.Matcher) bool {
	exact := m.Value
	if isPattern(m.Type) {
		exact = inLine(toSilence(m))
	}
	return slices.ContainsFunc(ps, func(p *labels.Matcher) bool {
		switch {
		case p.Name != m.Name:
			return false
		case p.Type == m.Type && p.Value == exact:
			return true
		case p.Type == labels.MatchEqual:
			return m.Matches(p.Value)
		case m.Type == labels.MatchNotEqual:
			return !p.Matches(m.Value)
		case p.Type == labels.MatchRegexp:
			values := p.SetMatches() // if it has no others
			return len(values) > 0 && !slices.ContainsFunc(values, func(v string) bool { return !m.Matches(v) })
		}
		return false
	})
}

// SilenceMatcher returns a matcher of Alertmanager's as one of Prometheus'. To
// Alertmanager a dot is no line feed.
func SilenceMatcher(t labels.MatchType, name, value string) (*labels.Matcher, error) {
	if isPattern(t) {
		// In the parentheses that it is put into, a)|(b would be something else.
		if _, err := syntax.Parse(value, syntax.Perl); err != nil {
			return nil, fmt.Errorf("matcher of %.80q: %w", name, err)
		}
		value = inLine(value)
	}
	return labels.NewMatcher(t, name, value)
}

// toSilence is the value by which a matcher of a silence implies m.
func toSilence(m *labels.Matcher) string {
	if m.Type == labels.MatchNotRegexp && strings.Contains(m.Value, ".") {
		return "(?s:" + m.Value + ")"
	}
	return m.Value
}

func isPattern(t labels.MatchType) bool { return t == labels.MatchRegexp || t == labels.MatchNotRegexp }

func inLine(pattern string) string { return "(?-s:" + pattern + ")" }
