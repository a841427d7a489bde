package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/klauspost/compress/snappy"
)

const (
	quietTenant, noisyTenant = "quiet", "noisy"

	quietEvery  = 40 * time.Millisecond
	quietLines  = 50_000 // the noisy tenant has -lines
	quietSeries = 2_000  // it has -series
	quietPush   = 100    // lines in a push, and samples
	stormAt     = 8      // of each sort of chore at once
)

// moveIn stores what both tenants have, and makes their chores.
func (n *neighbourhood) moveIn() error {
	quiet, noisy := *n.o, *n.o
	quiet.lines, quiet.series, quiet.seed = quietLines, quietSeries, n.o.seed+1
	quietWords, _, _, err := n.store(quietTenant, &quiet)
	if err != nil {
		return err
	}
	noisyWords, lines, samples, err := n.store(noisyTenant, &noisy)
	if err != nil {
		return err
	}
	small := quiet
	small.lines, small.conns, small.seed = quietPush, 1, n.o.seed+2
	few, err := generateLogs(logFormatOf(n.s.target.logs.format), &small)
	if err != nil {
		return err
	}
	client := newClient()
	ask := func(tenant string, q query) func(context.Context, int) error {
		q.params.Set("nocache", "1")
		return func(ctx context.Context, _ int) error {
			return n.call(ctx, client, tenant, q.url(n.s.base, 0), nil, nil)
		}
	}
	find := func(of *options, w searchWords, name string) query {
		for _, q := range logQuestions(w, of) {
			if q.name == name {
				return q.query(n.s.target.logs, of)
			}
		}
		panic("no question " + name)
	}
	metrics := n.s.target.metrics
	prom := func(expr string, step time.Duration) query {
		return query{path: metrics.query + "_range", params: url.Values{
			"query": {expr}, "start": {unix(n.o.start())}, "end": {unix(n.o.end)}, "step": {strconv.Itoa(int(step.Seconds()))},
		}}
	}
	fresh := freshSamples(n.o.seed + 3)
	push := func(tenant string, l *load, path string) func(context.Context, int) error {
		var all []body
		for _, c := range l.conns {
			all = append(all, c...)
		}
		var next atomic.Int64
		return func(ctx context.Context, _ int) error {
			b := all[int(next.Add(1))%len(all)]
			return n.call(ctx, client, tenant, n.s.base+path, l.header, b.data)
		}
	}
	n.quiet = []*chore{
		{name: "PromQL", every: quietEvery, do: ask(quietTenant, prom(`sum by (mode) (rate(node_cpu_seconds_total[5m]))`, time.Minute))},
		{name: "LogQL", every: quietEvery, do: ask(quietTenant, find(&quiet, quietWords, "frequent_newest_100"))},
		{name: "push of lines", every: quietEvery, do: push(quietTenant, few.load, n.s.target.logs.push)},
		{name: "push of samples", every: quietEvery, do: func(ctx context.Context, _ int) error {
			return n.call(ctx, client, quietTenant, n.s.base+metrics.push, samples.header, fresh())
		}},
	}
	for _, c := range n.quiet {
		c.took = make([][]time.Duration, 3)
	}
	everySeries := ask(noisyTenant, prom(`max_over_time(sum by (namespace) (last_over_time({__name__=~".+"}[5m]))[10m:15s])`, scrape))
	everyField := ask(noisyTenant, find(&noisy, noisyWords, "top10_customers_plain"))
	everyLine := ask(noisyTenant, find(&noisy, noisyWords, "regex_count"))
	n.storms = []*storm{
		{name: "a storm", chores: []*chore{
			{name: "heavy PromQL", at: stormAt, do: everySeries},
			{name: "heavy LogQL", at: stormAt / 2, do: everyField},
			{name: "heavy LogQL of rows", at: stormAt / 2, do: everyLine},
			{name: "pushes of lines, 1 MB each", at: stormAt / 2, do: push(noisyTenant, lines, n.s.target.logs.push)},
			{name: fmt.Sprintf("pushes of %d samples", n.o.batch), at: stormAt / 2, do: push(noisyTenant, samples, metrics.push)},
		}},
		{name: "one heavy query", chores: []*chore{
			{name: "heavy PromQL and LogQL by turns", at: 1, do: func(ctx context.Context, i int) error {
				return []func(context.Context, int) error{everySeries, everyField, everyLine}[i%3](ctx, i)
			}},
		}},
	}
	return nil
}

// store pushes a tenant's history.
func (n *neighbourhood) store(tenant string, o *options) (words searchWords, lines, samples *load, err error) {
	logs, err := generateLogs(logFormatOf(n.s.target.logs.format), o)
	if err != nil {
		return words, nil, nil, err
	}
	samples = encodeMetrics(o, int(o.span/scrape))
	for _, l := range []*load{logs.load, samples} {
		l.header = maps.Clone(l.header)
		l.header[n.s.target.tenants] = tenant
	}
	if _, _, err := logs.send(n.s.base + n.s.target.logs.push); err != nil {
		return words, nil, nil, err
	}
	_, _, err = samples.send(n.s.base + n.s.target.metrics.push)
	return logs.words, logs.load, samples, err
}

// freshSamples returns a function that makes a push of a few series at the
// moment it is called.
func freshSamples(seed uint64) func() []byte {
	rnd := rand.New(rand.NewPCG(seed, 0))
	some := kubeSeries(quietPush, rnd)
	for _, s := range some {
		s.labels = append(s.labels, "zone", "fresh") // the last by name
	}
	encode := encodeV1(some, rnd)
	return func() []byte { return snappy.Encode(nil, encode(time.Now().UnixMilli())) }
}

// call asks as a tenant, and reads the answer to its end. After a refusal for
// being too much it asks again, as shippers do.
func (n *neighbourhood) call(ctx context.Context, client *http.Client, tenant, url string, header map[string]string, data []byte) error {
	method := http.MethodGet
	if data != nil {
		method = http.MethodPost
	}
	req, err := http.NewRequestWithContext(ctx, method, url, bytes.NewReader(data))
	if err != nil {
		return err
	}
	for k, v := range header {
		req.Header.Set(k, v)
	}
	req.Header.Set(n.s.target.tenants, tenant)
	resp, err := client.Do(req)
	if err != nil {
		return err
	}
	answer, err := io.ReadAll(resp.Body)
	_ = resp.Body.Close() // it was read
	switch {
	case err != nil:
		return err
	case resp.StatusCode == http.StatusTooManyRequests, resp.StatusCode == http.StatusServiceUnavailable:
		if tenant == quietTenant {
			n.refused.Add(1)
		}
		select {
		case <-time.After(100 * time.Millisecond):
		case <-ctx.Done():
			return ctx.Err()
		}
		return n.call(ctx, client, tenant, url, header, data)
	case resp.StatusCode/100 != 2:
		return fmt.Errorf("%s: %.300s", resp.Status, answer)
	}
	return nil
}
