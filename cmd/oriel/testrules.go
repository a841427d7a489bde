package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"

	"github.com/oriel-obs/oriel/alerting/ruletest"
)

// testCmd tests what is written in files, without a server.
type testCmd struct {
	Rules testRulesCmd `cmd:"" help:"Run unit tests of rules, in the format of promtool test rules with logs and spans."`
}

type testRulesCmd struct {
	Files         []string `arg:"" help:"Files of tests."`
	Names         []string `name:"run" help:"Run only tests whose names match; may be repeated." placeholder:"REGEX" sep:"none"`
	JUnit         string   `name:"junit" help:"Write a report in JUnit's XML." placeholder:"FILE" type:"path"`
	IgnoreUnknown bool     `name:"ignore-unknown-fields" help:"Ignore unknown keys in files of tests."`
}

// errTestsFailed ends a command that has told what is wrong.
var errTestsFailed = errors.New("tests failed")

// Run prints SUCCESS or what is wrong for each file.
func (c *testRulesCmd) Run(ctx context.Context, s streams) (err error) {
	o := ruletest.Options{Files: c.Files, IgnoreUnknown: c.IgnoreUnknown, Out: s.out, Err: s.err}
	for _, text := range c.Names {
		re, err := regexp.Compile(text)
		if err != nil {
			return &usageError{fmt.Errorf("--run: %w", err)}
		}
		o.Names = append(o.Names, re)
	}
	if c.JUnit != "" {
		f, err := os.Create(filepath.Clean(c.JUnit))
		if err != nil {
			return &usageError{err}
		}
		defer func() { err = errors.Join(err, f.Close()) }()
		o.JUnit = f
	}
	passed, err := ruletest.Run(ctx, o)
	if err == nil && !passed {
		err = errTestsFailed
	}
	return err
}
