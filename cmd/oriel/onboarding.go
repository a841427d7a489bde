package main

import (
	"context"
	"errors"
	"math"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"

	promodel "github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"

	"github.com/oriel-obs/oriel/ingest/self"
	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/storage"
)

// derived are the protocols of the account under which Oriel stores what it
// measured itself.
var derived = []string{"self", "service_graph", "span_metrics", "pipeline"}

// emptiness reports whether nothing but Oriel's own telemetry was ever stored.
// What has been received once stays so: then nothing is looked up any more.
func (a *app) emptiness() func(context.Context) (bool, error) {
	var received atomic.Bool
	return func(ctx context.Context) (bool, error) {
		if received.Load() {
			return false, nil
		}
		for _, x := range a.account.Accepted() {
			if x.Rows > 0 && !slices.Contains(derived, x.Protocol) {
				received.Store(true)
				return false, nil
			}
		}
		found, err := a.storedBefore(ctx)
		if err != nil {
			return false, err
		}
		received.Store(found)
		return !found, nil
	}
}

// storedBefore reports whether the stores have something of another service,
// from before this start.
func (a *app) storedBefore(ctx context.Context) (found bool, err error) {
	for _, signal := range []model.Signal{model.Logs, model.Spans} {
		streams, err := a.events.Streams(ctx, storage.StreamsRequest{Signal: signal, Range: model.Range{Start: math.MinInt64, End: math.MaxInt64}})
		if err != nil {
			return false, err
		}
		for _, s := range streams {
			if s.Attr("service_name").Str() != self.ServiceName && s.Attr("service.name").Str() != self.ServiceName {
				return true, nil
			}
		}
	}
	q, err := a.metrics.Querier(math.MinInt64, math.MaxInt64)
	if err != nil {
		return false, err
	}
	defer func() { err = errors.Join(err, q.Close()) }()
	names, _, err := q.LabelValues(ctx, promodel.MetricNameLabel, nil, labels.MustNewMatcher(labels.MatchNotEqual, "job", self.ServiceName))
	if err != nil {
		return false, err
	}
	return slices.ContainsFunc(names, func(name string) bool {
		return !strings.HasPrefix(name, "traces_") && !strings.HasPrefix(name, "ALERTS")
	}), nil
}

// prometheusLinks lets links to Prometheus 3's query page through to page: the
// path is that of InfluxDB's queries too, which have no parameter of that name.
func prometheusLinks(page http.Handler) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Method == http.MethodGet && r.URL.Path == "/query" && r.URL.Query().Has("g0.expr") {
				page.ServeHTTP(w, r)
				return
			}
			next.ServeHTTP(w, r)
		})
	}
}
