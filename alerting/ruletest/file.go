package ruletest

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"time"

	promodel "github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"go.yaml.in/yaml/v3"
)

// A file is a file of tests. Keys without a comment are promtool's.
type file struct {
	RuleFiles          []string          `yaml:"rule_files"`
	EvaluationInterval promodel.Duration `yaml:"evaluation_interval"`
	GroupEvalOrder     []string          `yaml:"group_eval_order"`
	FuzzyCompare       bool              `yaml:"fuzzy_compare"`
	Tests              []test            `yaml:"tests"`
}

// A test is data, and what rules and expressions are to make of it. Times
// count from its start.
type test struct {
	Name           string            `yaml:"name"`
	Interval       promodel.Duration `yaml:"interval"`
	StartTimestamp instant           `yaml:"start_timestamp"`
	ExternalLabels labels.Labels     `yaml:"external_labels"`
	ExternalURL    string            `yaml:"external_url"`

	InputSeries []inputSeries `yaml:"input_series"`
	InputLogs   []inputLogs   `yaml:"input_logs"`  // ours
	InputSpans  []inputSpan   `yaml:"input_spans"` // ours

	AlertRuleTests   []alertTest `yaml:"alert_rule_test"`
	PromQLExprTests  []exprTest  `yaml:"promql_expr_test"`
	LogQLExprTests   []exprTest  `yaml:"logql_expr_test"`   // ours
	TraceQLExprTests []exprTest  `yaml:"traceql_expr_test"` // ours
}

type inputSeries struct {
	Series string `yaml:"series"`
	Values string `yaml:"values"`
}

// inputLogs are lines of one stream.
type inputLogs struct {
	Labels string `yaml:"labels"` // as {app="api"}
	Lines  []struct {
		repeat   `yaml:",inline"`
		Line     string         `yaml:"line"`
		Metadata map[string]any `yaml:"metadata"` // the line's own attributes
	} `yaml:"lines"`
}

// An inputSpan is a span, or one after another.
type inputSpan struct {
	repeat     `yaml:",inline"`
	Service    string            `yaml:"service"` // resource attribute service.name
	Name       string            `yaml:"name"`
	Kind       string            `yaml:"kind"`   // internal if absent
	Status     string            `yaml:"status"` // unset if absent
	Message    string            `yaml:"message"`
	Duration   promodel.Duration `yaml:"duration"`
	Trace      string            `yaml:"trace"`  // a name; a trace of its own if absent
	ID         string            `yaml:"id"`     // a name, for the parent of others
	Parent     string            `yaml:"parent"` // such a name; none is a root
	Resource   map[string]any    `yaml:"resource"`
	Attributes map[string]any    `yaml:"attributes"`
}

// A repeat is when something happens: at a time, or again and again.
type repeat struct {
	At    promodel.Duration `yaml:"at"`
	Every promodel.Duration `yaml:"every"` // 0 is once
	Until promodel.Duration `yaml:"until"` // the last time is not later
}

type alertTest struct {
	EvalTime  promodel.Duration `yaml:"eval_time"`
	Alertname string            `yaml:"alertname"`
	ExpAlerts []struct {
		Labels      map[string]string `yaml:"exp_labels"`
		Annotations map[string]string `yaml:"exp_annotations"`
	} `yaml:"exp_alerts"`
}

// An exprTest asks an expression at a time.
type exprTest struct {
	Expr       string            `yaml:"expr"`
	EvalTime   promodel.Duration `yaml:"eval_time"`
	Window     promodel.Duration `yaml:"window"` // of TraceQL, as that of a group
	ExpSamples []struct {
		Labels    string  `yaml:"labels"`
		Value     float64 `yaml:"value"`
		Histogram string  `yaml:"histogram"` // not empty means Value is ignored
	} `yaml:"exp_samples"`
}

// An instant is RFC 3339 or Unix seconds.
type instant struct{ time.Time }

// UnmarshalYAML implements yaml.Unmarshaler.
func (i *instant) UnmarshalYAML(n *yaml.Node) error {
	if s, err := strconv.ParseFloat(n.Value, 64); err == nil && math.Abs(s) < math.MaxInt32*100 {
		whole, part := math.Modf(s)
		i.Time = time.Unix(int64(whole), int64(part*1e9)).UTC()
		return nil
	}
	t, err := time.Parse(time.RFC3339Nano, n.Value)
	if err != nil {
		return fmt.Errorf("line %d: %q is neither RFC 3339 nor Unix seconds", n.Line, n.Value)
	}
	i.Time = t
	return nil
}

// defaultInterval is promtool's.
const defaultInterval = time.Minute

// readFile reads a file of tests. Of rule_files that match nothing it tells
// warn; paths are relative to the file.
func readFile(path string, ignoreUnknown bool, warn io.Writer) (*file, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	f, err := parseFile(text, ignoreUnknown)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	var found []string
	for _, glob := range f.RuleFiles {
		if !filepath.IsAbs(glob) {
			glob = filepath.Join(filepath.Dir(path), glob)
		}
		paths, err := filepath.Glob(glob)
		if err != nil {
			return nil, fmt.Errorf("%s: rule_files: %q: %w", path, glob, err)
		}
		if len(paths) == 0 {
			fmt.Fprintln(warn, "  WARNING: no file match pattern", glob)
		}
		found = append(found, paths...)
	}
	f.RuleFiles = found
	return f, nil
}

func parseFile(text []byte, ignoreUnknown bool) (*file, error) {
	f := &file{}
	dec := yaml.NewDecoder(bytes.NewReader(text))
	dec.KnownFields(!ignoreUnknown)
	if err := dec.Decode(f); err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	if f.EvaluationInterval == 0 {
		f.EvaluationInterval = promodel.Duration(defaultInterval)
	}
	seen := map[string]bool{}
	for _, name := range f.GroupEvalOrder {
		if seen[name] {
			return nil, fmt.Errorf("group name repeated in evaluation order: %s", name)
		}
		seen[name] = true
	}
	for i := range f.Tests {
		t := &f.Tests[i]
		if t.Interval == 0 {
			t.Interval = f.EvaluationInterval
		}
		if t.StartTimestamp.IsZero() {
			t.StartTimestamp.Time = time.Unix(0, 0).UTC()
		}
	}
	return f, nil
}

// end is when the last thing is asked, since the start.
func (t *test) end() time.Duration {
	var last promodel.Duration
	for _, a := range t.AlertRuleTests {
		last = max(last, a.EvalTime)
	}
	for _, tests := range [][]exprTest{t.PromQLExprTests, t.LogQLExprTests, t.TraceQLExprTests} {
		for _, e := range tests {
			last = max(last, e.EvalTime)
		}
	}
	return time.Duration(last)
}
