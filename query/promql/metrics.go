package promql

import "github.com/prometheus/client_golang/prometheus"

// foldMetrics are what became of the parts of queries that can be folded.
type foldMetrics struct{ folded, unfit prometheus.Counter }

func newFoldMetrics(reg prometheus.Registerer) foldMetrics {
	parts := prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "oriel_promql_folded_parts_total",
		Help: "Aggregations and joins in queries by whether they were evaluated a series at a time: folded, or unfit for those that the engine had to evaluate after all.",
	}, []string{"result"})
	reg.MustRegister(parts)
	return foldMetrics{parts.WithLabelValues("folded"), parts.WithLabelValues("unfit")}
}

// cacheMetrics are the figures of a resultCache.
type cacheMetrics struct {
	asked *prometheus.CounterVec // by result: hit, part, miss or bypass
}

func newCacheMetrics(reg prometheus.Registerer, c *resultCache) *cacheMetrics {
	m := &cacheMetrics{asked: prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "oriel_promql_result_cache_queries_total",
		Help: "Range queries by what the result cache had of them: hit, part, miss, or bypass for those that it is not for.",
	}, []string{"result"})}
	for _, result := range []string{"hit", "part", "miss", "bypass"} {
		m.asked.WithLabelValues(result)
	}
	reg.MustRegister(
		m.asked,
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "oriel_promql_result_cache_entries",
			Help: "Answers to range queries that are kept.",
		}, func() float64 { n, _ := c.size(); return float64(n) }),
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "oriel_promql_result_cache_bytes",
			Help: "Memory that the kept answers take.",
		}, func() float64 { _, n := c.size(); return float64(n) }),
	)
	return m
}
