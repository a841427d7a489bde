package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	promconfig "github.com/prometheus/prometheus/config"
	"github.com/prometheus/prometheus/promql/parser"
	"go.yaml.in/yaml/v3"

	"github.com/oriel-obs/oriel/alerting"
	"github.com/oriel-obs/oriel/alerting/evidence"
	"github.com/oriel-obs/oriel/alerting/history"
	"github.com/oriel-obs/oriel/alerting/notify"
	"github.com/oriel-obs/oriel/ingest"
	"github.com/oriel-obs/oriel/ingest/admission"
	"github.com/oriel-obs/oriel/ingest/elastic"
	"github.com/oriel-obs/oriel/ingest/fluentforward"
	"github.com/oriel-obs/oriel/ingest/freshness"
	"github.com/oriel-obs/oriel/ingest/graphite"
	"github.com/oriel-obs/oriel/ingest/influx"
	"github.com/oriel-obs/oriel/ingest/jaeger"
	"github.com/oriel-obs/oriel/ingest/logrecord"
	"github.com/oriel-obs/oriel/ingest/lokipush"
	"github.com/oriel-obs/oriel/ingest/otlp"
	"github.com/oriel-obs/oriel/ingest/pipeline"
	"github.com/oriel-obs/oriel/ingest/pushgateway"
	"github.com/oriel-obs/oriel/ingest/self"
	"github.com/oriel-obs/oriel/ingest/statsd"
	"github.com/oriel-obs/oriel/ingest/syslog"
	"github.com/oriel-obs/oriel/internal/auth"
	"github.com/oriel-obs/oriel/internal/egress"
	"github.com/oriel-obs/oriel/query"
	"github.com/oriel-obs/oriel/query/dashapi"
	"github.com/oriel-obs/oriel/query/logql"
	"github.com/oriel-obs/oriel/query/promql"
	"github.com/oriel-obs/oriel/query/tempoapi"
	"github.com/oriel-obs/oriel/query/tracearchive"
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
		Relabel     admission.Config     `yaml:"metric_relabel_configs"` // of every series, whoever sends it
		OTLP        otlp.Config          `yaml:"otlp"`
		Loki        lokipush.Config      `yaml:"loki"`
		Records     logrecord.Config     `yaml:"records"` // of every log protocol but those two
		Elastic     elastic.Config       `yaml:"elastic"`
		Syslog      syslog.Config        `yaml:"syslog"`
		Fluent      fluentforward.Config `yaml:"fluent"`
		Influx      influx.Config        `yaml:"influx"`
		Graphite    graphite.Config      `yaml:"graphite"`
		StatsD      statsd.Config        `yaml:"statsd"`
		Pushgateway pushgateway.Config   `yaml:"pushgateway"`
		Jaeger      jaeger.Config        `yaml:"jaeger"`
		Spans       spansConfig          `yaml:"spans"`
		Pipelines   []pipeline.Config    `yaml:"pipelines"`
	} `yaml:"ingest"`
	Limits           ingest.Limits          `yaml:"limits"`
	Query            query.Limits           `yaml:"query"`
	PromQL           promql.Config          `yaml:"promql"`
	Tempo            tempoapi.Config        `yaml:"tempo"`
	TraceArchive     tracearchive.Config    `yaml:"trace_archive"`     // of traces that people ask to keep
	RuleFiles        []string               `yaml:"rule_files"`        // Prometheus'; globs, relative to this file
	TenantRuleFiles  map[string][]string    `yaml:"tenant_rule_files"` // likewise, by the tenant whose data alone they see
	Absence          freshness.Config       `yaml:"absence"`
	SLOFiles         []string               `yaml:"slo_files"` // of objectives; globs, relative to this file
	Rules            alerting.Config        `yaml:"rules"`
	Evidence         evidence.Config        `yaml:"evidence"` // that goes with notifications
	Notify           notify.Config          `yaml:"notify"`   // how they are delivered
	AlertHistory     history.Config         `yaml:"alert_history"`
	Alertmanager     yaml.Node              `yaml:"alertmanager"`      // an Alertmanager configuration
	AlertmanagerFile string                 `yaml:"alertmanager_file"` // or the path of one, relative to this file
	CompatListeners  map[string]string      `yaml:"compat_listeners"`  // product to address: prometheus, loki, tempo, jaeger, elasticsearch, influxdb ...
	Web              webConfig              `yaml:"web"`
	Auth             auth.Config            `yaml:"auth"`
	Audit            auditConfig            `yaml:"audit"`
	Egress           egress.Config          `yaml:"egress"` // where receivers and data sources may be
	Self             self.Config            `yaml:"self"`
	Dashboards       dashapi.Config         `yaml:"dashboards"`
	Datasources      []dashapi.SourceConfig `yaml:"datasources"` // servers elsewhere that panels may ask

	// Prometheus' own sections are read from the text by parsePrometheus.
	Global               yaml.Node `yaml:"global"`                 // Prometheus', as the next five; or all of them are in prometheus_config_file
	ScrapeConfigs        yaml.Node `yaml:"scrape_configs"`         // what to scrape: scraping.md
	ScrapeConfigFiles    yaml.Node `yaml:"scrape_config_files"`    // globs of files with more of that
	Alerting             yaml.Node `yaml:"alerting"`               // other Alertmanagers that are told of alerts
	RemoteWrite          yaml.Node `yaml:"remote_write"`           // servers that are sent all samples
	RemoteRead           yaml.Node `yaml:"remote_read"`            // servers that are asked for samples, too
	PrometheusConfigFile string    `yaml:"prometheus_config_file"` // a configuration of Prometheus to use as it is, relative to this file

	prometheus *promconfig.Config
	unused     []string // sections of the Prometheus configuration file without effect
	path       string   // of the file; "" without one
	text       string   // of the file, as it stands
}

// webConfig says how the main port is reached.
type webConfig struct {
	ConfigFile  string   `yaml:"config_file"`  // exporter-toolkit's TLS and basic-auth file, relative to this file
	ExternalURL string   `yaml:"external_url"` // how people reach the page; its path is served too
	CORSOrigins []string `yaml:"cors_origins"` // whose scripts may read answers: https://shop.example, or * for all; none if empty
	AdminAPI    bool     `yaml:"admin_api"`    // whether clients may delete data and take snapshots: /api/v1/admin/tsdb/, /oriel/api/v1/delete; and change data sources, and from other machines who is notified, while nobody signs in
}

func defaultConfig() *config {
	c := &config{}
	c.Storage.Metric = metric.DefaultConfig()
	c.Storage.Event = event.DefaultConfig()
	c.Ingest.OTLP = otlp.DefaultConfig()
	c.Ingest.Loki = lokipush.DefaultConfig()
	c.Ingest.Records = logrecord.DefaultConfig()
	c.Ingest.Elastic = elastic.DefaultConfig()
	c.Ingest.Syslog = syslog.DefaultConfig()
	c.Ingest.Fluent = fluentforward.DefaultConfig()
	c.Ingest.Influx = influx.DefaultConfig()
	c.Ingest.Graphite = graphite.DefaultConfig()
	c.Ingest.StatsD = statsd.DefaultConfig()
	c.Ingest.Pushgateway = pushgateway.DefaultConfig()
	c.Ingest.Spans = defaultSpansConfig()
	c.Limits = ingest.DefaultLimits()
	c.Query = query.DefaultLimits()
	c.PromQL = promql.DefaultConfig()
	c.TraceArchive = tracearchive.DefaultConfig()
	c.Rules = alerting.DefaultConfig()
	c.Evidence = evidence.DefaultConfig()
	c.Notify = notify.DefaultConfig()
	c.AlertHistory = history.DefaultConfig()
	c.Auth = auth.DefaultConfig()
	c.Audit = defaultAuditConfig()
	c.Self = self.DefaultConfig()
	c.Dashboards = dashapi.DefaultConfig()
	c.Absence = freshness.DefaultConfig()
	return c
}

// configFiles says where a configuration is.
type configFiles struct {
	path       string // of oriel.yaml; "" gives the defaults
	prometheus string // a Prometheus configuration to use as it is; "" for none, or for the one that oriel.yaml names
	dataDir    string // where the stores will lie
}

// loadConfig reads a configuration. Errors are usageErrors of a line each that
// name the file and the line or key.
func loadConfig(f configFiles) (*config, error) {
	c := defaultConfig()
	c.Storage.Metric.Dir = filepath.Join(f.dataDir, "metric")
	c.Storage.Event.Dir = filepath.Join(f.dataDir, "event")
	c.path, c.PrometheusConfigFile = f.path, f.prometheus
	if f.path != "" {
		text, err := os.ReadFile(f.path)
		if err != nil {
			return nil, &usageError{fmt.Errorf("configuration: %w", err)}
		}
		c.text = string(text)
	}
	expanded, err := expand(c.text, filepath.Dir(c.path))
	if err != nil {
		return nil, &usageError{fmt.Errorf("configuration %s: %w", c.path, err)}
	}
	if err := c.parsePrometheus(expanded); err != nil {
		return nil, &usageError{err}
	}
	if err := c.parse(expanded); err != nil {
		return nil, &usageError{fmt.Errorf("configuration %s: %w", c.path, err)}
	}
	c.keepAudit()
	if err := c.validate(); err != nil {
		return nil, &usageError{fmt.Errorf("configuration %s: %w", c.path, err)}
	}
	return c, nil
}

func (c *config) parse(text string) error {
	prometheusFile := c.PrometheusConfigFile // resolved; the key is not
	text = withPlainUnits(text)
	dec := yaml.NewDecoder(strings.NewReader(text))
	dec.KnownFields(true)
	if err := dec.Decode(c); err != nil && !errors.Is(err, io.EOF) { // an empty file is fine
		return cmp.Or(misfit(err, text), oneLine(err))
	}
	if dec.Decode(new(yaml.Node)) == nil {
		return errors.New("a second document after --- would not be read: put all into one")
	}
	c.PrometheusConfigFile = prometheusFile
	return nil
}

// oneLine makes a YAML error fit for a terminal.
func oneLine(err error) error {
	var te *yaml.TypeError
	if !errors.As(err, &te) {
		return errors.New(strings.ReplaceAll(strings.TrimPrefix(err.Error(), "yaml: "), "\n", " "))
	}
	faults := make([]string, len(te.Errors))
	for i, f := range te.Errors {
		f = unknownField.ReplaceAllString(strings.ReplaceAll(f, "\n", " "), `unknown key "$1"`)
		if m := wrongKind.FindStringSubmatchIndex(f); m != nil {
			is, wanted := nounOf(f[m[2]:m[3]]), kindOf(f[m[6]:m[7]])
			if m[4] >= 0 {
				is = f[m[4]:m[5]]
			}
			f = f[:m[0]] + is + " is not " + wanted
		}
		faults[i] = f
	}
	return errors.New(strings.Join(faults, "; "))
}

var (
	unknownField = regexp.MustCompile(`field (\S+) not found in type .*`)
	wrongKind    = regexp.MustCompile("cannot unmarshal !!(\\w+)(?: (`.*`))? into (.*)$")
)

// nounOf says what YAML's tag is of.
func nounOf(tag string) string {
	switch tag {
	case "seq":
		return "a list"
	case "map":
		return "a section"
	}
	return "this"
}

// kindOf says in YAML's words what a Go type takes.
func kindOf(goType string) string {
	switch {
	case strings.HasSuffix(goType, ".Duration"):
		return "a duration, as in 90s, 15m or 14d"
	case strings.HasPrefix(goType, "int") || strings.HasPrefix(goType, "uint"):
		return "a whole number"
	case strings.HasPrefix(goType, "float"):
		return "a number"
	case goType == "bool":
		return "true or false"
	case goType == "string":
		return "a text"
	case strings.HasPrefix(goType, "[]"):
		return "a list"
	}
	return "a section of keys"
}

// validate returns every problem at once, each prefixed with its section.
func (c *config) validate() error {
	var errs []error
	section := func(name string, err error) {
		if err == nil {
			return
		}
		for _, line := range strings.Split(err.Error(), "\n") {
			errs = append(errs, errors.New(strings.Replace(name+"."+line, ".[", "[", 1)))
		}
	}
	section("storage.metric", c.Storage.Metric.Validate())
	selectors := c.parseSelectors()
	section("storage.event", selectors)
	if selectors == nil { // what does not parse is reported once
		section("storage.event", c.Storage.Event.Validate())
	}
	section("ingest", c.Ingest.Relabel.Validate())
	section("ingest.otlp", c.Ingest.OTLP.Validate())
	section("ingest.elastic", c.Ingest.Elastic.Validate())
	section("ingest.syslog", c.Ingest.Syslog.Validate())
	section("ingest.fluent", c.Ingest.Fluent.Validate())
	section("ingest.influx", c.Ingest.Influx.Validate())
	section("ingest.graphite", c.Ingest.Graphite.Validate())
	section("ingest.statsd", c.Ingest.StatsD.Validate())
	section("ingest.pushgateway", c.Ingest.Pushgateway.Validate())
	section("ingest.jaeger", c.Ingest.Jaeger.Validate())
	section("ingest.spans.span_metrics", c.Ingest.Spans.SpanMetrics.Validate())
	section("ingest.spans.service_graph", c.Ingest.Spans.ServiceGraph.Validate())
	section("ingest.spans.sampling", c.Ingest.Spans.Sampling.Validate())
	section("ingest.pipelines", pipeline.Validate(c.Ingest.Pipelines))
	section("limits", c.Limits.Validate())
	section("query", c.Query.Validate())
	section("promql", c.PromQL.Validate())
	section("trace_archive", c.TraceArchive.Validate())
	section("rules", c.Rules.Validate())
	section("evidence", c.Evidence.Validate())
	section("notify", c.Notify.Validate())
	section("alert_history", c.AlertHistory.Validate())
	section("web", c.Web.checkOrigins())
	section("auth", c.Auth.Validate())
	section("self", c.Self.Validate())
	section("tenant_rule_files", c.checkTenantFiles())
	section("absence", c.Absence.Validate())
	if _, err := dashapi.NewSources(c.Datasources, slog.New(slog.DiscardHandler)); err != nil {
		errs = append(errs, err)
	}
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

// checkTenantFiles returns what is wrong with the names of tenant_rule_files.
func (c *config) checkTenantFiles() error {
	var errs []error
	if len(c.TenantRuleFiles) > 0 && !c.Auth.Tenants {
		errs = append(errs, errors.New("*: there are tenants only with auth: {tenants: true}"))
	}
	for name := range c.TenantRuleFiles {
		if err := auth.CheckTenant(name); err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", name, err))
		}
	}
	return errors.Join(errs...)
}

// parseSelectors gives the stream retentions the meaning of their selectors,
// which are Prometheus' and so can name attributes with dots:
// {"service.name"="shop"}.
func (c *config) parseSelectors() error {
	p := parser.NewParser(parser.Options{})
	var errs []error
	for i := range c.Storage.Event.Streams {
		s := &c.Storage.Event.Streams[i]
		ms, err := p.ParseMetricSelector(s.Selector)
		if err == nil && !strings.HasPrefix(strings.TrimSpace(s.Selector), "{") {
			err = errors.New("not in braces") // a metric name, which streams have not
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("streams[%d].selector: %q: %w", i, s.Selector, err))
			continue
		}
		s.Where = logql.SelectorPredicate(ms)
	}
	return errors.Join(errs...)
}

// apiRoots are the first segments of API paths: a prefix that begins with one
// could not be told from them.
var apiRoots = []string{"-", "alertmanager", "api", "datadog", "debug", "elastic", "elasticsearch", "health", "influx", "intake", "jaeger", "loki", "metrics", "oriel", "otlp", "ping", "prometheus", "pushgateway", "query", "services", "tempo", "upload", "v1", "write", "zipkin"}

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
	return append(out, c.prometheus.RuleFiles...)
}

// alertmanagerSource returns the Alertmanager configuration; the zero Source if
// there is none.
func (c *config) alertmanagerSource() (notify.Source, error) {
	if c.AlertmanagerFile != "" {
		path := c.relative(c.AlertmanagerFile)
		text, err := os.ReadFile(path) //nolint:gosec // the operator names it
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
