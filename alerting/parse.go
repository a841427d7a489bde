package alerting

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	promodel "github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/rulefmt"
	"github.com/prometheus/prometheus/promql/parser"
	"github.com/prometheus/prometheus/rules"
	"go.yaml.in/yaml/v3"

	"github.com/oriel-obs/oriel/internal/auth"
)

// A ruleFile is a rule file that was found good.
type ruleFile struct {
	groups []RuleGroup
	owned  bool   // by a tenant; else it is the operator's
	tenant string // then
}

func (f *ruleFile) owner() string {
	if !f.owned {
		return "rule_files"
	}
	return fmt.Sprintf("tenant %q", f.tenant)
}

// A fileText is a file as it is written.
type fileText struct {
	Groups []RuleGroup `yaml:"groups"`
}

// A RuleGroup is a group as it stands in a file: Prometheus' and two keys.
type RuleGroup struct {
	rulefmt.RuleGroup `yaml:",inline"`

	Signal Signal            `yaml:"signal,omitempty"`
	Window promodel.Duration `yaml:"window,omitempty"`
}

// A groupNode says where the parts of a group stand.
type groupNode struct {
	Rules  []rulefmt.RuleNode `yaml:"rules"`
	Signal yaml.Node          `yaml:"signal"`
	Window yaml.Node          `yaml:"window"`
}

// parseRules reads a rule file as rulefmt.Parse does, which refuses our keys
// and knows one language only. p reads PromQL.
func parseRules(text []byte, p parser.Parser) (*ruleFile, []error) {
	var file fileText
	var nodes struct {
		Groups []yaml.Node `yaml:"groups"`
	}
	dec := yaml.NewDecoder(bytes.NewReader(text))
	dec.KnownFields(true)
	if err := dec.Decode(&file); err != nil && !errors.Is(err, io.EOF) {
		return nil, []error{err}
	}
	if err := yaml.Unmarshal(text, &nodes); err != nil {
		return nil, []error{err}
	}
	out := &ruleFile{}
	var errs []error
	seen := map[string]bool{}
	for i, g := range file.Groups {
		var node groupNode
		if err := nodes.Groups[i].Decode(&node); err != nil {
			errs = append(errs, err)
			continue
		}
		at := placeOf(&nodes.Groups[i])
		if seen[g.Name] {
			errs = append(errs, at.errorf("groupname: %q is repeated in the same file", g.Name))
		}
		seen[g.Name] = true
		errs = append(errs, g.check(at, node)...)
		for j, r := range g.Rules {
			for _, fault := range r.Validate(node.Rules[j], promodel.UTF8Validation, dialect{p, g.Signal}) {
				errs = append(errs, &rulefmt.Error{Group: g.Name, Rule: j + 1, RuleName: r.Alert + r.Record, Err: fault})
			}
		}
		out.groups = append(out.groups, g)
	}
	return out, errs
}

// check returns what is wrong with a group besides its rules.
func (g *RuleGroup) check(at place, node groupNode) (errs []error) {
	if g.Name == "" {
		errs = append(errs, at.errorf("Groupname must not be empty"))
	}
	for k, v := range g.Labels {
		if !promodel.UTF8Validation.IsValidLabelName(k) || k == promodel.MetricNameLabel {
			errs = append(errs, at.errorf("group %q: invalid label name: %s", g.Name, k))
		}
		if !promodel.LabelValue(v).IsValid() {
			errs = append(errs, at.errorf("group %q: invalid label value: %q", g.Name, v))
		}
	}
	switch g.Signal {
	case "", Metrics, Logs:
		if !node.Window.IsZero() {
			errs = append(errs, placeOf(&node.Window).errorf("group %q: window goes with signal: traces only; other expressions name their own ranges", g.Name))
		}
	case Traces:
		if g.Window == 0 && !node.Window.IsZero() {
			errs = append(errs, placeOf(&node.Window).errorf("group %q: window must be longer than 0", g.Name))
		}
	default:
		errs = append(errs, placeOf(&node.Signal).errorf("group %q: signal %q is none of metrics, logs and traces", g.Name, g.Signal))
		g.Signal, g.Rules = Metrics, nil // in which language its rules are is unknown
	}
	return errs
}

// marked returns the groups for the rule manager, which has their expressions
// parsed one by one, by text alone: those that are not PromQL carry a mark that
// no text can. Rules of a tenant have its label whatever they say themselves, so
// that what they record and alert of is its own; the label of the default one is
// empty, which takes it away.
func (f *ruleFile) marked() *rulefmt.RuleGroups {
	out := &rulefmt.RuleGroups{}
	for _, g := range f.groups {
		own := slices.Clone(g.Rules)
		for j := range own {
			if s := g.Signal; s == Logs || s == Traces {
				own[j].Expr = mark + string(s) + mark + own[j].Expr
			}
			if f.owned {
				set := map[string]string{}
				maps.Copy(set, own[j].Labels)
				set[auth.TenantLabel] = f.tenant
				own[j].Labels = set
			}
		}
		g.Rules = own
		out.Groups = append(out.Groups, g.RuleGroup)
	}
	return out
}

// mark is in no valid PromQL.
const mark = "\x00"

// parseMarked parses an expression that marked has given out.
func parseMarked(text string, p parser.Parser) (parser.Expr, error) {
	if rest, ok := strings.CutPrefix(text, mark); ok {
		signal, expr, _ := strings.Cut(rest, mark)
		return dialect{p, Signal(signal)}.ParseExpr(expr)
	}
	return p.ParseExpr(text)
}

// errorf returns an error that begins as those with a place from rulefmt do.
func (p place) errorf(format string, args ...any) error {
	return fmt.Errorf("%d:%d: "+format, append([]any{p.line, p.column}, args...)...)
}

// dependencies finds out which rules of a group need which others. Rules about
// logs and traces need none: what rules make is metrics.
type dependencies struct{ rules.RuleDependencyController }

// AnalyseRules implements rules.RuleDependencyController.
func (d dependencies) AnalyseRules(all []rules.Rule) {
	if len(all) > 0 {
		if _, ok := all[0].Query().(foreign); ok {
			for _, r := range all {
				r.SetDependentRules([]rules.Rule{})
				r.SetDependencyRules([]rules.Rule{})
			}
			return
		}
	}
	d.RuleDependencyController.AnalyseRules(all)
}
