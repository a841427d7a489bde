package evidence

import (
	"cmp"
	"math"
	"net/url"
	"slices"
	"strings"
	"time"

	promodel "github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql"

	"github.com/oriel-obs/oriel/alerting"
	"github.com/oriel-obs/oriel/internal/auth"
)

// A subject is an alert that is notified of, and its rule as far as it is
// known: alerts may come from elsewhere.
type subject struct {
	*promodel.Alert
	name string
	expr string // "" if not known
	rule alerting.Definition
	cond condition
	err  error // why cond is not known

	series map[string]string // labels that may be the series'; not those of the rule
	over   bool              // resolved
}

// maxAlerts bounds the alerts that evidence tells of.
const maxAlerts = 10

// subjects returns the alerts to look at, those first that matter most.
func (c *Collector) subjects(alerts []*promodel.Alert, at time.Time) []*subject {
	alerts = slices.Clone(alerts)
	slices.SortStableFunc(alerts, func(a, b *promodel.Alert) int {
		return cmp.Or(
			cmp.Compare(boolInt(a.ResolvedAt(at)), boolInt(b.ResolvedAt(at))),
			cmp.Compare(severity(a.Labels), severity(b.Labels)),
			a.StartsAt.Compare(b.StartsAt),
			cmp.Compare(a.Fingerprint(), b.Fingerprint()),
		)
	})
	out := make([]*subject, 0, min(len(alerts), maxAlerts))
	for _, a := range alerts[:min(len(alerts), maxAlerts)] {
		out = append(out, c.subject(a, at))
	}
	return out
}

func boolInt(b bool) int {
	if b {
		return 1
	}
	return 0
}

// severity orders alerts by their label of that name, in the words that are
// common.
func severity(ls promodel.LabelSet) int {
	switch strings.ToLower(string(ls["severity"])) {
	case "critical", "page", "emergency", "p1", "fatal":
		return 0
	case "error", "high", "major", "p2":
		return 1
	case "warning", "warn", "medium", "minor", "p3":
		return 2
	case "info", "low", "none", "p4":
		return 4
	}
	return 3
}

func (c *Collector) subject(a *promodel.Alert, at time.Time) *subject {
	s := &subject{Alert: a, name: string(a.Labels[promodel.AlertNameLabel]), over: a.ResolvedAt(at), series: map[string]string{}}
	signal, expr := asked(a.GeneratorURL)
	rule, known := c.opts.Rule(string(a.Labels[auth.TenantLabel]), s.name, expr)
	if !known {
		tenant := string(a.Labels[auth.TenantLabel])
		rule = alerting.Definition{Subject: alerting.Subject{Signal: signal, Owned: true, Tenant: tenant}, Expr: expr}
	}
	s.rule, s.expr = rule, rule.Expr
	if s.expr != "" {
		s.cond, s.err = split(rule.Signal, s.expr, c.opts.Parser)
	}
	for name, value := range a.Labels {
		mark := rule.Owned && name == auth.TenantLabel // which nobody sees in its series
		if name != promodel.AlertNameLabel && !mark && !rule.Labels[string(name)] {
			s.series[string(name)] = string(value)
		}
	}
	return s
}

// asked returns what the link of an alert asks for: that of a Prometheus, or
// one of alerting.Link.
func asked(link string) (alerting.Signal, string) {
	u, err := url.Parse(link)
	if err != nil {
		return "", ""
	}
	q := u.Query()
	switch {
	case strings.HasSuffix(u.Path, "/explore/logs"):
		return alerting.Logs, q.Get("q")
	case strings.HasSuffix(u.Path, "/explore/traces"):
		return alerting.Traces, q.Get("q")
	}
	return alerting.Metrics, q.Get("g0.expr")
}

// signal is that of the rule, by name.
func (s *subject) signal() alerting.Signal { return cmp.Or(s.rule.Signal, alerting.Metrics) }

// since is when the condition began to hold.
func (s *subject) since() time.Time { return s.StartsAt.Add(-s.rule.For) }

// has reports whether labels are those of the alert's series.
func (s *subject) has(ls labels.Labels) bool {
	fits := true
	ls.Range(func(l labels.Label) {
		if l.Name != promodel.MetricNameLabel && !s.rule.Labels[l.Name] && s.series[l.Name] != l.Value {
			fits = false
		}
	})
	return fits
}

// value returns the sample of the alert's series, NaN if there is none.
func (s *subject) value(v promql.Vector) float64 {
	best, most := math.NaN(), -1
	for _, sample := range v {
		if n := sample.Metric.Len(); n > most && s.has(sample.Metric) && sample.H == nil {
			best, most = sample.F, n
		}
	}
	return best
}

// labelsText returns the labels that tell the alert apart, as in
// shop/payment or {job="a", instance="b"}.
func (s *subject) labelsText() string {
	names := make([]string, 0, len(s.series))
	for name := range s.series {
		names = append(names, name)
	}
	slices.Sort(names)
	if len(names) == 1 {
		return s.series[names[0]]
	}
	for i, name := range names {
		names[i] = name + "=" + s.series[name]
	}
	return strings.Join(names, " ")
}
