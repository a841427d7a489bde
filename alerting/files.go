package alerting

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	promodel "github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/rulefmt"
	"github.com/prometheus/prometheus/promql/parser"
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
type ruleFiles map[string]*rulefmt.RuleGroups

func (f ruleFiles) paths() []string { return slices.Sorted(maps.Keys(f)) }

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
			groups, faults := readFile(path, p)
			f[path] = groups
			errs = append(errs, faults...)
		}
	}
	if len(errs) > 0 {
		return nil, errs
	}
	return f, nil
}

func readFile(path string, p parser.Parser) (*rulefmt.RuleGroups, []error) {
	text, err := os.ReadFile(path)
	if err != nil {
		var pe *fs.PathError
		if errors.As(err, &pe) {
			err = pe.Err
		}
		return nil, []error{ruleError(path + ": " + err.Error())}
	}
	groups, errs := rulefmt.Parse(text, false, promodel.UTF8Validation, p, slog.New(slog.DiscardHandler))
	places := findPlaces(text)
	var out []error
	for _, err := range errs {
		for _, line := range faultLines(err, places) {
			if e := ruleError(path + line); !slices.Contains(out, error(e)) { // the parser reads the text twice
				out = append(out, e)
			}
		}
	}
	return groups, out
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
	goType       = regexp.MustCompile(` into (\[\])?rulefmt\.\w+`)
	repeated     = regexp.MustCompile(`^groupname: "(.*)" is repeated`)
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
		case repeated.MatchString(text):
			text = places.rule[ruleID{group: repeated.FindStringSubmatch(text)[1]}].String() + text
		case badValue.MatchString(text):
			text = places.value[badValue.FindStringSubmatch(text)[1]].String() + text
		default:
			text = ": " + text
		}
		texts[i] = text
	}
	return texts
}
