package services

import (
	"cmp"
	"context"
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
	statusError   = "STATUS_CODE_ERROR"
)

// A List is the services with spans in a range, those with most calls first.
type List struct {
	Services []Service `json:"services"`
	// Partial says why services are missing that no metrics tell of; "" if none
	// are.
	Partial string `json:"partial,omitempty"`
}

// List returns the services with spans in r. satisfied is the duration up to
// which a call counts as satisfying in Apdex; up to four times as long it is
// tolerable.
func (s *Services) List(ctx context.Context, r model.Range, satisfied time.Duration) (*List, error) {
	grown, err := s.increases(ctx, r, equal(prommodel.MetricNameLabel, callsMetric))
	if err != nil {
		return nil, err
	}
	byName := map[string]*Service{}
	for _, entries := range []bool{true, false} { // a service with entries is told of by them
		for _, g := range grown {
			name, entry := g.labels.Get("service"), isEntry(g.labels)
			x := byName[name]
			if x == nil && entry == entries {
				x = &Service{Name: name, Entry: entry}
				byName[name] = x
			}
			if x != nil && entry == entries && x.Entry == entry {
				x.add(g.by, g.labels.Get("status_code") == statusError)
			}
		}
	}
	times, err := s.latencies(ctx, r, "", "service, span_kind", func(ls labels.Labels) string {
		if x := byName[ls.Get("service")]; x != nil && x.Entry && !isEntry(ls) {
			return "" // of no service
		}
		return ls.Get("service")
	})
	if err != nil {
		return nil, err
	}
	out := &List{Services: make([]Service, 0, len(byName))}
	for name, x := range byName {
		x.finish(r)
		times.into(&x.RED, name, satisfied)
		out.Services = append(out.Services, *x)
	}
	if err := s.addUnmeasured(ctx, r, out); err != nil {
		return nil, err
	}
	slices.SortFunc(out.Services, func(a, b Service) int { return cmp.Or(cmp.Compare(b.Calls, a.Calls), cmp.Compare(a.Name, b.Name)) })
	return out, nil
}

// isEntry reports whether a series is of spans that others call.
func isEntry(ls labels.Labels) bool {
	k := ls.Get("span_kind")
	return k == "SPAN_KIND_SERVER" || k == "SPAN_KIND_CONSUMER"
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
	times, err := s.latencies(ctx, r, "service="+strconv.Quote(service), "span_kind, span_name", key)
	if err != nil {
		return nil, err
	}
	var out []Operation
	for k, o := range byKey {
		o.finish(r)
		times.into(&o.RED, k, satisfied)
		o.Mean = mean(times.all[k])
		out = append(out, *o)
	}
	slices.SortFunc(out, func(a, b Operation) int {
		return cmp.Or(cmp.Compare(b.Calls, a.Calls), cmp.Compare(a.Name, b.Name), cmp.Compare(a.Kind, b.Kind))
	})
	return out, nil
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
