package main

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	promodel "github.com/prometheus/common/model"
	promconfig "github.com/prometheus/prometheus/config"
	"go.yaml.in/yaml/v3"

	"github.com/oriel-obs/oriel/alerting/forward"
	"github.com/oriel-obs/oriel/ingest/relay"
	"github.com/oriel-obs/oriel/ingest/scrape"
	"github.com/oriel-obs/oriel/query/remoteread"
)

// prometheusSections are the sections of oriel.yaml that are a Prometheus
// configuration's. rule_files is one too, but has other checks.
var prometheusSections = []string{"global", "scrape_configs", "scrape_config_files", "alerting", "remote_write", "remote_read"}

// unusedSections are those of a Prometheus configuration file that have an
// equal in oriel.yaml or none: they are named in the log.
var unusedSections = []string{"runtime", "tracing"}

// A promSource is YAML that is a Prometheus configuration, or the sections of
// one with everything else blanked, so that lines count as in the file.
type promSource struct {
	path string // of the file, for errors; "" for none
	text string
}

// parsePrometheus reads the Prometheus part of the configuration: the file
// that c.PrometheusConfigFile names, or the sections of text, which is
// oriel.yaml. What it says of rules and storage becomes the default of Oriel's
// own sections.
func (c *config) parsePrometheus(text string) error {
	var key struct {
		File string `yaml:"prometheus_config_file"`
	}
	_ = yaml.Unmarshal([]byte(text), &key) // faults are reported when all of it is decoded
	if c.PrometheusConfigFile == "" {
		c.PrometheusConfigFile = c.relative(key.File)
	}
	sections, found := cutSections(text, prometheusSections)
	source := promSource{path: c.path, text: sections}
	if file := c.PrometheusConfigFile; file != "" {
		if len(found) > 0 {
			return fmt.Errorf("configuration %s: %s: there is a Prometheus configuration file, %s; put it there", c.path, strings.Join(found, ", "), file)
		}
		b, err := os.ReadFile(file)
		if err != nil {
			return fmt.Errorf("prometheus configuration: %w", err)
		}
		source = promSource{path: file, text: string(b)}
	}
	prom, err := source.load()
	if err != nil {
		return err
	}
	c.prometheus = prom
	c.Rules.EvaluationInterval = time.Duration(prom.GlobalConfig.EvaluationInterval)
	c.Rules.QueryOffset = time.Duration(prom.GlobalConfig.RuleQueryOffset)
	if c.PrometheusConfigFile != "" {
		return c.adopt(prom, source)
	}
	return nil
}

// load parses s and checks the files it names. An error has a line for each
// fault, which begins with file and line.
func (s promSource) load() (*promconfig.Config, error) {
	c, err := s.parse(s.text)
	if err == nil {
		return c, nil
	}
	var faults []error
	for _, fault := range faultsOf(err) {
		at := s
		if fault.file != "" {
			b, _ := os.ReadFile(fault.file) // what cannot be read has no lines
			at = promSource{path: fault.file, text: string(b)}
		}
		faults = append(faults, at.locate(fault))
	}
	return nil, errors.Join(faults...)
}

// locate makes an error of a fault in s.
func (s promSource) locate(fault promFault) error {
	line := fault.line
	if line == 0 {
		line = faultLine(s.text, func(text string) []string {
			_, err := s.parse(text)
			return textsOf(faultsOf(err))
		}, fault.text)
	}
	place := s.path
	if line > 0 {
		place += fmt.Sprintf(": line %d", line)
	}
	return fmt.Errorf("configuration %s: %s", place, fault.text)
}

func (s promSource) parse(text string) (*promconfig.Config, error) {
	c, err := promconfig.Load(text, slog.New(slog.DiscardHandler))
	if err != nil {
		return nil, err
	}
	if s.path != "" {
		c.SetDirectory(filepath.Dir(s.path))
	}
	return c, errors.Join(scrape.Check(c), forward.Check(c), relay.Check(c), remoteread.Check(c))
}

// adopt takes over what a whole Prometheus configuration file says beyond the
// sections that oriel.yaml has too.
func (c *config) adopt(prom *promconfig.Config, s promSource) error {
	_, c.unused = cutSections(s.text, unusedSections)

	if _, found := cutSections(s.text, []string{"otlp"}); len(found) > 0 {
		c.Ingest.OTLP.Adopt(prom.OTLPConfig)
	}
	m := &c.Storage.Metric
	if e := prom.StorageConfig.ExemplarsConfig; e != nil {
		m.MaxExemplars = e.MaxExemplars
	}
	tsdb := prom.StorageConfig.TSDBConfig
	if tsdb == nil {
		return nil
	}
	if w := tsdb.OutOfOrderTimeWindow; w > 0 {
		m.OutOfOrderWindow = promodel.Duration(time.Duration(w) * time.Millisecond)
	}
	if r := tsdb.Retention; r != nil {
		if r.Time > 0 {
			m.Retention = r.Time
		}
		if r.Size > 0 {
			m.RetentionSize = r.Size
		}
	}
	return nil
}

// cutSections returns text with the lines of all top-level keys but those of
// keep blanked, and which of keep it has. A document in braces, which has no
// lines to blank, is written anew.
func cutSections(text string, keep []string) (rest string, found []string) {
	var root yaml.Node
	if yaml.Unmarshal([]byte(text), &root) != nil || len(root.Content) == 0 || root.Content[0].Kind != yaml.MappingNode {
		return "", nil
	}
	doc := root.Content[0]
	lines := yamlLines(text)
	kept := &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map"}
	for i := 0; i < len(doc.Content); i += 2 {
		key := doc.Content[i]
		if slices.Contains(keep, key.Value) {
			found = append(found, key.Value)
			kept.Content = append(kept.Content, key, doc.Content[i+1])
			continue
		}
		end := len(lines) + 1
		if i+2 < len(doc.Content) {
			end = doc.Content[i+2].Line
		}
		blank(lines, key.Line, 1, end)
	}
	if doc.Style&yaml.FlowStyle == 0 {
		return strings.Join(lines, ""), found
	}
	written, err := yaml.Marshal(kept)
	if err != nil {
		return "", nil
	}
	return string(written), found
}
