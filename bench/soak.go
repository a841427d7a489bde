package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

const (
	soakTick   = time.Second     // between pushes
	soakSample = 5 * time.Second // between looks at the process
)

// A soaking is one server under steady mixed load.
type soaking struct {
	o *options
	t *target
	s *server

	mu      sync.Mutex
	lines   int
	samples int
	needle  string   // of the lines acknowledged last
	traces  []string // ids of some, each of spansPerTrace spans
	asked   int
	errs    []error // what must not happen; the first few are kept
	looks   []soakLook
}

// A soakLook is the state of the process at one moment.
type soakLook struct {
	after time.Duration
	anon  int64 // bytes
	files int   // open
}

// soak keeps the first target under steady mixed load (log lines, spans,
// samples, queries) and returns an error if anything acknowledged is missing or
// there twice, if an answer is wrong or fails, or if memory or open files grow.
func soak(o *options, w io.Writer) error {
	t := o.targets[0]
	if t.logs == nil || t.logs.logsql {
		return fmt.Errorf("%s does not speak LogQL, which soak asks in", t.name)
	}
	s, end, err := started(t, o)
	if err != nil {
		return err
	}
	defer end()
	k := &soaking{o: o, t: t, s: s}
	begin := time.Now()
	ctx, cancel := context.WithTimeout(context.Background(), o.lasting)
	defer cancel()
	var wg sync.WaitGroup
	wg.Go(func() { k.pushAll(ctx, begin) })
	wg.Go(func() { k.askAll(ctx) })
	wg.Go(func() { k.lookAll(ctx, begin) })
	wg.Wait()

	k.fail(k.checkStored(begin))
	k.fail(checkLog(filepath.Join(s.dir, "server.log")))
	k.fail(growth(k.looks))
	last := soakLook{}
	if len(k.looks) > 0 {
		last = k.looks[len(k.looks)-1]
	}
	fmt.Fprintf(w, "%s after %v: %d lines, %d samples and %d traces looked for; %d queries; %s MB anonymous memory, %d open files, %s MB on disk, %s s of CPU\n",
		t.name, time.Since(begin).Round(time.Second), k.lines, k.samples, len(k.traces), k.asked,
		number(float64(last.anon)/1e6), last.files, number(float64(diskBytes(s.data()))/1e6), number(s.cpu().Seconds()))
	return errors.Join(k.errs...)
}

// fail notes what must not happen.
func (k *soaking) fail(err error) {
	if err == nil {
		return
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if len(k.errs) < 20 {
		k.errs = append(k.errs, err)
	}
}

// pushAll sends a little of everything every tick. Times are those of the
// wall clock, and no line has that of another.
func (k *soaking) pushAll(ctx context.Context, begin time.Time) {
	tick := time.NewTicker(soakTick)
	defer tick.Stop()
	from := begin
	for i := uint64(0); ; i++ {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		now := time.Now()
		o := *k.o
		o.seed, o.end, o.span = k.o.seed+i, now, now.Sub(from)
		o.lines = max(int(float64(k.o.rate)*o.span.Seconds()), o.conns)
		o.series = max(k.o.rate/10, 1)
		o.traces = max(o.lines/10/spansPerTrace, o.conns)
		from = now
		if err := k.push(&o); err != nil {
			k.fail(fmt.Errorf("push after %v: %w", now.Sub(begin).Round(time.Second), err))
			return // what was acknowledged of it is not known
		}
	}
}

func (k *soaking) push(o *options) error {
	logs, err := generateLogs(logFormatOf(k.t.logs.format), o)
	if err != nil {
		return err
	}
	if _, _, err := logs.send(k.s.url(0, k.t.logs.push)); err != nil {
		return err
	}
	k.mu.Lock()
	k.lines += logs.units()
	k.needle = logs.words.needle
	k.mu.Unlock()
	if api := k.t.traces; api != nil {
		traces := encodeTraces(o)
		if _, _, err := traces.send(k.s.url(api.pushPort, api.push)); err != nil {
			return err
		}
		k.mu.Lock()
		k.traces = append(k.traces, traces.ids[0][0])
		k.mu.Unlock()
	}
	if api := k.t.metrics; api != nil {
		same := *o
		same.seed = k.o.seed // always the same series: new ones every second would be held for hours
		samples := encodeMetrics(&same, 1)
		if _, _, err := samples.send(k.s.url(0, api.push)); err != nil {
			return err
		}
		k.mu.Lock()
		k.samples += samples.units()
		k.mu.Unlock()
	}
	return nil
}

// askAll puts the questions of the benchmark one after the other. That for the
// needle must find the one line, however young it is.
func (k *soaking) askAll(ctx context.Context) {
	client := newClient()
	tick := time.NewTicker(soakTick / 4)
	defer tick.Stop()
	for i := 0; ; i++ {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		k.mu.Lock()
		needle := k.needle
		k.mu.Unlock()
		if needle == "" {
			continue
		}
		o := *k.o
		o.end, o.span = time.Now().Add(time.Second), 10*time.Minute
		questions := logQuestions(searchWords{needle: needle, rare: "segfault", frequent: "timeout"}, &o)
		q := questions[i%len(questions)].query(k.t.logs, &o)
		answer, err := get(client, q.url(k.s.base, 0))
		var rows int
		if err == nil {
			rows, err = q.rows(answer)
		}
		if err == nil && q.name == "needle_uuid" && rows != 1 {
			err = fmt.Errorf("%d lines with %s, want 1", rows, needle)
		}
		if err != nil {
			k.fail(fmt.Errorf("query %s: %w", q.name, err))
		}
		k.mu.Lock()
		k.asked++
		k.mu.Unlock()
	}
}

// lookAll watches the process.
func (k *soaking) lookAll(ctx context.Context, begin time.Time) {
	tick := time.NewTicker(soakSample)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-k.s.exited:
			k.fail(fmt.Errorf("%s ended by itself, see %s/server.log", k.t.name, k.s.dir))
			return
		case <-tick.C:
		}
		k.looks = append(k.looks, soakLook{after: time.Since(begin), anon: k.s.status("RssAnon"), files: k.s.openFiles()})
	}
}

// checkStored counts what was acknowledged.
func (k *soaking) checkStored(begin time.Time) error {
	var errs []error
	o := *k.o
	o.end = time.Now().Add(time.Second)
	o.span = o.end.Sub(begin)
	n, err := countLines(k.s.base, k.t.logs, &o)
	if err == nil && n != k.lines {
		err = fmt.Errorf("%d lines are stored, %d were acknowledged", n, k.lines)
	}
	errs = append(errs, err)
	if k.t.metrics != nil {
		o.series = k.o.rate / 10
		n, err := countSamples(k.s.base+k.t.metrics.query, &o)
		if err == nil && n != k.samples {
			err = fmt.Errorf("%d samples are stored, %d were acknowledged", n, k.samples)
		}
		errs = append(errs, err)
	}
	client := newClient()
	for _, id := range k.traces {
		api := k.t.traces
		n := 0
		b, err := get(client, k.s.url(api.queryPort, api.query+"/traces/"+id))
		if err == nil {
			n, err = api.dialect.spans(b)
		}
		if err == nil && n != spansPerTrace {
			err = fmt.Errorf("it has %d spans, %d were acknowledged", n, spansPerTrace)
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("trace %s: %w", id, err))
		}
	}
	return errors.Join(errs...)
}

// checkLog returns an error if the server logged one.
func checkLog(path string) error {
	b, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	for line := range strings.Lines(string(b)) {
		if strings.Contains(line, "level=ERROR") || strings.Contains(line, "level=error") {
			return fmt.Errorf("the server logged: %s", strings.TrimSpace(line))
		}
	}
	return nil
}
