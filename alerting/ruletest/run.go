package ruletest

import (
	"context"
	"fmt"
	"io"
	"regexp"
	"time"

	"github.com/prometheus/prometheus/util/junitxml"
)

// Options say which tests to run and where to tell of them.
type Options struct {
	Files         []string         // of tests
	Names         []*regexp.Regexp // of tests to run; empty means all
	IgnoreUnknown bool             // keys in files of tests

	Out, Err io.Writer // progress, and what is wrong, as promtool prints them
	JUnit    io.Writer // a report in JUnit's XML, if not nil
}

// Run runs the tests and reports whether all passed. An error is of writing
// the report.
func Run(ctx context.Context, o Options) (passed bool, err error) {
	report := &junitxml.JUnitXML{}
	passed = true
	for _, path := range o.Files {
		errs := runFile(ctx, path, o, report.Suite(path))
		if len(errs) == 0 {
			fmt.Fprint(o.Out, "  SUCCESS\n\n")
			continue
		}
		passed = false
		fmt.Fprintln(o.Err, "  FAILED:")
		for _, err := range errs {
			fmt.Fprintf(o.Err, "%v\n\n", err)
		}
	}
	if o.JUnit != nil {
		if err := report.WriteXML(o.JUnit); err != nil {
			return passed, fmt.Errorf("write the report: %w", err)
		}
	}
	return passed, nil
}

func runFile(ctx context.Context, path string, o Options, suite *junitxml.TestSuite) (errs []error) {
	suite.Settime(time.Now().Format("2006-01-02T15:04:05"))
	f, err := readFile(path, o.IgnoreUnknown, o.Err)
	if err != nil {
		suite.Abort(err)
		return []error{err}
	}
	for i := range f.Tests {
		t := &f.Tests[i]
		if !o.wants(t.Name) {
			continue
		}
		name := t.Name
		if name == "" {
			name = fmt.Sprintf("unnamed#%d", i)
		}
		one := suite.Case(name)
		for _, err := range f.evaluate(ctx, t) {
			one.Fail(err.Error())
			errs = append(errs, err)
		}
	}
	return errs
}

func (o Options) wants(name string) bool {
	for _, re := range o.Names {
		if re.MatchString(name) {
			return true
		}
	}
	return len(o.Names) == 0
}
