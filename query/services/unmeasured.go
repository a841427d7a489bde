package services

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/oriel-obs/oriel/internal/fault"
	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/query/traceql"
	"github.com/oriel-obs/oriel/storage"
)

const (
	// overflow is the service under which span metrics count what they have no
	// room for.
	overflow = "__overflow__"
	// spanPatience is how long spans may be read for services that have no
	// metrics: a list without them now is worth more than a whole one later.
	spanPatience = 3 * time.Second
	// maxNamedInQuery is how many services are asked for by name; more cost
	// less when the spans of all are read.
	maxNamedInQuery = 100
	// raise is what to do about services without metrics.
	raise = "raise ingest.spans.span_metrics.max_label_sets"
)

// addUnmeasured adds the services that sent spans but are in no metrics, as
// the metrics are off, new, or full, with numbers of their stored spans.
func (s *Services) addUnmeasured(ctx context.Context, r model.Range, l *List) error {
	streams, err := s.opts.Events.Streams(ctx, storage.StreamsRequest{Signal: model.Spans, Range: r})
	if err != nil {
		return err
	}
	measured := map[string]bool{"": true}
	for _, x := range l.Services {
		measured[x.Name] = true
	}
	missing := map[string]*Service{}
	for _, stream := range streams {
		if name := stream.Attr("service.name").Text(); !measured[name] {
			missing[name] = &Service{Name: name}
		}
	}
	if len(missing) == 0 {
		return nil
	}
	within, cancel := context.WithTimeout(ctx, spanPatience)
	defer cancel()
	switch err := s.ofSpans(within, r, missing); {
	case err == nil:
	case ctx.Err() == nil && (errors.Is(err, context.DeadlineExceeded) || errors.Is(err, fault.ErrTimeout) || errors.Is(err, fault.ErrLimit)):
		l.Partial = fmt.Sprintf("%d services are in no span metrics, and the range has too many spans to count theirs; %s, or ask for a shorter range", len(missing), raise)
		return nil
	default:
		return err
	}
	if len(missing) > maxNamedInQuery {
		l.Partial = fmt.Sprintf("%d services are in no span metrics: their calls are counted from stored spans, and their durations are not known; %s", len(missing), raise)
	}
	// Each of those that it stands for is told of by itself now.
	l.Services = slices.DeleteFunc(l.Services, func(x Service) bool { return x.Name == overflow })
	for _, x := range missing {
		if x.Calls > 0 {
			l.Services = append(l.Services, *x)
		}
	}
	return nil
}

// ofSpans sets the numbers of services by what is stored of them: calls and
// errors, which the store counts, and of a few services durations, for which
// each span is read.
func (s *Services) ofSpans(ctx context.Context, r model.Range, of map[string]*Service) error {
	counts, err := s.perService(ctx, r, of, "", "rate() by (resource.service.name, kind, status)")
	if err != nil {
		return err
	}
	seconds := float64(r.End-r.Start) / 1e9
	for _, entries := range []bool{true, false} {
		for _, c := range counts {
			entry := c.label("kind") == "server" || c.label("kind") == "consumer"
			if entry == entries && (c.of.Calls == 0 || c.of.Entry == entry) {
				c.of.Entry = entry
				c.of.add(c.value*seconds, c.label("status") == "error")
			}
		}
	}
	for _, x := range of {
		x.finish(r)
	}
	if len(of) > maxNamedInQuery {
		return nil
	}
	const quantiles = "quantile_over_time(duration, .5, .95, .99) by (resource.service.name)"
	for _, filter := range []string{"(kind = server || kind = consumer)", ""} {
		times, err := s.perService(ctx, r, of, filter, quantiles)
		if err != nil {
			return err
		}
		for _, t := range times {
			if t.of.Entry != (filter != "") {
				continue
			}
			switch v := t.value; t.label("p") {
			case "0.5":
				t.of.P50 = &v
			case "0.95":
				t.of.P95 = &v
			case "0.99":
				t.of.P99 = &v
			}
		}
		if !hasBatch(of) {
			break // the second is of services that answer no calls
		}
	}
	return nil
}

func hasBatch(of map[string]*Service) bool {
	for _, x := range of {
		if !x.Entry && x.Calls > 0 {
			return true
		}
	}
	return false
}

// A figure is one number of a service.
type figure struct {
	of     *Service
	labels []traceql.Label
	value  float64
}

func (f figure) label(name string) string {
	for _, l := range f.labels {
		if l.Name == name {
			return l.Value.Text()
		}
	}
	return ""
}

// perService evaluates a TraceQL metric over all of r for some services.
func (s *Services) perService(ctx context.Context, r model.Range, of map[string]*Service, filter, metric string) ([]figure, error) {
	var conditions []string
	if filter != "" {
		conditions = append(conditions, filter)
	}
	if len(of) <= maxNamedInQuery {
		var names []string
		for name := range of {
			names = append(names, "resource.service.name = "+strconv.Quote(name))
		}
		slices.Sort(names)
		conditions = append(conditions, "("+strings.Join(names, " || ")+")")
	}
	text := "{ " + strings.Join(conditions, " && ") + " } | " + metric
	q, err := traceql.Parse(text)
	if err != nil {
		return nil, fmt.Errorf("query %s: %w", text, err)
	}
	res, err := s.opts.Traces.Metrics(ctx, traceql.MetricsRequest{Query: q, Start: r.Start, End: r.End, Instant: true})
	if err != nil {
		return nil, fmt.Errorf("query %s: %w", text, err)
	}
	var out []figure
	for _, series := range res.Series {
		f := figure{labels: series.Labels, value: series.Points[0]}
		if f.of = of[f.label("resource.service.name")]; f.of != nil && f.value == f.value {
			out = append(out, f)
		}
	}
	return out, nil
}
