package evidence

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"sync"
	"time"

	promodel "github.com/prometheus/common/model"

	"github.com/oriel-obs/oriel/internal/auth"
)

// A part of the evidence is found by itself: find returns what sets it.
type part struct {
	name string
	find func(context.Context) (set func(*Evidence), err error)
}

// gather does g, within the bound of time.
func (c *Collector) gather(ctx context.Context, g *gathering, alerts []*promodel.Alert) {
	began := time.Now()
	ctx, cancel := context.WithTimeout(ctx, c.opts.Config.Timeout)
	defer cancel()

	subjects := c.subjects(alerts, g.at)
	ctx = c.as(ctx, subjects)
	s := c.newSearch(g.at, subjects)
	e := &Evidence{ID: newID(), CollectedAt: began.UTC(), Alerts: s.alerts()}
	select {
	case c.turns <- struct{}{}:
		c.findParts(ctx, e, s.parts(), func() { <-c.turns })
	case <-ctx.Done():
		c.miss(e, "rule", fmt.Errorf("other notifications were looked into for %v", c.opts.Config.Timeout))
	}
	slices.SortFunc(e.Errors, func(a, b PartError) int { return slices.Index(partOrder, a.Part) - slices.Index(partOrder, b.Part) })
	c.finish(e, s)
	e.Seconds = time.Since(began).Seconds()
	c.keep(e)
	c.metrics.seconds.Observe(e.Seconds)
	g.found = e
}

// as returns ctx for looking with the eyes of those whose alerts these are:
// nobody is told in a notification what their rules do not see. All of it is one
// tenant's, or the operator's.
func (c *Collector) as(ctx context.Context, of []*subject) context.Context {
	if c.opts.Tenants && slices.ContainsFunc(of, func(s *subject) bool { return s.rule.Owned }) {
		return auth.With(ctx, auth.Own(string(of[0].Labels[auth.TenantLabel])))
	}
	return ctx
}

// partOrder is that in which errors are listed.
var partOrder = []string{"rule", "picture", "logs", "traces", "deploys", "keeping"}

// findParts looks for the parts side by side until ctx ends. ended is called
// when none is at work any more, which may be later.
func (c *Collector) findParts(ctx context.Context, e *Evidence, parts []part, ended func()) {
	var atWork sync.WaitGroup
	defer c.running.Go(func() {
		atWork.Wait()
		ended()
	})
	type result struct {
		name string
		set  func(*Evidence)
		err  error
	}
	results := make(chan result, len(parts)) // nobody waits for those who are late
	waiting := map[string]bool{}
	for _, p := range parts {
		waiting[p.name] = true
		atWork.Go(func() {
			r := result{name: p.name}
			defer func() {
				if v := recover(); v != nil { // a notification must go out all the same
					c.log.Error("panic in looking for evidence", "part", p.name, "panic", v, "stack", string(debug.Stack()))
					r.set, r.err = nil, errors.New("failed inside; the log has more")
				}
				results <- r
			}()
			r.set, r.err = p.find(ctx)
		})
	}
	for len(waiting) > 0 {
		select {
		case r := <-results:
			delete(waiting, r.name)
			if r.set != nil {
				r.set(e)
			}
			if r.err != nil {
				if errors.Is(r.err, context.DeadlineExceeded) && ctx.Err() != nil {
					r.err = c.late()
				}
				c.miss(e, r.name, r.err)
			}
		case <-ctx.Done():
			if len(results) > 0 { // in time, by a hair
				continue
			}
			for name := range waiting {
				c.miss(e, name, c.late())
			}
			return
		}
	}
}

func (c *Collector) late() error {
	return fmt.Errorf("not found within %v", c.opts.Config.Timeout)
}

// miss notes that a part is missing or not complete.
func (c *Collector) miss(e *Evidence, name string, err error) {
	c.metrics.missed.WithLabelValues(name).Inc()
	e.Errors = append(e.Errors, PartError{name, cut(c.redact.Text(err.Error()), maxError)})
}

const maxError = 300
