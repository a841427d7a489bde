package main

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"

	"github.com/oriel-obs/oriel/storage/metric/downsample"
	"github.com/oriel-obs/oriel/storage/metric/metrictest"
)

const nightAndDay = 24 * time.Hour

// yearKept is how long samples stay as they came in the store of year.
const yearKept = 3 * nightAndDay

// yearLevels are what else it keeps: the defaults, but for 5m, of which they have
// 90 days.
func yearLevels() []downsample.Level {
	levels := downsample.DefaultLevels()
	levels[0].Retention = model.Duration(30 * nightAndDay)
	return levels
}

// yearConf is the same to a server.
func yearConf() string {
	conf := fmt.Sprintf("storage: {metric: {retention: %s, downsampling: [", model.Duration(yearKept))
	for _, l := range yearLevels() {
		conf += fmt.Sprintf("{resolution: %s, after: %s, retention: %s},", l.Resolution, l.After, l.Retention)
	}
	return conf + "]}}\n"
}

// year asks the first target, on a store of o.days that it did not have to wait
// for, what dashboards show of a year.
func year(o *options, w io.Writer) error {
	t := o.targets[0]
	if t.name != "oriel-year" {
		return fmt.Errorf("%s cannot be given a year of samples; oriel-year can", t.name)
	}
	s, err := newServer(t, o)
	if err != nil {
		return err
	}
	m := &measures{}
	store, err := yearStore(o, m)
	if err != nil {
		return fmt.Errorf("write a year: %w", err)
	}
	if !o.keep {
		defer func() { _ = os.RemoveAll(store) }() // the next run writes it anew
		defer func() { _ = os.RemoveAll(s.dir) }() // the next run wipes it too
	}
	if err := os.Symlink(store, filepath.Join(s.data(), "metric")); err != nil {
		return err
	}
	defer s.kill()
	ready, err := s.start(startLimit)
	if err != nil {
		return err
	}
	m.set("start", "ms", ms(ready))
	s.settle(settleLimit)
	m.set("idle.anon", "MB", float64(s.status("RssAnon"))/1e6)
	queries := yearQueries(o, t.metrics)
	ask(s, s.base, queries, o.reps, m)
	m.set("query.peak_anon", "MB", float64(s.peakAnon.Load())/1e6)
	if o.cold != "off" {
		if err := askCold(s, s.base, queries, o, m); err != nil {
			return fmt.Errorf("cold queries: %w", err)
		}
	}
	results := []*result{{Target: t.name, Scale: 1, Median: m, Runs: []*measures{m}}}
	if o.jsonPath != "" {
		if err := writeJSON(o, results); err != nil {
			return err
		}
	}
	show := printTable
	if o.markdown {
		show = printMarkdown
	}
	show(w, results)
	return checkLog(filepath.Join(s.dir, "server.log"))
}

// yearStore returns the folder of the metric store, which it writes unless -keep
// has kept that of an equal run today.
func yearStore(o *options, m *measures) (string, error) {
	dir := filepath.Join(o.scratch, "year")
	mark, what := filepath.Join(dir, "written"), fmt.Sprintln(o.series, o.days, o.seed, yearEnd(o).Truncate(nightAndDay), yearConf())
	store := filepath.Join(dir, "metric")
	if text, err := os.ReadFile(mark); err != nil || string(text) != what {
		if err := os.RemoveAll(dir); err != nil {
			return "", err
		}
		if err := os.MkdirAll(store, 0o755); err != nil {
			return "", err
		}
		begin := time.Now()
		if err := oldStore(o, store).Write(context.Background()); err != nil {
			return "", err
		}
		m.set("write", "s", time.Since(begin).Seconds())
		if err := os.WriteFile(mark, []byte(what), 0o644); err != nil {
			return "", err
		}
	}
	m.set("disk.total", "MB", float64(diskBytes(store))/1e6)
	for _, l := range yearLevels() {
		m.set("disk."+l.Resolution.String(), "MB", float64(diskBytes(filepath.Join(store, "downsampled", l.Resolution.String())))/1e6)
	}
	return store, nil
}

func yearEnd(o *options) time.Time { return o.end.UTC().Truncate(time.Hour) }

// alike are the series of which every second has the same motion.
func alike(s *series) string {
	key := fmt.Sprint(s.motion, s.speed == 0)
	for i := 0; i < len(s.labels); i += 2 {
		switch s.labels[i] {
		case "__name__", "le", "handler", "code", "mode", "phase":
			key += " " + s.labels[i+1]
		}
	}
	return key
}

// resetsAfter is how many scrapes a counter lives, on average: twenty days.
const resetsAfter = int(20 * nightAndDay / scrape)

func oldStore(o *options, dir string) metrictest.Old {
	old := metrictest.Old{
		Dir: dir, Start: yearEnd(o).Add(-time.Duration(o.days) * nightAndDay), End: yearEnd(o), Scrape: scrape,
		Levels: yearLevels(), Retention: yearKept,
	}
	known := map[string][]int{} // motions of those that are alike
	seen := map[string]int{}
	for i, s := range kubeSeries(o.series, rand.New(rand.NewPCG(o.seed, 0))) {
		key := alike(s)
		if seen[key]++; len(known[key]) < 2 {
			rnd := rand.New(rand.NewPCG(o.seed, uint64(i)))
			known[key] = append(known[key], len(old.Motions))
			old.Motions = append(old.Motions, func() float64 {
				if s.motion >= counterInt && rnd.IntN(resetsAfter) == 0 {
					s.value = 0
				}
				return s.step(rnd)
			})
		}
		motion := known[key][seen[key]%len(known[key])]
		old.Series = append(old.Series, metrictest.Series{Labels: labels.FromStrings(s.labels...), Motion: motion})
	}
	return old
}

// yearQueries are those of dashboards over all of the time, as Oriel's page asks
// them, at multiples of its step, and as Grafana does.
func yearQueries(o *options, api *metricsAPI) (all []query) {
	add := func(name string, step time.Duration, promql string) {
		end := yearEnd(o).Truncate(step)
		begin := end.Add(-time.Duration(o.days) * nightAndDay).Truncate(step)
		all = append(all, query{
			name: name, path: api.query + "_range", rows: promRows,
			params: url.Values{
				"query": {promql}, "step": {strconv.Itoa(int(step.Seconds()))},
				"start": {unix(begin)}, "end": {unix(end)}, "nocache": {"1"},
			},
		})
	}
	const step = 12 * time.Hour
	add("gauge_1", step, `node_load1{instance="10.0.0.1:9100"}`)
	add("rate_1", step, `rate(node_cpu_seconds_total{instance="10.0.0.1:9100", cpu="0", mode="user"}[12h])`)
	add("rate_namespace", step, `sum by (namespace) (rate(container_cpu_usage_seconds_total{namespace="team-a"}[12h]))`)
	add("rate_node_cpu", step, `sum by (mode) (rate(node_cpu_seconds_total[12h]))`)
	add("rate_by_namespace", step, `sum by (namespace) (rate(container_cpu_usage_seconds_total[12h]))`)
	add("max_memory", step, `max by (namespace) (max_over_time(container_memory_working_set_bytes[12h]))`)
	add("avg_memory", step, `avg by (namespace) (avg_over_time(container_memory_working_set_bytes[12h]))`)
	add("histogram_quantile", step, `histogram_quantile(0.99, sum by (le, handler) (rate(http_request_duration_seconds_bucket[12h])))`)
	add("topk_pods", step, `topk(10, sum by (pod) (container_memory_working_set_bytes))`)
	add("count_all_series", step, `count by (job) ({__name__=~".+"})`)
	add("sum_all_series", step, `sum by (job) (last_over_time({__name__=~".+"}[12h]))`)
	const grafana = 6 * time.Hour
	add("grafana_namespace", grafana, `sum by (namespace) (rate(container_cpu_usage_seconds_total{namespace="team-a"}[21615s]))`)
	add("grafana_node_cpu", grafana, `sum by (mode) (rate(node_cpu_seconds_total[21615s]))`)
	return all
}
