package main

import (
	"maps"
	"slices"

	"github.com/oriel-obs/oriel/internal/auth"
	"github.com/oriel-obs/oriel/internal/quota"
)

// A limitUse is how near one limit is.
type limitUse struct {
	Key   string   `json:"key"`   // as oriel.yaml has it; an environment variable where it is none of these
	Of    string   `json:"of"`    // server, tenant, token or metric
	Name  string   `json:"name"`  // of that tenant, token or metric; "" is the default tenant, or all of them without a use
	Unit  string   `json:"unit"`  // bytes, seconds or nothing, and /s for what comes in a second
	Limit float64  `json:"limit"` // 0 is none
	Used  *float64 `json:"used"`  // nil where it is not known
}

// limitUses are the limits that what comes in is held to, with what is used of
// them: those of the server for who sees all of it, and those of the tenants
// that whoever asks sees whole.
func (a *app) limitUses(id *auth.Identity) []limitUse {
	series, limits := a.metrics.SeriesUse(), a.metrics.Limits()
	uses := []limitUse{}
	add := func(key, of, name, unit string, limit float64, used float64) {
		uses = append(uses, limitUse{key, of, name, unit, limit, &used})
	}
	server := id.SeesAll()
	if server {
		used, most := a.memory.Use()
		add("GOMEMLIMIT", "server", "", "bytes", float64(most), float64(used))
		add("limits.metric.max_series", "server", "", "", float64(limits.MaxSeries), float64(series.All))
		add("limits.metric.max_series_per_metric", "metric", series.Metric, "", float64(limits.MaxSeriesPerMetric), float64(series.OfMetric))
		if have, most := a.quota.Tenants(); a.cfg.Auth.Tenants {
			add("limits.rates.max_tenants", "server", "", "", float64(most), float64(have))
		}
	}
	sees := func(tenant string) bool {
		return slices.ContainsFunc([]auth.Signal{auth.Metrics, auth.Logs, auth.Traces}, func(s auth.Signal) bool { return id.SeesWhole(s, tenant) })
	}
	for _, tenant := range slices.Sorted(maps.Keys(series.Tenants)) {
		most, own := limits.MaxSeriesOfTenants[tenant]
		if !own {
			most = limits.MaxSeriesPerTenant
		}
		if most > 0 && id.SeesWhole(auth.Metrics, tenant) {
			add("limits.metric.max_series_per_tenant", "tenant", tenant, "", float64(most), float64(series.Tenants[tenant]))
		}
	}
	for _, u := range a.quota.Uses() {
		if server || u.Source == "tenant" && sees(u.Name) {
			add("limits.rates."+u.Source+"."+string(u.Limit), u.Source, u.Name, unitOf(u.Limit), u.Most, u.Used)
		}
	}
	return append(uses, a.shapeLimits(server)...)
}

// unitOf is the unit of a limit of quotas.
func unitOf(k quota.Kind) string {
	switch k {
	case quota.Bytes:
		return "bytes/s"
	case quota.Lines, quota.Spans, quota.Samples:
		return "/s"
	}
	return ""
}

// shapeLimits are those of single rows and requests, and the largest that came.
func (a *app) shapeLimits(server bool) (uses []limitUse) {
	l := a.cfg.Limits
	for _, x := range []struct {
		key, unit string
		limit     float64
		used      func() int64 // nil where it is not known
	}{
		{"limits.max_body_bytes", "bytes", float64(l.MaxBodyBytes), a.account.LargestRequest},
		{"limits.max_line_bytes", "bytes", float64(l.MaxLineBytes), a.account.LongestLine},
		{"limits.max_labels", "", float64(l.MaxLabels), nil},
		{"limits.max_label_name_bytes", "bytes", float64(l.MaxLabelNameBytes), nil},
		{"limits.max_label_value_bytes", "bytes", float64(l.MaxLabelValueBytes), nil},
		{"limits.max_attrs", "", float64(l.MaxAttrs), nil},
		{"limits.max_attr_bytes", "bytes", float64(l.MaxAttrBytes), nil},
		{"limits.max_age", "seconds", l.MaxAge.Seconds(), nil},
		{"limits.max_future", "seconds", l.MaxFuture.Seconds(), nil},
	} {
		u := limitUse{Key: x.key, Of: "server", Unit: x.unit, Limit: x.limit}
		if server && x.used != nil {
			used := float64(x.used())
			u.Used = &used
		}
		uses = append(uses, u)
	}
	return uses
}
