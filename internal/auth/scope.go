package auth

import (
	"fmt"
	"slices"
	"strings"
)

// A Scope is one thing that somebody may do.
type Scope string

// The scopes. Those of queries and writes are by signal.
const (
	MetricsWrite    Scope = "metrics:write"
	LogsWrite       Scope = "logs:write"
	TracesWrite     Scope = "traces:write"
	QueryMetrics    Scope = "query:metrics"
	QueryLogs       Scope = "query:logs"
	QueryTraces     Scope = "query:traces"
	AlertsRead      Scope = "alerts:read"
	AlertsWrite     Scope = "alerts:write" // silences, acknowledgements, rules
	DashboardsRead  Scope = "dashboards:read"
	DashboardsWrite Scope = "dashboards:write"
	Admin           Scope = "admin" // users, tokens, configuration, deletion; includes all others
)

// Scopes returns all there are.
func Scopes() []Scope {
	return []Scope{
		MetricsWrite, LogsWrite, TracesWrite, QueryMetrics, QueryLogs, QueryTraces,
		AlertsRead, AlertsWrite, DashboardsRead, DashboardsWrite, Admin,
	}
}

// ParseScopes reads scopes as people write them: separated by commas, with * for
// all that begin alike (query:*). A scope that does not exist is an error that
// names those that do.
func ParseScopes(text string) ([]Scope, error) {
	var out []Scope
	for part := range strings.SplitSeq(text, ",") {
		part = strings.TrimSpace(part)
		if part == "" {
			continue
		}
		prefix, wild := strings.CutSuffix(part, "*")
		n := len(out)
		for _, s := range Scopes() {
			if string(s) == part || (wild && strings.HasSuffix(prefix, ":") && strings.HasPrefix(string(s), prefix)) {
				out = append(out, s)
			}
		}
		if len(out) == n {
			return nil, fmt.Errorf("no scope %q; there are %s, and * after a colon", part, join(Scopes()))
		}
	}
	slices.Sort(out)
	return slices.Compact(out), nil
}

func join(scopes []Scope) string {
	names := make([]string, len(scopes))
	for i, s := range scopes {
		names[i] = string(s)
	}
	return strings.Join(names, ", ")
}
