package main

import (
	"fmt"
	"os"
	"time"
)

// loads keeps the loads of one scale, which are the same for every target and
// run.
type loads struct {
	o       *options
	logs    map[string]*logLoad // by format
	metrics *load
	traces  *traceLoad
}

func (l *loads) logsIn(format string) (*logLoad, error) {
	if have := l.logs[format]; have != nil {
		return have, nil
	}
	begin := time.Now()
	encode := generateLogs
	if len(l.o.files) > 0 {
		encode = readLogs
	}
	made, err := encode(logFormatOf(format), l.o)
	if err != nil {
		return nil, err
	}
	l.logs[format] = made
	fmt.Fprintf(os.Stderr, "encoded %d lines, %d MB raw, in %d MB as %s in %.0fs\n",
		made.units(), made.raw/1e6, made.bytes()/1e6, format, time.Since(begin).Seconds())
	return made, nil
}

func (l *loads) logsWorkload(t *target) (*workload, error) {
	api := t.logs
	if api == nil {
		return nil, fmt.Errorf("%s takes no logs", t.name)
	}
	logs, err := l.logsIn(api.format)
	if err != nil {
		return nil, err
	}
	w := &workload{
		unit: "lines", perCPU: float64(logs.raw) / 1e9, cpuUnit: "s/GB", rawBytes: float64(logs.raw),
		load: logs.load, pushPort: api.pushPort, push: api.push, diskProbe: api.diskProbe,
		count: func(base string, part *load) (int, int, error) {
			n, err := countLines(base, api, l.o)
			return n, part.units(), err
		},
	}
	for _, q := range logQuestions(logs.words, l.o) {
		w.queries = append(w.queries, q.query(api, l.o))
	}
	return w, nil
}
