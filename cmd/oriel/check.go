package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/oriel-obs/oriel/alerting"
	"github.com/oriel-obs/oriel/alerting/notify"
)

// checkCmd finds faults in files before a server does.
type checkCmd struct {
	Config checkConfigCmd `cmd:"" help:"Check a configuration file and the files it names."`
	Rules  checkRulesCmd  `cmd:"" help:"Check rule files."`
	SLO    checkSLOCmd    `cmd:"" name:"slo" help:"Check files of service level objectives."`
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
		err = errors.Join(notify.Check(source), cfg.checkMappings())
	}
	if err != nil {
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
