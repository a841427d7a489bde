package services

import (
	"cmp"
	"context"
	"slices"

	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/storage"
)

// A Deploy is the first that was seen of a version of a service.
type Deploy struct {
	Service  string `json:"service"`
	Version  string `json:"version"`     // service.version
	Previous string `json:"previous"`    // the version whose spans were the newest before
	Time     int64  `json:"time,string"` // ns since the Unix epoch, to 1/200 of the range
}

// deploySteps is how finely a range is divided.
const deploySteps = 200

// Deploys returns the versions that began in r, oldest first; of a service, if
// one is named. A version that was there when r began is none, and neither is
// the first of a service that was not.
func (s *Services) Deploys(ctx context.Context, r model.Range, service string) ([]Deploy, error) {
	agg := storage.Aggregate{
		Signal: model.Spans, Range: r, Step: max((r.End-r.Start)/deploySteps, 1), Origin: r.Start, MaxGroups: 10_000,
		By: []storage.Field{{Place: storage.Stream, Key: "service.name"}, {Place: storage.Stream, Key: "service.version"}},
	}
	if service != "" {
		agg.Where = ofService(service)
	}
	groups, err := s.opts.Events.Aggregate(ctx, agg)
	if err != nil {
		return nil, err
	}
	type version struct {
		name        string
		first, last int64
	}
	versions := map[string][]version{}
	for _, g := range groups {
		if v := g.Key[1].Text(); v != "" && len(g.Buckets) > 0 {
			name := g.Key[0].Text()
			versions[name] = append(versions[name], version{v, g.Buckets[0].Start, g.Buckets[len(g.Buckets)-1].Start})
		}
	}
	out := []Deploy{}
	for name, vs := range versions {
		slices.SortFunc(vs, func(a, b version) int { return cmp.Or(cmp.Compare(a.first, b.first), cmp.Compare(a.last, b.last)) })
		for i, v := range vs {
			if i > 0 && v.first > vs[0].first {
				out = append(out, Deploy{name, v.name, vs[i-1].name, v.first})
			}
		}
	}
	slices.SortFunc(out, func(a, b Deploy) int { return cmp.Or(cmp.Compare(a.Time, b.Time), cmp.Compare(a.Service, b.Service)) })
	return out, nil
}
