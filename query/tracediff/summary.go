package tracediff

import (
	"cmp"
	"maps"
	"slices"

	"github.com/oriel-obs/oriel/model"
)

// A Summary says how two traces differ as a whole and by service. Durations
// are whole ms, rounded towards 0.
type Summary struct {
	Version         string    `json:"version"`
	Base            Whole     `json:"base"`
	Compare         Whole     `json:"compare"`
	Signals         Signals   `json:"signals"`
	Trust           Trust     `json:"trust"`
	Stats           Deltas    `json:"stats"`
	Warnings        []Warning `json:"warnings,omitempty"`
	ChangedServices []string  `json:"changedServices"` // by name; also those whose spans only moved
	Services        []Service `json:"services"`        // those whose time changed most first
}

// A Whole is one of the traces.
type Whole struct {
	TraceID           string `json:"traceId"`
	RootService       string `json:"rootService,omitempty"`
	RootName          string `json:"rootName,omitempty"`
	SpanCount         int    `json:"spanCount"`
	ErrorSpanCount    int    `json:"errorSpanCount"`
	DurationMs        int64  `json:"durationMs"` // from the first start to the last end
	SumSpanDurationMs int64  `json:"sumSpanDurationMs"`
}

// Signals say which way figures went: "increased", "decreased" or "unchanged",
// Structure "changed" or "unchanged".
type Signals struct {
	TraceLatency    string `json:"traceLatency"`
	SumSpanDuration string `json:"sumSpanDuration"`
	Errors          string `json:"errors"`
	SpanCount       string `json:"spanCount"`
	Structure       string `json:"structure"`
}

// Trust is how many of the spans have a match: of those of the larger trace,
// and of those of the smaller.
type Trust struct {
	MatchedSpanRatio float64 `json:"matchedSpanRatio"`
	StructureOverlap float64 `json:"structureOverlap"`
}

// Deltas are those of two Wholes, and counts of the patch.
type Deltas struct {
	TraceLatencyDeltaMs    int64 `json:"traceLatencyDeltaMs"`
	SumSpanDurationDeltaMs int64 `json:"sumSpanDurationDeltaMs"`
	SpanCountDelta         int   `json:"spanCountDelta"`
	ErrorSpanDelta         int   `json:"errorSpanDelta"`
	MatchedSpans           int   `json:"matchedSpans"`
	ModifiedSpans          int   `json:"modifiedSpans"`
	AddedSpans             int   `json:"addedSpans"`
	RemovedSpans           int   `json:"removedSpans"`
	FieldChanges           int   `json:"fieldChanges"`
	AttributeChanges       int   `json:"attributeChanges"`
}

// A Service has spans that changed, or takes another time than it did.
type Service struct {
	Name                   string `json:"name"`
	SumSpanDurationDeltaMs int64  `json:"sumSpanDurationDeltaMs"`
	Modified               int    `json:"modified"`
	Added                  int    `json:"added"`
	Removed                int    `json:"removed"`
	NewErrors              int    `json:"newErrors"`
	ResolvedErrors         int    `json:"resolvedErrors"`
}

const nsPerMilli = 1_000_000

// A side is what is summed up of a trace.
type side struct {
	first, last int64 // of spans with times
	sum         int64
	errors      int
	services    map[string]*serviceSide
}

type serviceSide struct {
	sum    int64
	places map[under]int // how many spans there are of each
}

func sideOf(spans []*node) *side {
	s := &side{services: map[string]*serviceSide{}}
	for _, n := range spans {
		name := serviceName(n.id.service)
		of := s.services[name]
		if of == nil {
			of = &serviceSide{places: map[under]int{}}
			s.services[name] = of
		}
		of.places[n.under()]++
		of.sum += n.length()
		s.sum += n.length()
		if n.Status == model.StatusError {
			s.errors++
		}
		if n.timed() && (s.first == 0 || n.Start < s.first) {
			s.first = n.Start
		}
		if n.timed() && n.End() > s.last {
			s.last = n.End()
		}
	}
	return s
}

func (s *side) whole(of Side, spans []*node) Whole {
	w := Whole{
		TraceID: of.TraceID, SpanCount: of.SpanCount, ErrorSpanCount: s.errors,
		DurationMs: (s.last - s.first) / nsPerMilli, SumSpanDurationMs: s.sum / nsPerMilli,
	}
	if len(spans) > 0 {
		w.RootService, w.RootName = spans[0].id.service, spans[0].id.name
	}
	return w
}

// serviceName names the service of spans without one.
func serviceName(s string) string { return cmp.Or(s, "<unknown>") }

// Summary returns what the changes come to.
func (d *Diff) Summary() *Summary {
	p := d.patch
	base, compare := sideOf(d.base), sideOf(d.compare)
	out := &Summary{
		Version: SummaryV0, Base: base.whole(p.Base, d.base), Compare: compare.whole(p.Compare, d.compare),
		Trust: Trust{
			MatchedSpanRatio: ratio(p.Stats.MatchedSpans, max(len(d.base), len(d.compare))),
			StructureOverlap: ratio(p.Stats.MatchedSpans, min(len(d.base), len(d.compare))),
		},
		Stats: Deltas{
			TraceLatencyDeltaMs:    (compare.last - compare.first - base.last + base.first) / nsPerMilli,
			SumSpanDurationDeltaMs: (compare.sum - base.sum) / nsPerMilli,
			SpanCountDelta:         len(d.compare) - len(d.base), ErrorSpanDelta: compare.errors - base.errors,
			MatchedSpans: p.Stats.MatchedSpans, ModifiedSpans: p.Stats.ModifiedSpans,
			AddedSpans: p.Stats.AddedSpans, RemovedSpans: p.Stats.RemovedSpans,
			FieldChanges: p.Stats.FieldChanges, AttributeChanges: p.Stats.AttributeChanges,
		},
		Warnings: p.Warnings,
	}
	moved := d.services(out, base, compare)
	out.Signals = Signals{
		TraceLatency: direction(out.Stats.TraceLatencyDeltaMs), SumSpanDuration: direction(out.Stats.SumSpanDurationDeltaMs),
		Errors: direction(out.Stats.ErrorSpanDelta), SpanCount: direction(out.Stats.SpanCountDelta), Structure: "unchanged",
	}
	if moved || p.Stats.AddedSpans+p.Stats.RemovedSpans > 0 {
		out.Signals.Structure = "changed"
	}
	return out
}

// services fills in the services, and reports whether spans of one moved.
func (d *Diff) services(out *Summary, base, compare *side) (moved bool) {
	out.ChangedServices, out.Services = []string{}, []Service{}
	counts := d.counts()
	names := maps.Clone(base.services)
	maps.Copy(names, compare.services)
	for name := range names {
		was, is := base.services[name], compare.services[name]
		if was == nil {
			was = &serviceSide{}
		}
		if is == nil {
			is = &serviceSide{}
		}
		delta := is.sum - was.sum
		s, touched := counts[name]
		if drifted(was.sum, delta) || touched {
			if s == nil {
				s = &Service{Name: name}
			}
			s.SumSpanDurationDeltaMs = delta / nsPerMilli
			out.Services = append(out.Services, *s)
			touched = true
		}
		if !maps.Equal(was.places, is.places) {
			moved, touched = true, true
		}
		if touched {
			out.ChangedServices = append(out.ChangedServices, name)
		}
	}
	slices.Sort(out.ChangedServices)
	slices.SortFunc(out.Services, func(a, b Service) int {
		return cmp.Or(
			cmp.Compare(absolute(b.SumSpanDurationDeltaMs), absolute(a.SumSpanDurationDeltaMs)),
			cmp.Compare(b.NewErrors, a.NewErrors), cmp.Compare(a.Name, b.Name))
	})
	return moved
}

// counts counts the changes of the patch by service.
func (d *Diff) counts() map[string]*Service {
	all := map[string]*Service{}
	of := func(service string) *Service {
		name := serviceName(service)
		if all[name] == nil {
			all[name] = &Service{Name: name}
		}
		return all[name]
	}
	failed := model.StatusError.String()
	for _, m := range d.patch.Modified {
		s := of(m.Span.Service)
		s.Modified++
		for _, c := range m.Changes {
			switch {
			case c.Target.Name != "status":
			case c.After == failed:
				s.NewErrors++
			case c.Before == failed:
				s.ResolvedErrors++
			}
		}
	}
	for _, a := range d.patch.Added {
		s := of(a.Span.Service)
		s.Added++
		if a.Span.Status == failed {
			s.NewErrors++
		}
	}
	for _, r := range d.patch.Removed {
		s := of(r.Span.Service)
		s.Removed++
		if r.Span.Status == failed {
			s.ResolvedErrors++
		}
	}
	return all
}

// drifted reports whether a service's time changed by a millisecond and a
// twentieth: many spans may each be slower by less than a change takes.
func drifted(was, delta int64) bool {
	d := absolute(delta)
	return d >= nsPerMilli && d >= was/20+min(was%20, 1)
}

func ratio(matched, of int) float64 {
	if of == 0 {
		return 0
	}
	return float64(matched) / float64(of)
}

func direction[T int | int64](delta T) string {
	switch {
	case delta > 0:
		return "increased"
	case delta < 0:
		return "decreased"
	}
	return "unchanged"
}

func absolute(x int64) int64 { return max(x, -x) }
