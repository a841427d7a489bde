package pipeline

import (
	"errors"
	"fmt"
	"regexp"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"

	"github.com/oriel-obs/oriel/internal/redact"
)

// A Config is one pipeline of the `ingest.pipelines` section.
type Config struct {
	Selector string  `yaml:"selector"` // of streams, as {app="api"}; "" for all
	Stages   []Stage `yaml:"stages"`
}

// A Stage is what is done to a record. Exactly one field is set.
type Stage struct {
	JSON      *Fields           `yaml:"json"`      // attributes from a line that is a JSON object
	Logfmt    *Fields           `yaml:"logfmt"`    // attributes from a line of key=value pairs
	Regexp    *Expression       `yaml:"regexp"`    // attributes from named groups
	Pattern   *Expression       `yaml:"pattern"`   // attributes from the captures of LogQL's patterns
	Rename    map[string]string `yaml:"rename"`    // attributes: new name to old
	Drop      *Selection        `yaml:"drop"`      // attributes or lines
	Keep      *Selection        `yaml:"keep"`      // attributes or lines; all others are dropped
	Redact    *redact.Config    `yaml:"redact"`    // texts in lines and attributes
	Sample    *Sample           `yaml:"sample"`    // some of many lines
	Counter   *Metric           `yaml:"counter"`   // lines, or the sum of a value in them
	Histogram *Metric           `yaml:"histogram"` // values in lines
}

// Fields names what a parser looks for.
type Fields struct {
	From   string            `yaml:"from"`   // the attribute to look into; "" is the line
	Fields map[string]string `yaml:"fields"` // attribute to path (of JSON, as a.b[0]) or key (of logfmt)
}

// An Expression is a regular expression or a pattern.
type Expression struct {
	From       string `yaml:"from"` // the attribute to look into; "" is the line
	Expression string `yaml:"expression"`
}

// A Selection is of attributes or of lines.
type Selection struct {
	Attributes []string   `yaml:"attributes"`
	If         *Condition `yaml:"if"`
}

// A Condition holds if all that is set in it does.
type Condition struct {
	Line      string  `yaml:"line"`      // a regular expression that is found in the line
	Attribute string  `yaml:"attribute"` // of the record, or a label of its stream
	Equals    *string `yaml:"equals"`    // the attribute's text; a missing one is ""
	Matches   string  `yaml:"matches"`   // a regular expression that the whole text of the attribute matches
	Not       bool    `yaml:"not"`       // the opposite
}

// Sample keeps a share of lines. Lines that are the same at the same time, as
// in a push that is sent again, are kept or dropped together.
type Sample struct {
	Ratio float64    `yaml:"ratio"` // of lines kept, 0 to 1; a kept line says it in its attribute sampling_ratio
	By    string     `yaml:"by"`    // the attribute whose records are kept or dropped together, such as trace_id
	If    *Condition `yaml:"if"`    // all others are kept
}

// A Metric is one that lines make.
type Metric struct {
	Name    string     `yaml:"name"`
	Help    string     `yaml:"help"`
	Value   string     `yaml:"value"`   // the attribute to add or observe: a number, or a duration, which counts in seconds; a counter without counts lines
	Labels  []string   `yaml:"labels"`  // attributes, or labels of the stream; characters that labels may not have become _
	Buckets []float64  `yaml:"buckets"` // of a histogram: upper bounds; Prometheus' usual ones by default
	If      *Condition `yaml:"if"`
}

// Validate returns every problem at once, each prefixed with its key.
func Validate(cfg []Config) error {
	_, err := compile(cfg)
	return err
}

// A route is a compiled pipeline.
type route struct {
	matchers []*labels.Matcher
	stages   []stage
}

func compile(cfg []Config) ([]route, error) {
	var errs []error
	var routes []route
	names := map[string]bool{} // of metrics
	for i, c := range cfg {
		fail := func(format string, args ...any) {
			errs = append(errs, fmt.Errorf("[%d]."+format, append([]any{i}, args...)...))
		}
		var r route
		var err error
		if c.Selector != "" {
			if r.matchers, err = parser.NewParser(parser.Options{}).ParseMetricSelector(c.Selector); err != nil {
				fail("selector: %q: %w", c.Selector, err)
			}
		}
		if len(c.Stages) == 0 {
			fail("stages: must not be empty")
		}
		for j, s := range c.Stages {
			st, err := s.compile(names)
			if err != nil {
				fail("stages[%d]: %w", j, err)
				continue
			}
			r.stages = append(r.stages, st)
		}
		routes = append(routes, r)
	}
	return routes, errors.Join(errs...)
}

var errOneStage = errors.New("needs exactly one of json, logfmt, regexp, pattern, rename, drop, keep, redact, sample, counter and histogram")

// compile returns what the stage does. metrics are the names taken so far.
func (s Stage) compile(metrics map[string]bool) (st stage, err error) {
	set := 0
	try := func(name string, is bool, make func() (stage, error)) {
		if !is {
			return
		}
		set++
		if st, err = make(); err != nil {
			err = fmt.Errorf("%s: %w", name, err)
		}
	}
	try("json", s.JSON != nil, func() (stage, error) { return newJSON(s.JSON) })
	try("logfmt", s.Logfmt != nil, func() (stage, error) { return newLogfmt(s.Logfmt) })
	try("regexp", s.Regexp != nil, func() (stage, error) { return newRegexp(s.Regexp) })
	try("pattern", s.Pattern != nil, func() (stage, error) { return newPattern(s.Pattern) })
	try("rename", s.Rename != nil, func() (stage, error) { return newRename(s.Rename) })
	try("drop", s.Drop != nil, func() (stage, error) { return newDrop(s.Drop) })
	try("keep", s.Keep != nil, func() (stage, error) { return newKeep(s.Keep) })
	try("redact", s.Redact != nil, func() (stage, error) { return newRedact(s.Redact) })
	try("sample", s.Sample != nil, func() (stage, error) { return newSample(s.Sample) })
	try("counter", s.Counter != nil, func() (stage, error) { return newMetric(s.Counter, metrics, false) })
	try("histogram", s.Histogram != nil, func() (stage, error) { return newMetric(s.Histogram, metrics, true) })
	if set != 1 {
		return nil, errOneStage
	}
	return st, err
}

// A test is a compiled condition; the nil test holds.
type test struct {
	line      *regexp.Regexp
	attribute string
	equals    *string
	matches   *regexp.Regexp
	not       bool
}

func (c *Condition) compile() (*test, error) {
	if c == nil {
		return nil, nil
	}
	t := &test{attribute: c.Attribute, equals: c.Equals, not: c.Not}
	if (c.Equals != nil || c.Matches != "") != (c.Attribute != "") {
		return nil, errors.New("if: attribute goes with equals or matches")
	}
	if c.Line == "" && c.Attribute == "" {
		return nil, errors.New("if: needs line or attribute")
	}
	var err error
	if c.Line != "" {
		if t.line, err = regexp.Compile(c.Line); err != nil {
			return nil, fmt.Errorf("if.line: %w", err)
		}
	}
	if c.Matches != "" {
		if t.matches, err = regexp.Compile("^(?s:" + c.Matches + ")$"); err != nil {
			return nil, fmt.Errorf("if.matches: %w", err)
		}
	}
	return t, nil
}

func (t *test) holds(r *record) bool {
	if t == nil {
		return true
	}
	return t.all(r) != t.not
}

func (t *test) all(r *record) bool {
	if t.line != nil && !t.line.MatchString(r.line) {
		return false
	}
	if t.attribute == "" {
		return true
	}
	text := r.text(t.attribute)
	return (t.equals == nil || text == *t.equals) && (t.matches == nil || t.matches.MatchString(text))
}
