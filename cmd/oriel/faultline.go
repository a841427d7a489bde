package main

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/prometheus/prometheus/discovery"
	"go.yaml.in/yaml/v3"
)

// A promFault is one thing wrong with a Prometheus configuration.
type promFault struct {
	file string // one of scrape_config_files; "" for the configuration itself
	line int    // from 1; 0 if Prometheus does not say
	text string
}

var (
	faultInFile  = regexp.MustCompile(`^"([^"]+)": (?:yaml: )?(.*)$`)
	faultAtLine  = regexp.MustCompile(`^line (\d+): (.*)$`)
	unknownKey   = regexp.MustCompile(`field (\S+) not found in type \S+`)
	intoGoType   = regexp.MustCompile(` into (\[\]|\*)*[a-z]+\.\w+$`)
	discoveryKey = regexp.MustCompile(`unknown key "(\w+)_sd_configs"`)
)

// faultsOf takes an error of Prometheus' parser, or several joined, apart.
func faultsOf(err error) []promFault {
	if err == nil {
		return nil
	}
	var faults []promFault
	file := "" // that a list of faults is of
	for text := range strings.SplitSeq(err.Error(), "\n") {
		text = strings.TrimPrefix(strings.TrimSpace(text), "yaml: ")
		if m := faultInFile.FindStringSubmatch(text); m != nil {
			file, text = m[1], m[2]
		} else if !faultAtLine.MatchString(text) {
			file = ""
		}
		if text == "unmarshal errors:" || text == "" {
			continue
		}
		f := promFault{file: file, text: text}
		if m := faultAtLine.FindStringSubmatch(text); m != nil {
			f.line, _ = strconv.Atoi(m[1]) // of digits
			f.text = m[2]
		}
		f.text = unknownKey.ReplaceAllString(f.text, `unknown key "$1"`)
		f.text = intoGoType.ReplaceAllString(f.text, "")
		if m := discoveryKey.FindStringSubmatch(f.text); m != nil {
			f.text = noDiscovery(m[1])
		}
		faults = append(faults, f)
	}
	return faults
}

// noDiscovery says how to get what this build has not.
func noDiscovery(name string) string {
	return fmt.Sprintf("this build has no service discovery %q; it has %s; other targets can be given by file_sd_configs and http_sd_configs", name, strings.Join(discovery.RegisteredConfigNames(), ", "))
}

func textsOf(faults []promFault) []string {
	out := make([]string, len(faults))
	for i, f := range faults {
		out[i] = f.text
	}
	return out
}

// faultLine returns the line of the smallest part of the YAML document text
// that has the fault, or 0 if there is none. Prometheus' parser has no lines
// for values that are of the right type and yet wrong, so parts are left out,
// from large to small, until check does not find the fault any more.
func faultLine(text string, check func(text string) []string, fault string) int {
	var root yaml.Node
	if yaml.Unmarshal([]byte(text), &root) != nil || len(root.Content) == 0 {
		return 0
	}
	f := faultFinder{check: check, fault: fault}
	lines := yamlLines(text)
	return f.narrow(lines, root.Content[0], len(lines)+1, true)
}

type faultFinder struct {
	check func(text string) []string
	fault string
}

// narrow looks for the fault in the parts of n, which ends before the line
// end. top says that n is the whole document.
func (f faultFinder) narrow(lines []string, n *yaml.Node, end int, top bool) int {
	parts, err := partsOf(lines, n, end)
	if err != nil {
		return 0
	}
	for i, p := range slices.Backward(parts) {
		faults := f.without(lines, p)
		if slices.Contains(faults, f.fault) {
			continue
		}
		// Without a key that others need there may be another fault instead,
		// which tells nothing. Whole jobs, and sections, stand alone.
		if len(faults) > 0 && !top && n.Kind == yaml.MappingNode {
			continue
		}
		inner := slices.Clone(lines)
		if n.Kind == yaml.SequenceNode {
			for j, other := range parts {
				if j != i {
					blank(inner, other.line, other.column, other.end)
				}
			}
			if !slices.Contains(f.check(strings.Join(inner, "")), f.fault) {
				return p.line // it takes two, as with equal names
			}
		}
		if line := f.narrow(inner, p.value, p.end, false); line > 0 {
			return line
		}
		return p.line
	}
	return 0
}

func (f faultFinder) without(lines []string, p yamlPart) []string {
	rest := slices.Clone(lines)
	blank(rest, p.line, p.column, p.end)
	return f.check(strings.Join(rest, ""))
}

// A yamlPart is an entry of a mapping or an item of a sequence.
type yamlPart struct {
	line, column int // where it starts, from 1; an item starts with its dash
	end          int // line before which it ends
	value        *yaml.Node
}

var errNoBlock = errors.New("not a block of lines")

// partsOf returns the parts of n, if each begins on a line of its own.
func partsOf(lines []string, n *yaml.Node, end int) ([]yamlPart, error) {
	if n.Style&yaml.FlowStyle != 0 {
		return nil, errNoBlock
	}
	var parts []yamlPart
	switch n.Kind {
	case yaml.MappingNode:
		for i := 0; i < len(n.Content); i += 2 {
			key := n.Content[i]
			parts = append(parts, yamlPart{line: key.Line, column: key.Column, value: n.Content[i+1]})
		}
	case yaml.SequenceNode:
		for _, item := range n.Content {
			if item.Line > len(lines) { // an empty one at the end of the text
				return nil, errNoBlock
			}
			before := upTo(lines[item.Line-1], item.Column)
			dash := strings.LastIndex(before, "-")
			if dash < 0 {
				return nil, errNoBlock
			}
			parts = append(parts, yamlPart{line: item.Line, column: utf8.RuneCountInString(before[:dash]) + 1, value: item})
		}
	}
	for i := range parts {
		parts[i].end = end
		if i+1 < len(parts) {
			parts[i].end = parts[i+1].line
		}
	}
	return parts, nil
}

// breaks are what ends a line in YAML.
var breaks = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\u0085", "\n", "\u2028", "\n", "\u2029", "\n")

// yamlLines splits text as YAML counts lines; all but the last end in \n.
func yamlLines(text string) []string { return strings.SplitAfter(breaks.Replace(text), "\n") }

// upTo returns what is on line before column, which counts characters from 1.
func upTo(line string, column int) string {
	n := 0
	for i := range line {
		if n++; n == column {
			return line[:i]
		}
	}
	return line
}

// blank empties lines from line and column on, counted from 1, to before end.
func blank(lines []string, line, column, end int) {
	for i := line; i < min(end, len(lines)+1); i++ {
		keep := ""
		if i == line {
			keep = strings.TrimSuffix(upTo(lines[i-1], column), "\n")
		}
		if strings.HasSuffix(lines[i-1], "\n") {
			keep += "\n"
		}
		lines[i-1] = keep
	}
}
