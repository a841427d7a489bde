package alerting

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/prometheus/model/rulefmt"
	"github.com/prometheus/prometheus/promql/parser"
	"github.com/prometheus/prometheus/rules"
	"go.yaml.in/yaml/v3"

	"github.com/oriel-obs/oriel/internal/fault"
)

// CheckFiles reads the rule files that match globs, as a Manager would, and
// returns everything wrong with them, each a line that starts with
// file:line:column where the fault has a place. A path without wildcards must
// exist. A nil p is PromQL without its experimental parts.
func CheckFiles(globs []string, p parser.Parser) []error {
	_, errs := readFiles(globs, parserOr(p))
	return errs
}

func parserOr(p parser.Parser) parser.Parser {
	if p == nil {
		p = parser.NewParser(parser.Options{})
	}
	return p
}

// ruleFiles are parsed rule files by path.
type ruleFiles map[string]*ruleFile

func (f ruleFiles) paths() []string { return slices.Sorted(maps.Keys(f)) }

// subjects returns those of all groups, by rules.GroupKey.
func (f ruleFiles) subjects() map[string]Subject {
	out := map[string]Subject{}
	for path, file := range f {
		for _, g := range file.groups {
			out[rules.GroupKey(path, g.Name)] = Subject{Signal: g.Signal, Window: time.Duration(g.Window), Owned: file.owned, Tenant: file.tenant}
		}
	}
	return out
}

// readFiles parses every file that matches a glob, once.
func readFiles(globs []string, p parser.Parser) (ruleFiles, []error) {
	f := ruleFiles{}
	var errs []error
	for _, glob := range globs {
		paths, err := filepath.Glob(glob)
		if err != nil {
			errs = append(errs, ruleError(fmt.Sprintf("rule_files: %q: %v", glob, err)))
			continue
		}
		if len(paths) == 0 && !strings.ContainsAny(glob, `*?[\`) {
			errs = append(errs, ruleError("rule file "+glob+" does not exist"))
		}
		for _, path := range paths {
			if _, ok := f[path]; ok {
				continue
			}
			file, faults := readFile(path, p)
			f[path] = file
			errs = append(errs, faults...)
		}
	}
	if len(errs) > 0 {
		return nil, errs
	}
	return f, nil
}

// addBuiltIn adds files that are not on disk, unless one there has their name.
func (f ruleFiles) addBuiltIn(texts map[string]string, p parser.Parser) (errs []error) {
	for name, text := range texts {
		if _, ok := f[name]; ok {
			continue
		}
		file, faults := parseText([]byte(text), p)
		for _, e := range faults {
			errs = append(errs, ruleError(name+e.Error()))
		}
		f[name] = file
	}
	return errs
}

// globs are those of all files, in order.
func (s Settings) globs() []string {
	all := slices.Clone(s.Files)
	for _, tenant := range slices.Sorted(maps.Keys(s.Tenants)) {
		all = append(all, s.Tenants[tenant]...)
	}
	return all
}

// addTenants adds the files of tenants. A file has one owner.
func (f ruleFiles) addTenants(tenants map[string][]string, p parser.Parser) (errs []error) {
	for _, tenant := range slices.Sorted(maps.Keys(tenants)) {
		own, faults := readFiles(tenants[tenant], p)
		errs = append(errs, faults...)
		for path, file := range own {
			if other, ok := f[path]; ok {
				errs = append(errs, ruleError(fmt.Sprintf("%s: the rules are of %s and of tenant %q: name the file once", path, other.owner(), tenant)))
				continue
			}
			file.owned, file.tenant = true, tenant
			f[path] = file
		}
	}
	return errs
}

func readFile(path string, p parser.Parser) (*ruleFile, []error) {
	text, err := os.ReadFile(path)
	if err != nil {
		var pe *fs.PathError
		if errors.As(err, &pe) {
			err = pe.Err
		}
		return nil, []error{ruleError(path + ": " + err.Error())}
	}
	file, errs := parseText(text, p)
	for i, e := range errs {
		errs[i] = ruleError(path + e.Error())
	}
	return file, errs
}

// ParseRules returns the groups of a rule file, or everything wrong with it,
// each a line that begins with ":line:column: " where the fault has a place. A
// nil p is PromQL without its experimental parts.
func ParseRules(text []byte, p parser.Parser) ([]RuleGroup, []error) {
	file, errs := parseText(text, parserOr(p))
	if len(errs) > 0 {
		return nil, errs
	}
	return file.groups, nil
}

func parseText(text []byte, p parser.Parser) (*ruleFile, []error) {
	file, errs := parseRules(text, p)
	places := findPlaces(text)
	var out []error
	for _, err := range errs {
		for _, line := range faultLines(err, places) {
			if e := ruleError(line); !slices.Contains(out, error(e)) {
				out = append(out, e)
			}
		}
	}
	return file, out
}

// A ruleError is one fault of a rule file, in one line.
type ruleError string

func (e ruleError) Error() string { return string(e) }

func (ruleError) Unwrap() error { return fault.ErrInvalid }

var (
	noPlace      = regexp.MustCompile(`^(0:0: )+`) // for what is not there
	positioned   = regexp.MustCompile(`^\d+:\d+: `)
	yamlLine     = regexp.MustCompile(`^line (\d+): (.*)$`)
	unknownField = regexp.MustCompile(`field (\S+) not found in type \S+`)
	goType       = regexp.MustCompile(` into (\[\])?(rulefmt|alerting)\.\w+`)
	badValue     = regexp.MustCompile(`: "([^"]*)"$`)
)

// faultLines renders err as what follows the file's name: ":line:column: what
// is wrong". YAML knows lines only, and may have found several faults.
func faultLines(err error, places *rulePlaces) []string {
	texts := []string{err.Error()}
	var te *yaml.TypeError
	if errors.As(err, &te) {
		texts = te.Errors
	}
	for i, text := range texts {
		text = strings.Join(strings.Fields(strings.TrimPrefix(text, "yaml: ")), " ")
		text = noPlace.ReplaceAllString(text, "")
		text = unknownField.ReplaceAllString(text, `unknown field "$1"`)
		text = goType.ReplaceAllString(text, " here")
		var re *rulefmt.Error
		switch {
		case positioned.MatchString(text):
			text = ":" + text
		case yamlLine.MatchString(text):
			text = yamlLine.ReplaceAllString(text, ":$1: $2")
		case errors.As(err, &re):
			text = places.rule[ruleID{re.Group, re.Rule}].String() + text
		case badValue.MatchString(text):
			text = places.value[badValue.FindStringSubmatch(text)[1]].String() + text
		default:
			text = ": " + text
		}
		texts[i] = text
	}
	return texts
}
