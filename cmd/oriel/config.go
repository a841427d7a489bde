package main

import (
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/oriel-obs/oriel/alerting"
	"github.com/oriel-obs/oriel/alerting/notify"
	"github.com/oriel-obs/oriel/ingest"
	"github.com/oriel-obs/oriel/ingest/lokipush"
	"github.com/oriel-obs/oriel/ingest/otlp"
	"github.com/oriel-obs/oriel/ingest/self"
	"github.com/oriel-obs/oriel/query"
	"github.com/oriel-obs/oriel/storage/event"
	"github.com/oriel-obs/oriel/storage/metric"
)

// config is oriel.yaml. Every key is optional and unknown keys are refused.
// Each section belongs to the package that reads it; this file only nests
// them.
type config struct {
	Storage struct {
		Metric metric.Config `yaml:"metric"`
		Event  event.Config  `yaml:"event"`
	} `yaml:"storage"`
	Ingest struct {
		OTLP otlp.Config     `yaml:"otlp"`
		Loki lokipush.Config `yaml:"loki"`
	} `yaml:"ingest"`
	Limits           ingest.Limits     `yaml:"limits"`
	Query            query.Limits      `yaml:"query"`
	RuleFiles        []string          `yaml:"rule_files"` // Prometheus'; globs, relative to this file
	Rules            alerting.Config   `yaml:"rules"`
	Alertmanager     yaml.Node         `yaml:"alertmanager"`      // an Alertmanager configuration
	AlertmanagerFile string            `yaml:"alertmanager_file"` // or the path of one, relative to this file
	CompatListeners  map[string]string `yaml:"compat_listeners"`  // product to address
	Web              webConfig         `yaml:"web"`
	Self             self.Config       `yaml:"self"`

	path string // of the file; "" without one
	text string // of the file, as it stands
}

// webConfig says how the main port is reached.
type webConfig struct {
	ConfigFile  string `yaml:"config_file"`  // exporter-toolkit's TLS and basic-auth file, relative to this file
	ExternalURL string `yaml:"external_url"` // how people reach the page; its path is served too
}

func defaultConfig() *config {
	c := &config{}
	c.Storage.Metric = metric.DefaultConfig()
	c.Storage.Event = event.DefaultConfig()
	c.Ingest.OTLP = otlp.DefaultConfig()
	c.Ingest.Loki = lokipush.DefaultConfig()
	c.Limits = ingest.DefaultLimits()
	c.Query = query.DefaultLimits()
	c.Rules = alerting.DefaultConfig()
	c.Self = self.DefaultConfig()
	return c
}

// loadConfig reads the file at path; "" gives the defaults. The stores will lie
// in dataDir. Errors are usageErrors that name the file and the line or key.
func loadConfig(path, dataDir string) (*config, error) {
	c := defaultConfig()
	c.Storage.Metric.Dir = filepath.Join(dataDir, "metric")
	c.Storage.Event.Dir = filepath.Join(dataDir, "event")
	if path == "" {
		return c, nil
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, &usageError{fmt.Errorf("configuration: %w", err)}
	}
	if err := c.parse(text); err != nil {
		return nil, &usageError{fmt.Errorf("configuration %s: %w", path, err)}
	}
	c.path, c.text = path, string(text)
	if err := c.validate(); err != nil {
		return nil, &usageError{fmt.Errorf("configuration %s: %w", path, err)}
	}
	return c, nil
}

func (c *config) parse(text []byte) error {
	expanded, err := expandEnv(string(text))
	if err != nil {
		return err
	}
	dec := yaml.NewDecoder(strings.NewReader(expanded))
	dec.KnownFields(true)
	if err := dec.Decode(c); err != nil && !errors.Is(err, io.EOF) { // an empty file is fine
		return oneLine(err)
	}
	return nil
}

// envRef is ${NAME}; $${NAME} stands for the text itself.
var envRef = regexp.MustCompile(`\$?\$\{[A-Za-z_][A-Za-z0-9_]*\}`)

// expandEnv replaces ${NAME} by the environment's value, except in comment
// lines. A value is put in as it is: quote the reference if it may hold
// characters that mean something to YAML.
func expandEnv(text string) (string, error) {
	var errs []error
	lines := strings.SplitAfter(text, "\n")
	for i, line := range lines {
		if strings.HasPrefix(strings.TrimSpace(line), "#") {
			continue
		}
		lines[i] = envRef.ReplaceAllStringFunc(line, func(ref string) string {
			if rest, ok := strings.CutPrefix(ref, "$$"); ok {
				return "$" + rest
			}
			name := ref[2 : len(ref)-1]
			v, ok := os.LookupEnv(name)
			if !ok {
				errs = append(errs, fmt.Errorf("line %d: environment variable %s is not set", i+1, name))
			}
			return v
		})
	}
	return strings.Join(lines, ""), errors.Join(errs...)
}

// oneLine makes a YAML error fit for a terminal.
func oneLine(err error) error {
	var te *yaml.TypeError
	msg := err.Error()
	if errors.As(err, &te) {
		msg = strings.Join(te.Errors, "; ")
	}
	msg = strings.TrimPrefix(msg, "yaml: ")
	msg = regexp.MustCompile(`field (\S+) not found in type \S+`).ReplaceAllString(msg, `unknown key "$1"`)
	return errors.New(strings.ReplaceAll(msg, "\n", " "))
}

// validate returns every problem at once, each prefixed with its section.
func (c *config) validate() error {
	var errs []error
	section := func(name string, err error) {
		if err == nil {
			return
		}
		for _, line := range strings.Split(err.Error(), "\n") {
			errs = append(errs, errors.New(name+"."+line))
		}
	}
	section("storage.metric", c.Storage.Metric.Validate())
	section("storage.event", c.Storage.Event.Validate())
	section("ingest.otlp", c.Ingest.OTLP.Validate())
	section("limits", c.Limits.Validate())
	section("query", c.Query.Validate())
	section("rules", c.Rules.Validate())
	section("self", c.Self.Validate())
	if !c.Alertmanager.IsZero() && c.AlertmanagerFile != "" {
		errs = append(errs, errors.New("alertmanager and alertmanager_file: set one of them"))
	}
	if u := c.Web.ExternalURL; u != "" {
		parsed, err := url.Parse(u)
		if err != nil || parsed.Scheme == "" || parsed.Host == "" {
			errs = append(errs, fmt.Errorf("web.external_url: %q is not an absolute URL", u))
		} else if first, _, _ := strings.Cut(strings.TrimPrefix(parsed.Path, "/"), "/"); slices.Contains(apiRoots, first) {
			errs = append(errs, fmt.Errorf("web.external_url: paths below /%s are an API's; choose another path for the page", first))
		}
	}
	for name := range c.CompatListeners {
		if _, ok := compatProducts[name]; !ok {
			errs = append(errs, fmt.Errorf("compat_listeners: unknown product %q; known are %s", name, strings.Join(compatNames(), ", ")))
		}
	}
	if len(errs) == 0 {
		return nil
	}
	parts := make([]string, len(errs))
	for i, err := range errs {
		parts[i] = err.Error()
	}
	return errors.New(strings.Join(parts, "; "))
}

// apiRoots are the first segments of API paths: a prefix that begins with one
// could not be told from them.
var apiRoots = []string{"-", "alertmanager", "api", "debug", "jaeger", "loki", "metrics", "oriel", "otlp", "prometheus", "tempo", "v1"}

// relative resolves a path of the configuration against its file's folder.
func (c *config) relative(path string) string {
	if path == "" || filepath.IsAbs(path) || c.path == "" {
		return path
	}
	return filepath.Join(filepath.Dir(c.path), path)
}

// ruleFiles returns the rule file globs, resolved.
func (c *config) ruleFiles() []string {
	out := make([]string, len(c.RuleFiles))
	for i, f := range c.RuleFiles {
		out[i] = c.relative(f)
	}
	return out
}

// alertmanagerSource returns the Alertmanager configuration; the zero Source if
// there is none.
func (c *config) alertmanagerSource() (notify.Source, error) {
	if c.AlertmanagerFile != "" {
		path := c.relative(c.AlertmanagerFile)
		text, err := os.ReadFile(path)
		if err != nil {
			return notify.Source{}, fmt.Errorf("alertmanager_file: %w", err)
		}
		return notify.Source{Text: text, Name: path, Dir: filepath.Dir(path)}, nil
	}
	if c.Alertmanager.IsZero() {
		return notify.Source{}, nil
	}
	text, err := yaml.Marshal(&c.Alertmanager)
	if err != nil {
		return notify.Source{}, fmt.Errorf("%s: alertmanager: %w", c.path, err)
	}
	return notify.Source{Text: text, Name: c.path + ": alertmanager", Dir: filepath.Dir(c.path)}, nil
}
