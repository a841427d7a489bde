package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"maps"
	"net"
	"path/filepath"
	"slices"
	"strings"

	"github.com/oriel-obs/oriel/alerting"
	"github.com/oriel-obs/oriel/alerting/notify"
	"github.com/oriel-obs/oriel/internal/servertls"
)

// checkCmd finds faults in files before a server does, and tells how one does.
type checkCmd struct {
	Config checkConfigCmd `cmd:"" help:"Check a configuration file and the files it names."`
	Rules  checkRulesCmd  `cmd:"" help:"Check rule files."`
	SLO    checkSLOCmd    `cmd:"" name:"slo" help:"Check files of service level objectives."`
	Ready  checkReadyCmd  `cmd:"" help:"Ask a server whether it is ready; for health checks of containers."`
}

type checkConfigCmd struct {
	File       string `arg:"" optional:"" help:"The configuration file." type:"path"`
	Prometheus string `help:"A Prometheus configuration file, checked as serve would read it." name:"prometheus-config" placeholder:"FILE" type:"path"`
}

// Run reports every fault of the files, their rule files and the Alertmanager
// configuration.
func (c *checkConfigCmd) Run(s streams) error {
	if c.File == "" && c.Prometheus == "" {
		return &usageError{errors.New("name a configuration file, or one of Prometheus with --prometheus-config")}
	}
	cfg, err := loadConfig(configFiles{path: c.File, prometheus: c.Prometheus, dataDir: "data"})
	if err != nil {
		return err
	}
	errs := alerting.CheckFiles(cfg.ruleFiles(), cfg.PromQL.Parser())
	source, err := cfg.alertmanagerSource()
	if err == nil {
		err = notify.Check(source)
	}
	if err := errors.Join(err, cfg.checkMappings(), cfg.checkObjectives(), cfg.checkPorts()); err != nil {
		errs = append(errs, err)
	}
	if len(errs) > 0 {
		return &usageError{errors.Join(errs...)}
	}
	fmt.Fprintf(s.out, "%s: no faults found\n", strings.TrimSpace(c.File+" "+c.Prometheus))
	for _, section := range cfg.unused {
		fmt.Fprintf(s.out, "%s: %s is not used: oriel.yaml has its own settings for that\n", cfg.PrometheusConfigFile, section)
	}
	return nil
}

// checkObjectives reads the files of objectives that are configured.
func (c *config) checkObjectives() error {
	var errs []error
	for _, glob := range c.sloFiles() {
		files, err := filepath.Glob(glob)
		if err == nil && len(files) == 0 && !strings.ContainsAny(glob, `*?[`) {
			err = errors.New("no such file")
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("slo_files: %s: %w", glob, err))
		}
		for _, f := range files {
			if _, err := readObjectives(f); err != nil {
				errs = append(errs, err)
			}
		}
	}
	return errors.Join(errs...)
}

// checkPorts looks at what opening the ports takes besides the ports.
func (c *config) checkPorts() error {
	var errs []error
	add := func(key string, err error) {
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", key, err))
		}
	}
	for key, file := range map[string]string{
		"web.config_file":                 c.Web.ConfigFile,
		"ingest.fluent.web_config_file":   c.Ingest.Fluent.WebConfig,
		"ingest.graphite.web_config_file": c.Ingest.Graphite.WebConfig,
		"ingest.statsd.web_config_file":   c.Ingest.StatsD.WebConfig,
	} {
		if file != "" {
			_, err := servertls.Config(c.relative(file))
			add(key, err)
		}
	}
	for i, l := range c.Ingest.Syslog.Listeners {
		if l.CertFile != "" {
			_, err := tls.LoadX509KeyPair(c.relative(l.CertFile), c.relative(l.KeyFile))
			add(fmt.Sprintf("ingest.syslog.listeners[%d]", i), err)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(c.CompatListeners)) {
		_, err := net.ResolveTCPAddr("tcp", c.CompatListeners[name])
		add("compat_listeners."+name, err)
	}
	return errors.Join(errs...)
}

type checkRulesCmd struct {
	Files []string `arg:"" help:"Rule files or globs."`
}

// Run reports every fault, a line each.
func (c *checkRulesCmd) Run(s streams) error {
	if errs := alerting.CheckFiles(c.Files, nil); len(errs) > 0 {
		return &usageError{errors.Join(errs...)}
	}
	fmt.Fprintln(s.out, "no faults found")
	return nil
}

type checkReadyCmd struct{ serverFlags }

// Run fails unless a server answers that it is ready.
func (c *checkReadyCmd) Run(ctx context.Context, s streams) error {
	answer, err := c.get(ctx, "/-/ready", nil)
	if err != nil {
		return err
	}
	_, err = s.out.Write(answer)
	return err
}
