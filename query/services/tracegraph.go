package services

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"

	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/query/traceql"
)

// mappedTraces are read for a map that no metrics tell of.
const mappedTraces = 200

// mapOfTraces puts a map together from the newest traces in r: for ranges from
// before calls were counted, with the service graph off, or of spans without
// kinds. Calls are those of these traces alone.
func (s *Services) mapOfTraces(ctx context.Context, r model.Range, service string) (*Map, error) {
	text := "{ }"
	if service != "" {
		text = "{ resource.service.name = " + strconv.Quote(service) + " }"
	}
	q, err := traceql.Parse(text)
	if err != nil {
		return nil, fmt.Errorf("map of traces: %w", err)
	}
	found, err := s.Structure(ctx, r, q, mappedTraces)
	if err != nil {
		return nil, err
	}
	byEnds, totals := map[[2]string]*Edge{}, map[[2]string]int64{}
	for _, p := range found.Paths {
		if p.Parent < 0 {
			continue
		}
		ends := [2]string{found.Paths[p.Parent].Service, p.Service}
		if ends[0] == ends[1] || service != "" && ends[0] != service && ends[1] != service {
			continue
		}
		e := byEnds[ends]
		if e == nil {
			e = &Edge{Client: ends[0], Server: ends[1]}
			byEnds[ends] = e
		}
		e.Calls += float64(p.Spans)
		e.Errors += float64(p.Errors)
		totals[ends] += p.Total
	}
	m := &Map{Nodes: []Node{}, Edges: []Edge{}}
	for ends, e := range byEnds {
		e.finish(r)
		mean := float64(totals[ends]) / e.Calls / 1e9
		e.Mean = &mean
		m.Edges = append(m.Edges, *e)
	}
	slices.SortFunc(m.Edges, func(a, b Edge) int {
		return cmp.Or(cmp.Compare(b.Calls, a.Calls), cmp.Compare(a.Client, b.Client), cmp.Compare(a.Server, b.Server))
	})
	m.Nodes = nodes(m.Edges)
	if len(m.Edges) > 0 {
		m.FromTraces = found.Traces
	}
	return m, nil
}
