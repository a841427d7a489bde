package main

import (
	"errors"
	"fmt"

	"github.com/oriel-obs/oriel/alerting"
	"github.com/oriel-obs/oriel/alerting/notify"
)

// checkCmd finds faults in files before a server does.
type checkCmd struct {
	Config checkConfigCmd `cmd:"" help:"Check a configuration file and the files it names."`
	Rules  checkRulesCmd  `cmd:"" help:"Check rule files."`
}

type checkConfigCmd struct {
	File string `arg:"" help:"The configuration file." type:"path"`
}

// Run reports every fault of the file, its rule files and its Alertmanager
// configuration.
func (c *checkConfigCmd) Run(s streams) error {
	cfg, err := loadConfig(c.File, "data")
	if err != nil {
		return err
	}
	errs := alerting.CheckFiles(cfg.ruleFiles(), nil)
	source, err := cfg.alertmanagerSource()
	if err == nil {
		err = notify.Check(source)
	}
	if err != nil {
		errs = append(errs, err)
	}
	if len(errs) > 0 {
		return &usageError{errors.Join(errs...)}
	}
	fmt.Fprintf(s.out, "%s: no faults found\n", c.File)
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
