package services

import (
	"cmp"
	"context"
	"slices"

	prommodel "github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"

	"github.com/oriel-obs/oriel/model"
)

// A Map is who calls whom.
type Map struct {
	Nodes []Node `json:"nodes"` // sorted by name
	Edges []Edge `json:"edges"` // most calls first
	// FromTraces is how many traces the numbers are of, the newest, where no
	// metrics tell of calls; 0 where they do.
	FromTraces int `json:"fromTraces,omitempty"`
}

// A Node is a service, or what services call.
type Node struct {
	Name string `json:"name"`
	// Type is service, database, messaging_system or virtual_node: one that
	// sends no spans, or users.
	Type string `json:"type"`
}

// An Edge is calls from one node to another. Durations are those that the
// called side measured, or the calling side where the called one has no spans.
type Edge struct {
	Client string `json:"client"`
	Server string `json:"server"`
	Type   string `json:"type"` // "" of plain calls, or as in Node
	RED
	Mean *float64 `json:"mean"` // duration in seconds; nil where nothing was measured
}

const (
	requestsMetric = "traces_service_graph_request_total"
	failedMetric   = "traces_service_graph_request_failed_total"
	serverMetric   = "traces_service_graph_request_server_seconds"
)

func edgeKey(ls labels.Labels) string {
	return ls.Get("client") + "\xff" + ls.Get("server") + "\xff" + ls.Get("connection_type")
}

// Map returns the calls in r; of a service, if one is named, only those by and
// to it. What no metrics tell of is told by traces.
func (s *Services) Map(ctx context.Context, r model.Range, service string) (*Map, error) {
	byKey := map[string]*Edge{}
	edge := func(ls labels.Labels) *Edge {
		e := byKey[edgeKey(ls)]
		if e == nil {
			e = &Edge{Client: ls.Get("client"), Server: ls.Get("server"), Type: ls.Get("connection_type")}
			byKey[edgeKey(ls)] = e
		}
		return e
	}
	calls, err := s.increases(ctx, r, equal(prommodel.MetricNameLabel, requestsMetric))
	if err != nil {
		return nil, err
	}
	for _, g := range calls {
		edge(g.labels).Calls += g.by
	}
	failed, err := s.increases(ctx, r, equal(prommodel.MetricNameLabel, failedMetric))
	if err != nil {
		return nil, err
	}
	for _, g := range failed {
		edge(g.labels).Errors += g.by
	}
	times, err := s.vector(ctx, r, "sum by (client, server, connection_type) (rate("+serverMetric+"[%s]))")
	if err != nil {
		return nil, err
	}
	for _, sample := range times {
		if e := byKey[edgeKey(sample.Metric)]; e != nil {
			e.P50, e.P95, e.P99, e.Mean = quantile(0.5, sample.H), quantile(0.95, sample.H), quantile(0.99, sample.H), mean(sample.H)
		}
	}
	m := &Map{Nodes: []Node{}, Edges: []Edge{}}
	for _, e := range byKey {
		if e.Calls > 0 && (service == "" || e.Client == service || e.Server == service) {
			e.finish(r)
			m.Edges = append(m.Edges, *e)
		}
	}
	if len(m.Edges) == 0 {
		return s.mapOfTraces(ctx, r, service)
	}
	slices.SortFunc(m.Edges, func(a, b Edge) int {
		return cmp.Or(cmp.Compare(b.Calls, a.Calls), cmp.Compare(a.Client, b.Client), cmp.Compare(a.Server, b.Server), cmp.Compare(a.Type, b.Type))
	})
	m.Nodes = nodes(m.Edges)
	return m, nil
}

// nodes returns the ends of edges. What any edge shows to be a service is one.
func nodes(edges []Edge) []Node {
	types := map[string]string{}
	see := func(name, typ string) {
		if before, ok := types[name]; !ok || before != "service" && typ == "service" {
			types[name] = typ
		}
	}
	for _, e := range edges {
		client, server := "service", "service"
		switch {
		case e.Type == "virtual_node" && e.Client == "user":
			client = e.Type
		case e.Type == "virtual_node" || e.Type == "database":
			server = e.Type
		}
		see(e.Client, client)
		see(e.Server, server)
	}
	out := []Node{}
	for name, typ := range types {
		out = append(out, Node{name, typ})
	}
	slices.SortFunc(out, func(a, b Node) int { return cmp.Compare(a.Name, b.Name) })
	return out
}
