package services

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	prommodel "github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"

	"github.com/oriel-obs/oriel/model"
)

// RED is what is asked of a service first: rate, errors, duration. Durations
// are in seconds and nil where nothing was measured.
type RED struct {
	Calls      float64  `json:"calls"`
	Errors     float64  `json:"errors"`
	Rate       float64  `json:"rate"` // calls per second
	ErrorRatio float64  `json:"errorRatio"`
	P50        *float64 `json:"p50"`
	P95        *float64 `json:"p95"`
	P99        *float64 `json:"p99"`
	Apdex      *float64 `json:"apdex"` // 0 to 1, calls that failed count as frustrating; https://en.wikipedia.org/wiki/Apdex
}

func (m *RED) add(calls float64, failed bool) {
	m.Calls += calls
	if failed {
		m.Errors += calls
	}
}

func (m *RED) finish(r model.Range) {
	m.Rate = m.Calls / (float64(r.End-r.Start) / 1e9)
	if m.Calls > 0 {
		m.ErrorRatio = m.Errors / m.Calls
	}
}

// A Service is one that had spans.
type Service struct {
	Name string `json:"name"`
	// Entry says that the numbers are of the service's entries: spans of kind
	// server and consumer. A service without any, such as a batch job, is told
	// of by all its spans.
	Entry bool `json:"entry"`
	RED
}

// An Operation is a name that spans of a service have, by kind.
type Operation struct {
	Name string `json:"name"`
	Kind string `json:"kind"` // server, client, producer, consumer, internal or unspecified
	RED
	Mean *float64 `json:"mean"` // duration in seconds; nil where nothing was measured
}

const (
	callsMetric   = "traces_spanmetrics_calls_total"
	latencyMetric = "traces_spanmetrics_latency"
	entryKinds    = "SPAN_KIND_SERVER|SPAN_KIND_CONSUMER"
	statusError   = "STATUS_CODE_ERROR"
)

// List returns the services with spans in r, those with most calls first.
// satisfied is the duration up to which a call counts as satisfying in Apdex;
// up to four times as long it is tolerable.
func (s *Services) List(ctx context.Context, r model.Range, satisfied time.Duration) ([]Service, error) {
	grown, err := s.increases(ctx, r, equal(prommodel.MetricNameLabel, callsMetric))
	if err != nil {
		return nil, err
	}
	entries, all := map[string]*Service{}, map[string]*Service{}
	count := func(in map[string]*Service, g increase, entry bool) {
		name := g.labels.Get("service")
		if in[name] == nil {
			in[name] = &Service{Name: name, Entry: entry}
		}
		in[name].add(g.by, g.labels.Get("status_code") == statusError)
	}
	for _, g := range grown {
		count(all, g, false)
		if k := g.labels.Get("span_kind"); k == "SPAN_KIND_SERVER" || k == "SPAN_KIND_CONSUMER" {
			count(entries, g, true)
		}
	}
	var out []Service
	for name, x := range all {
		if e := entries[name]; e != nil {
			x = e
		}
		x.finish(r)
		out = append(out, *x)
	}
	byName := func(ls labels.Labels) string { return ls.Get("service") }
	entryTimes, err := s.latencies(ctx, r, satisfied, `span_kind=~"`+entryKinds+`"`, "service", byName)
	if err != nil {
		return nil, err
	}
	allTimes, err := s.latencies(ctx, r, satisfied, "", "service", byName)
	if err != nil {
		return nil, err
	}
	for i := range out {
		from := allTimes
		if out[i].Entry {
			from = entryTimes
		}
		from.into(&out[i].RED, out[i].Name)
	}
	slices.SortFunc(out, func(a, b Service) int { return cmp.Or(cmp.Compare(b.Calls, a.Calls), cmp.Compare(a.Name, b.Name)) })
	return out, nil
}

// Operations returns the operations of a service in r, those with most calls
// first.
func (s *Services) Operations(ctx context.Context, r model.Range, service string, satisfied time.Duration) ([]Operation, error) {
	grown, err := s.increases(ctx, r, equal(prommodel.MetricNameLabel, callsMetric), equal("service", service))
	if err != nil {
		return nil, err
	}
	key := func(ls labels.Labels) string { return ls.Get("span_kind") + "\xff" + ls.Get("span_name") }
	byKey := map[string]*Operation{}
	for _, g := range grown {
		o := byKey[key(g.labels)]
		if o == nil {
			o = &Operation{Name: g.labels.Get("span_name"), Kind: kindName(g.labels.Get("span_kind"))}
			byKey[key(g.labels)] = o
		}
		o.add(g.by, g.labels.Get("status_code") == statusError)
	}
	of := "service=" + strconv.Quote(service)
	times, err := s.latencies(ctx, r, satisfied, of, "span_kind, span_name", key)
	if err != nil {
		return nil, err
	}
	means, err := s.vector(ctx, r, fmt.Sprintf("histogram_avg(sum by (span_kind, span_name) (rate(%s{%s}[%%s])))", latencyMetric, of))
	if err != nil {
		return nil, err
	}
	mean := make(map[string]float64, len(means))
	for _, sample := range means {
		mean[key(sample.Metric)] = sample.F
	}
	var out []Operation
	for k, o := range byKey {
		o.finish(r)
		times.into(&o.RED, k)
		o.Mean = known(mean, k)
		out = append(out, *o)
	}
	slices.SortFunc(out, func(a, b Operation) int {
		return cmp.Or(cmp.Compare(b.Calls, a.Calls), cmp.Compare(a.Name, b.Name), cmp.Compare(a.Kind, b.Kind))
	})
	return out, nil
}

// latencies are quantiles, and Apdex of the calls that did not fail, by key.
type latencies struct{ p50, p95, p99, apdex map[string]float64 }

// latencies asks for those of the spans that a selector of these matchers, in
// PromQL, keeps, by labels, which key makes a key of.
func (s *Services) latencies(ctx context.Context, r model.Range, satisfied time.Duration, matchers, by string, key func(labels.Labels) string) (latencies, error) {
	var l latencies
	sum := func(matchers string) string {
		return fmt.Sprintf("sum by (%s) (rate(%s{%s}[%%s]))", by, latencyMetric, matchers)
	}
	all := sum(matchers)
	good, served := satisfied.Seconds(), sum(strings.TrimPrefix(matchers+`,status_code!="`+statusError+`"`, ","))
	for _, x := range []struct {
		into *map[string]float64
		expr string
	}{
		{&l.p50, "histogram_quantile(0.5, " + all + ")"},
		{&l.p95, "histogram_quantile(0.95, " + all + ")"},
		{&l.p99, "histogram_quantile(0.99, " + all + ")"},
		{&l.apdex, fmt.Sprintf("histogram_fraction(0, %g, %s) + histogram_fraction(%g, %g, %s) / 2", good, served, good, 4*good, served)},
	} {
		v, err := s.vector(ctx, r, x.expr)
		if err != nil {
			return l, err
		}
		*x.into = map[string]float64{}
		for _, sample := range v {
			(*x.into)[key(sample.Metric)] = sample.F
		}
	}
	return l, nil
}

// into sets the durations of m, whose calls are counted.
func (l latencies) into(m *RED, key string) {
	m.P50, m.P95, m.P99 = known(l.p50, key), known(l.p95, key), known(l.p99, key)
	if m.P50 == nil {
		return // durations are not measured
	}
	apdex := 0.0
	if of := known(l.apdex, key); of != nil { // of the calls that did not fail
		apdex = *of * (1 - m.ErrorRatio)
	}
	m.Apdex = &apdex
}

func known(m map[string]float64, key string) *float64 {
	if v, ok := m[key]; ok && !math.IsNaN(v) {
		return &v
	}
	return nil
}

// kindName returns TraceQL's word for a kind of spans.
func kindName(s string) string {
	for _, k := range []model.SpanKind{model.SpanInternal, model.SpanServer, model.SpanClient, model.SpanProducer, model.SpanConsumer} {
		if "SPAN_KIND_"+strings.ToUpper(k.String()) == s {
			return k.String()
		}
	}
	return model.SpanUnspecified.String()
}

func equal(name, value string) *labels.Matcher {
	return labels.MustNewMatcher(labels.MatchEqual, name, value)
}
