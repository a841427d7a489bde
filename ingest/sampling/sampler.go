package sampling

import (
	"context"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/oriel-obs/oriel/ingest"
	"github.com/oriel-obs/oriel/ingest/derived"
	"github.com/oriel-obs/oriel/model"
)

// A Sampler passes on what it keeps of the spans, and everything else. It is
// safe for concurrent use.
type Sampler struct {
	cfg     Config
	next    ingest.EventWriter
	metrics *metrics

	mu       sync.Mutex
	limits   *limits
	notable  *memory // traces with a span kept by rule
	lastFrom string  // a trace state and its successor: most are alike
	lastTo   string
	lastTh   threshold
}

// New returns a Sampler in front of next.
func New(cfg Config, next ingest.EventWriter, reg prometheus.Registerer) *Sampler {
	return &Sampler{
		cfg: cfg, next: next, metrics: newMetrics(reg),
		limits: newLimits(cfg.MaxSpansPerSecond, thresholdOf(cfg.Probability)), notable: newMemory(cfg.Remember),
	}
}

// Append implements ingest.EventWriter. Spans that are not kept count as
// taken: their sender has nothing to repeat.
func (s *Sampler) Append(ctx context.Context, b *model.Batch) error {
	if b.Signal != model.Spans || b.Len() == 0 {
		return s.next.Append(ctx, b)
	}
	d := s.decide(b, time.Now().UnixNano())
	if len(d.weights) > 0 {
		compact(b, d.keep, d.weights)
		if err := s.next.Append(ctx, b); err != nil {
			return err
		}
	}
	s.metrics.note(&d)
	return nil
}

// decisions are those on one batch.
type decisions struct {
	keep    []bool    // by row
	weights []float64 // of the rows kept
	counts  [outcomes]int
}

// An outcome is what becomes of a span, and why.
type outcome int

const (
	dropped outcome = iota
	byRule
	byHead
	byTrace
	outcomes
)

// decide decides on every row of b, and notes thresholds in its trace states.
func (s *Sampler) decide(b *model.Batch, now int64) decisions {
	d := decisions{keep: make([]bool, b.Len())}
	rules := s.rules(b)
	hit := make([]bool, b.Len())
	services := make([]string, len(b.Streams))
	for i, st := range b.Streams {
		services[i] = derived.Service(st)
	}

	s.mu.Lock()
	defer s.mu.Unlock()
	s.limits.turn(now)
	for i := range b.Len() {
		if hit[i] = rules.match(i); hit[i] {
			s.notable.add(b.Spans.TraceID[i])
		}
	}
	for i := range b.Len() {
		id := b.Spans.TraceID[i]
		ts := parseTraceState(b.Spans.TraceState[i])
		if !ts.explicit {
			ts.randomness = randomnessOf(id)
		}
		t := s.limits.of(services[b.StreamOf[i]])
		o, weight := dropped, 0.0
		switch {
		case hit[i]:
			o, weight = byRule, 1/ts.threshold.share()
		case s.cfg.DecisionWait > 0 && s.notable.has(id): // as sure to be kept as the span that the rule is about
			o, weight = byTrace, 1/ts.threshold.share()
		case ts.randomness >= uint64(t):
			o, weight = byHead, 1/max(t, ts.threshold).share()
			if t > ts.threshold {
				b.Spans.TraceState[i] = s.noted(b.Spans.TraceState[i], t)
			}
		case s.notable.has(id):
			o = byTrace
		}
		d.counts[o]++
		if o != dropped {
			d.keep[i] = true
			d.weights = append(d.weights, weight)
		}
	}
	return d
}

// noted is withThreshold, remembering the last answer.
func (s *Sampler) noted(state string, t threshold) string {
	if s.lastTo == "" || s.lastFrom != state || s.lastTh != t {
		s.lastFrom, s.lastTo, s.lastTh = state, withThreshold(state, t), t
	}
	return s.lastTo
}
