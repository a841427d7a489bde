package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/prometheus/prometheus/promql/parser"
	"github.com/prometheus/prometheus/rules"

	"github.com/oriel-obs/oriel/alerting"
	"github.com/oriel-obs/oriel/alerting/slo"
)

// openObjectives writes the rules of the objectives, before the rules are read.
func (a *app) openObjectives(ask rules.QueryFunc) (err error) {
	var homes *alerting.Homes
	if a.cfg.Auth.Tenants {
		own := a.homes()
		homes = &own
	}
	a.objectives, err = slo.New(slo.Options{
		Files: a.cfg.sloFiles(), Dir: a.homes().Objectives(""), Rules: filepath.Join(a.homes().Rules(""), "slo"), FileRules: a.sloRulesDir(), Homes: homes,
		Parser: a.promql.Parser, Ask: slo.Ask(ask), Reload: func() error { return a.reload.rules() },
		WatchInterval: a.cfg.Rules.WatchInterval, Log: a.log,
	})
	if err != nil {
		return &usageError{err}
	}
	return nil
}

// sloRulesDir has the rules of the objectives of the configuration's files, while
// those are not the default tenant's.
func (a *app) sloRulesDir() string { return filepath.Join(a.flags.DataDir, "slo-rules") }

// sloFiles returns the globs of files of objectives, resolved.
func (c *config) sloFiles() []string {
	files := make([]string, len(c.SLOFiles))
	for i, f := range c.SLOFiles {
		files[i] = c.relative(f)
	}
	return files
}

// sloCmd is `oriel slo`.
type sloCmd struct {
	Export sloExportCmd `cmd:"" help:"Print the Prometheus rules of objectives."`
}

type sloExportCmd struct {
	File string `arg:"" help:"File of objectives."`
	Name string `arg:"" optional:"" help:"Of one objective; all by default."`
}

// Run prints a rule file for each objective, as documents of one YAML stream.
func (c *sloExportCmd) Run(s streams) error {
	all, err := readObjectives(c.File)
	if err != nil {
		return err
	}
	found := false
	for _, o := range all {
		if c.Name != "" && o.Name != c.Name {
			continue
		}
		if found {
			fmt.Fprintln(s.out, "---")
		}
		found = true
		if _, err := s.out.Write(o.Rules()); err != nil {
			return err
		}
	}
	if !found && c.Name != "" {
		return &usageError{fmt.Errorf("%s: no slo %q", c.File, c.Name)}
	}
	return nil
}

type checkSLOCmd struct {
	Files []string `arg:"" help:"Files of objectives."`
}

// Run reports every fault, a line each.
func (c *checkSLOCmd) Run(s streams) error {
	var errs []error
	for _, path := range c.Files {
		_, err := readObjectives(path)
		errs = append(errs, err)
	}
	if err := errors.Join(errs...); err != nil {
		return &usageError{err}
	}
	fmt.Fprintln(s.out, "no faults found")
	return nil
}

func readObjectives(path string) ([]slo.Objective, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, &usageError{err}
	}
	all, errs := slo.Parse(text, parser.NewParser(parser.Options{}))
	for i, err := range errs {
		errs[i] = fmt.Errorf("%s: %w", path, err)
	}
	if len(errs) > 0 {
		return nil, &usageError{errors.Join(errs...)}
	}
	return all, nil
}
