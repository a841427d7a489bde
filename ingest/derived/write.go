package derived

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/prometheus/prometheus/model/exemplar"
	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/value"
	promstorage "github.com/prometheus/prometheus/storage"

	"github.com/oriel-obs/oriel/ingest"
)

// Run writes at each interval until ctx ends, and once more then. before is
// called ahead of each write; it may be nil.
func (b *Book[K]) Run(ctx context.Context, before func(now time.Time)) error {
	tick := time.NewTicker(b.opts.Timing.Interval)
	defer tick.Stop()
	for {
		last := false
		select {
		case <-ctx.Done():
			last = true
		case <-tick.C:
		}
		now := time.Now()
		if before != nil {
			before(now)
		}
		ctx := b.opts.Account.Arrive(context.WithoutCancel(ctx), b.opts.Source)
		n, err := b.Write(ctx, now)
		if err != nil {
			b.opts.Account.Reject(ctx, b.opts.Source, "metrics", ingest.ReasonStorage, max(n, 1), err.Error())
		} else if n > 0 {
			b.opts.Account.Accept(ctx, b.opts.Source, "metrics", n, 0)
		}
		if last {
			return nil
		}
	}
}

// chunk is how many sets are written in one go while ingest waits.
const chunk = 32

// Write appends a sample of every series, all at now, in one transaction, and
// returns how many. Only one Write may run at a time. After an error none of
// them is stored; counts go on.
func (b *Book[K]) Write(ctx context.Context, now time.Time) (samples int, err error) {
	t := now.UnixMilli()
	if t <= b.last {
		return 0, nil // the clock was set back: wait until it has caught up
	}
	w := writer{app: b.opts.Metrics.AppenderV2(ctx), columns: b.columns, bounds: b.bounds, t: t, before: b.last, metrics: b.metrics}
	b.last = t
	stale := now.Add(-b.opts.Timing.StaleAfter).UnixNano()
	for i := 0; ; {
		b.mu.Lock()
		for n := 0; n < chunk && i < len(b.list); n++ {
			s := b.list[i].set
			if s.seen >= stale {
				w.set(s)
				i++
			} else {
				w.end(s)
				b.remove(i)
			}
		}
		done := i >= len(b.list)
		b.mu.Unlock()
		if w.err != nil {
			return w.samples, errors.Join(fmt.Errorf("append derived metrics: %w", w.err), w.app.Rollback())
		}
		if done {
			break
		}
	}
	if err := w.app.Commit(); err != nil {
		return w.samples, fmt.Errorf("commit derived metrics: %w", err)
	}
	for reason, r := range w.refused {
		b.opts.Account.Reject(ctx, b.opts.Source, "metrics", reason, r.samples, r.example)
	}
	return w.samples, nil
}

// A writer appends sets in one transaction.
type writer struct {
	app       promstorage.AppenderV2
	columns   []column
	bounds    []int64
	t, before int64 // ms; of this write, and of the one before
	metrics   *metrics

	samples int
	refused map[string]*refusal // by reason
	err     error               // of the store; nothing is appended after it
}

// A refusal is samples that the store refused for one reason.
type refusal struct {
	samples int
	example string
}

// set appends a sample of each series of s, except of histograms that have
// observed nothing yet.
func (w *writer) set(s *Set) {
	if s.series == nil {
		s.series = make([]series, len(w.columns))
	}
	shown, slot := w.exemplar(s)
	var below uint64 // of buckets up to this one
	for i := range w.columns {
		c := &w.columns[i]
		var (
			v    float64
			h    *histogram.Histogram
			opts promstorage.AOptions
		)
		if c.part >= bucket && s.hists[c.index].count == 0 {
			continue
		}
		switch c.part {
		case counter:
			v = s.counts[c.index]
		case gauge:
			v = 1
		case bucket:
			if c.bound == 0 {
				below = 0
			}
			below += s.hists[c.index].classic[c.bound]
			v = float64(below)
			if c.index == 0 && c.bound == slot {
				opts.Exemplars = shown
			}
		case sum:
			v = s.hists[c.index].sum
		case count:
			v = float64(s.hists[c.index].count)
		case native:
			h = s.hists[c.index].histogram()
			if c.index == 0 {
				opts.Exemplars = shown
			}
		}
		if !s.series[i].begun {
			w.begin(&s.series[i], c, s.labels)
		}
		w.append(&s.series[i], w.t, v, h, opts)
	}
}

// begin gives a series its labels and appends zero at the time of the write
// before.
func (w *writer) begin(s *series, c *column, base labels.Labels) {
	s.labels = c.labels(base)
	opts := promstorage.AOptions{MetricFamilyName: c.family, Metadata: c.meta}
	switch c.part {
	case gauge:
	case native:
		w.append(s, w.before, 0, (&distribution{}).histogram(), opts)
	default:
		w.append(s, w.before, 0, nil, opts)
	}
}

// end appends staleness markers to the series of s.
func (w *writer) end(s *Set) {
	for i := range s.series {
		if s.series[i].ref == 0 {
			continue
		}
		w.append(&s.series[i], w.t, math.Float64frombits(value.StaleNaN), nil, promstorage.AOptions{})
	}
}

// exemplar takes the one of s, and returns the bucket that it is in.
func (w *writer) exemplar(s *Set) (shown []exemplar.Exemplar, slot int) {
	e := s.exemplar
	if e.SpanID.IsZero() {
		return nil, -1
	}
	s.exemplar = Exemplar{}
	at := min(e.End/1e6, w.t)
	if at <= s.exTime {
		at = w.t // the store wants those of a series in order
	}
	s.exTime = at
	slot, _ = slices.BinarySearch(w.bounds, e.Duration)
	return []exemplar.Exemplar{{
		Labels: labels.FromStrings("span_id", e.SpanID.String(), "trace_id", e.TraceID.String()),
		Value:  float64(e.Duration) / 1e9, Ts: at, HasTs: true,
	}}, slot
}

// append appends one sample at t, in ms. What the store refuses of it is
// counted; only when the store itself fails is w.err set.
func (w *writer) append(s *series, t int64, v float64, h *histogram.Histogram, opts promstorage.AOptions) {
	if w.err != nil {
		return
	}
	first := s.ref == 0
	ref, err := w.app.Append(s.ref, s.labels, 0, t, v, h, nil, opts)
	var partial *promstorage.AppendPartialError
	switch {
	case err == nil:
		w.metrics.exemplarsTaken.Add(float64(len(opts.Exemplars)))
	case errors.As(err, &partial):
		w.metrics.exemplarsRefused.Add(float64(len(partial.ExemplarErrors)))
	default:
		w.refuse(s, err)
		return
	}
	s.ref, s.begun = ref, true
	if ref == 0 {
		return // the operator's rules drop this series
	}
	w.samples++
	if first {
		if g, ok := w.app.(promstorage.GetRef); ok {
			if r, ls := g.GetRef(s.labels, s.labels.Hash()); r == ref {
				s.labels = ls // so that they are in memory once
			}
		}
	}
}

// refuse notes what the store says about a sample, or about itself.
func (w *writer) refuse(s *series, err error) {
	reason := ingest.ReasonOfSample(err)
	if errors.Is(err, promstorage.ErrNativeHistogramsDisabled) {
		reason = ingest.ReasonTranslate
	}
	if reason == "" {
		w.err = err
		return
	}
	r := w.refused[reason]
	if r == nil {
		r = &refusal{example: fmt.Sprintf("%v: series %v", err, s.labels)}
		if w.refused == nil {
			w.refused = map[string]*refusal{}
		}
		w.refused[reason] = r
	}
	r.samples++
}
