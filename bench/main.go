package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"runtime/debug"
	"slices"
	"time"
)

func main() {
	err := start(os.Args[1:])
	switch {
	case errors.Is(err, flag.ErrHelp):
	case err != nil:
		fmt.Fprintf(os.Stderr, "bench: %v\n", err)
		os.Exit(1)
	}
}

// clientMemory is where the client begins to collect garbage in earnest, in
// bytes: at 20 times the default size the load itself has about 4 GB.
const clientMemory = 8 << 30

func start(args []string) error {
	o, err := parseOptions(args, os.Stderr)
	if err != nil {
		return err
	}
	// The client shares the machine with the server: collecting its few, large
	// buffers less often costs memory and saves the server CPU.
	debug.SetGCPercent(400)
	debug.SetMemoryLimit(clientMemory)
	switch o.signal {
	case "soak":
		return soak(o, os.Stdout)
	case "tail":
		return tail(o, os.Stdout)
	case "neighbour":
		return neighbour(o, os.Stdout)
	case "year":
		return year(o, os.Stdout)
	}
	results, err := measure(o)
	if err != nil {
		return err
	}
	show := printTable
	if o.markdown {
		show = printMarkdown
	}
	show(os.Stdout, results)
	printFlatness(os.Stdout, results)
	for _, r := range results {
		if slices.ContainsFunc(r.Median.Figures, func(f figure) bool { return f.Failed != "" }) {
			return errors.New("some figures could not be measured; the reasons are above")
		}
	}
	return nil
}

// measure runs every target at every scale. A run that fails is recorded as
// such; the error is of what makes all further runs pointless.
func measure(o *options) ([]*result, error) {
	var results []*result
	for _, scale := range o.scales {
		l := &loads{o: o.scaled(scale), logs: map[string]*logLoad{}}
		workloads := map[string]func(*target) (*workload, error){
			"metrics": l.metricsWorkload, "logs": l.logsWorkload, "traces": l.tracesWorkload,
		}
		made := workloads[o.signal] // nil for idle
		var here []*result
		for _, t := range o.targets {
			here = append(here, &result{Target: t.name, Scale: scale, Median: &measures{}})
		}
		results = append(results, here...)
		// Targets take turns, so that a noisy spell of the machine hits all.
		for run := range o.runs {
			for i, t := range o.targets {
				begin, m, r := time.Now(), &measures{}, here[i]
				if err := runOnce(t, l.o, made, m); err != nil {
					m.fail("run", err)
				}
				r.Runs = append(r.Runs, m)
				r.Median = median(r.Runs)
				fmt.Fprintf(os.Stderr, "%s run %d/%d took %.0fs\n", r.column(len(o.scales) > 1), run+1, o.runs, time.Since(begin).Seconds())
				if o.jsonPath != "" { // after each run, so that an interrupted one leaves what it has
					if err := writeJSON(o, results); err != nil {
						return nil, err
					}
				}
			}
		}
	}
	return results, nil
}

// runOnce does one run; made is nil for idle ones.
func runOnce(t *target, o *options, made func(*target) (*workload, error), m *measures) error {
	if made == nil {
		return runIdle(t, o, m)
	}
	w, err := made(t)
	if err != nil {
		return err
	}
	debug.FreeOSMemory() // what encoding left is the server's
	return w.run(t, o, m)
}
