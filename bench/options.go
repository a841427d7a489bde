package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// options is the command line.
type options struct {
	signal  string // metrics, logs, traces, idle, soak, tail, neighbour or year
	targets []*target
	bin     string
	scratch string
	keep    bool

	runs, reps int
	scales     []float64
	killPart   float64
	cold       string // each, once or off
	dropCache  func() error

	seed  uint64
	conns int
	span  time.Duration
	end   time.Time // whole minute, so that all runs of a process use equal times

	lines, streams int
	mix            []string // kinds of the streams, repeated in this order
	files          []string // real logs instead of generated ones
	fileStream     *regexp.Regexp

	series, batch, writeVersion int
	days                        int // of year

	traces int

	lasting time.Duration // of soak, tail and the phases of neighbour
	rate    int           // of log lines per second
	tails   int           // of a stream or two

	jsonPath string
	markdown bool
	given    map[string]string // flags by name, for the record
}

func signals() []string {
	return []string{"metrics", "logs", "traces", "idle", "soak", "tail", "neighbour", "year"}
}

// parseOptions reads the arguments after the program's name. Usage and flag
// errors have been written to w when it returns an error.
func parseOptions(args []string, w io.Writer) (*options, error) {
	o := &options{dropCache: dropPageCache}
	fs := flag.NewFlagSet("bench", flag.ContinueOnError)
	fs.SetOutput(w)
	fs.Usage = func() {
		fmt.Fprintf(w, "usage: bench SIGNAL -targets a,b -bin DIR [flags]\nSIGNAL is one of %s.\n", strings.Join(signals(), ", "))
		fs.PrintDefaults()
	}
	names := fs.String("targets", "", "comma-separated targets, the one to judge first (see targets.go)")
	fs.StringVar(&o.bin, "bin", os.Getenv("BENCH_BIN"), "folder with the targets' binaries; env BENCH_BIN")
	fs.StringVar(&o.scratch, "scratch", filepath.Join(os.TempDir(), "oriel-bench"), "folder for data directories, wiped per run")
	fs.BoolVar(&o.keep, "keep", false, "keep the data directories")
	fs.IntVar(&o.runs, "runs", 3, "runs per target; tables show medians")
	fs.IntVar(&o.reps, "reps", 10, "repetitions of each query in a run")
	scales := fs.String("scale", "1", "comma-separated factors on the size of the load, each a pass of its own: 1,5,20")
	fs.Float64Var(&o.killPart, "kill", 0.25, "part of the load sent before kill -9; 0 skips that test")
	fs.StringVar(&o.cold, "cold", "once", "cold queries: each (a restart before every query), once (one restart, cache dropped before every query), off")
	fs.Uint64Var(&o.seed, "seed", 1, "seed of the load")
	fs.IntVar(&o.conns, "conns", 4, "connections that push")
	fs.DurationVar(&o.span, "span", 0, "time that the data covers, ending at -end; 0 is 30m of metrics (a busy server refuses samples an hour old) and 1h of logs")
	end := fs.Int64("end", 0, "unix time of the newest data; 0 is now")
	fs.IntVar(&o.lines, "lines", 2_000_000, "logs: lines; with -file at most so many of each")
	fs.IntVar(&o.streams, "streams", 200, "logs: streams")
	mix := fs.String("mix", defaultMix, "logs: kinds of streams and their weights, of json, nginx, text, logfmt, java; \"full\" is "+fullMix)
	files := fs.String("file", "", "logs: comma-separated files or globs of real logs to push instead of generated lines")
	fileStream := fs.String("file-stream", "", "logs: regular expression; what it finds in a line (its first group, if it has one) names the line's stream")
	fs.IntVar(&o.series, "series", 50_000, "metrics, year: active series")
	fs.IntVar(&o.days, "days", 365, "year: days that the store has")
	fs.IntVar(&o.batch, "batch", 5_000, "metrics: most samples in a request")
	fs.IntVar(&o.writeVersion, "rw", 1, "metrics: remote write protocol, 1 or 2")
	fs.IntVar(&o.traces, "traces", 50_000, "traces: traces of 10 spans each")
	fs.DurationVar(&o.lasting, "for", 10*time.Minute, "soak, tail, neighbour: how long, with neighbour each phase of each run; tail has all its lines in memory, so 30s is much")
	fs.IntVar(&o.rate, "rate", 5_000, "soak, tail: log lines per second; with soak, a tenth as many spans and as many samples go with them")
	fs.IntVar(&o.tails, "tails", 100, "tail: live tails of a stream or two, beside two of everything")
	fs.StringVar(&o.jsonPath, "json", "", "also write every run to this file")
	fs.BoolVar(&o.markdown, "markdown", false, "print Markdown tables, as in docs/benchmarks.md")
	if len(args) == 0 {
		fs.Usage()
		return nil, errors.New("no signal given")
	}
	o.signal = args[0]
	if err := fs.Parse(args[1:]); err != nil {
		return nil, err
	}
	if o.span == 0 {
		o.span = time.Hour
		if o.signal == "metrics" {
			o.span = 30 * time.Minute
		}
	}
	if fs.NArg() > 0 {
		return nil, fmt.Errorf("unexpected argument %q", fs.Arg(0))
	}
	o.given = map[string]string{}
	fs.VisitAll(func(f *flag.Flag) {
		if f.Name != "bin" && f.Name != "scratch" && f.Name != "json" {
			o.given[f.Name] = f.Value.String()
		}
	})
	if *end == 0 {
		*end = time.Now().Unix()
	}
	o.end = time.Unix(*end, 0).Truncate(time.Minute)
	var errs []error
	keep := func(err error) { errs = append(errs, err) }
	var err error
	o.targets, err = findTargets(*names)
	keep(err)
	o.scales, err = parseScales(*scales)
	keep(err)
	o.mix, err = parseMix(*mix)
	keep(err)
	o.files, err = globs(*files)
	keep(err)
	if *fileStream != "" {
		o.fileStream, err = regexp.Compile(*fileStream)
		keep(err)
	}
	keep(o.check())
	return o, errors.Join(errs...)
}

// check looks at values that a flag's type does not constrain.
func (o *options) check() error {
	var errs []error
	positive := func(name string, n int) {
		if n < 1 {
			errs = append(errs, fmt.Errorf("-%s: %d is not positive", name, n))
		}
	}
	if !slices.Contains(signals(), o.signal) {
		errs = append(errs, fmt.Errorf("no signal %q; there are %s", o.signal, strings.Join(signals(), ", ")))
	}
	positive("runs", o.runs)
	positive("reps", o.reps)
	positive("conns", o.conns)
	positive("lines", o.lines/max(o.conns, 1))
	positive("series", o.series)
	positive("days", o.days)
	positive("batch", o.batch)
	positive("traces", o.traces/max(o.conns, 1))
	positive("rate", o.rate)
	if need := o.conns * len(o.mix); o.streams < need {
		errs = append(errs, fmt.Errorf("-streams: %d are too few for %d connections and a mix of %d", o.streams, o.conns, len(o.mix)))
	}
	if o.span < time.Minute {
		errs = append(errs, fmt.Errorf("-span: %v is less than a minute", o.span))
	}
	if o.killPart < 0 || o.killPart > 1 {
		errs = append(errs, fmt.Errorf("-kill: %v is not between 0 and 1", o.killPart))
	}
	if o.cold != "each" && o.cold != "once" && o.cold != "off" {
		errs = append(errs, fmt.Errorf("-cold: %q is none of each, once, off", o.cold))
	}
	if o.writeVersion != 1 && o.writeVersion != 2 {
		errs = append(errs, fmt.Errorf("-rw: %d is not 1 or 2", o.writeVersion))
	}
	return errors.Join(errs...)
}

// start is the time of the oldest data.
func (o *options) start() time.Time { return o.end.Add(-o.span) }

// scaled returns the options of a load f times as large.
func (o *options) scaled(f float64) *options {
	s := *o
	s.lines, s.traces = int(float64(o.lines)*f), int(float64(o.traces)*f)
	s.series = int(float64(o.series) * f)
	return &s
}

func parseScales(text string) ([]float64, error) {
	var out []float64
	for field := range strings.SplitSeq(text, ",") {
		f, err := strconv.ParseFloat(strings.TrimSpace(field), 64)
		if err != nil || f <= 0 {
			return nil, fmt.Errorf("-scale: %q is not a positive number", field)
		}
		out = append(out, f)
	}
	return out, nil
}

func globs(text string) ([]string, error) {
	var out []string
	for pattern := range strings.SplitSeq(text, ",") {
		if pattern == "" {
			continue
		}
		found, err := filepath.Glob(pattern)
		if err != nil {
			return nil, fmt.Errorf("-file: %q: %w", pattern, err)
		}
		if len(found) == 0 {
			return nil, fmt.Errorf("-file: nothing at %q", pattern)
		}
		out = append(out, found...)
	}
	return out, nil
}
