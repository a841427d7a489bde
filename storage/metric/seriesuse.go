package metric

import "sync/atomic"

// A SeriesUse is how many series are active, as limits on new ones count them.
type SeriesUse struct {
	All      int64
	Tenants  map[string]int64 // but the default one
	Metric   string           // the one with the most series, of several the first by name
	OfMetric int64
}

// SeriesUse returns what is used now of the limits on series.
func (s *Store) SeriesUse() SeriesUse {
	out := SeriesUse{All: s.census.active.Load(), Tenants: map[string]int64{}}
	s.census.tenants.Range(func(tenant, n any) bool {
		out.Tenants[tenant.(string)] = n.(*atomic.Int64).Load()
		return true
	})
	for _, h := range s.census.all() {
		if h.active > out.OfMetric || h.active == out.OfMetric && h.name < out.Metric {
			out.Metric, out.OfMetric = h.name, h.active
		}
	}
	return out
}
