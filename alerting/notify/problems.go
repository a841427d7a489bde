package notify

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	amconfig "github.com/prometheus/alertmanager/config"
	"go.yaml.in/yaml/v3"

	"github.com/oriel-obs/oriel/internal/fault"
	"github.com/oriel-obs/oriel/internal/redact"
)

// A Problem is what keeps a draft from being put in force.
type Problem struct {
	Line    int    `json:"line"` // of the draft's YAML, from 1 on; 0 if it is about the whole
	Path    string `json:"path"` // "receivers/oncall/webhook_configs/0"; "" if it is about the whole
	Message string `json:"message"`
}

// Problems are an error of the kind fault.ErrInvalid.
type Problems []Problem

func (ps Problems) Error() string {
	texts := make([]string, len(ps))
	for i, p := range ps {
		texts[i] = p.Message
		if p.Line > 0 {
			texts[i] = fmt.Sprintf("line %d: %s", p.Line, p.Message)
		}
	}
	return strings.Join(texts, "; ")
}

// Unwrap makes them invalid input.
func (Problems) Unwrap() error { return fault.ErrInvalid }

var ofLine = regexp.MustCompile(`(?:^|\s)line (\d+): `)

// problemsOf are those that a YAML library tells in one error.
func problemsOf(err error) (out Problems) {
	text := Source{}.fault(err).Error()
	starts := ofLine.FindAllStringSubmatchIndex(text, -1)
	if len(starts) == 0 {
		return Problems{{Message: redact.Addresses(text)}}
	}
	for i, at := range starts {
		end := len(text)
		if i+1 < len(starts) {
			end = starts[i+1][0]
		}
		line, _ := strconv.Atoi(text[at[2]:at[3]])
		out = append(out, Problem{Line: line, Message: redact.Addresses(strings.TrimSpace(text[at[1]:end]))})
	}
	return out
}

// problems are what keeps a document without markers from being put in force;
// nil if nothing does. Then there is a plan of it.
func (m *Manager) problems(d document) (*plan, Problems) {
	if ps := d.refused(); ps != nil {
		return nil, ps
	}
	p, err := m.prepare(Source{Text: []byte(d.text)})
	if err == nil {
		return p, nil
	}
	ps := problemsOf(err)
	if ps[0].Line > 0 {
		return nil, ps
	}
	if found := m.integrationProblems(d); found != nil {
		return nil, found
	}
	ps[0].Line = d.lineOf(ps[0].Message)
	return nil, ps
}

// refused are keys that only the configuration file may have: what is written in
// the page must not read the machine's files.
func (d document) refused() (out Problems) {
	d.fields(func(f field) {
		if !f.own {
			return
		}
		switch key := f.path[len(f.path)-1]; {
		case strings.HasSuffix(key, "_file"), key == "files":
			out = append(out, Problem{f.node.Line, f.String(), key + " is for the configuration file alone: write the secret itself, which is kept encrypted"})
		case f.String() == "templates" && len(f.node.Content) > 0, f.String() == "tracing", f.String() == "event_recorder":
			out = append(out, Problem{f.node.Line, f.String(), key + " is for the configuration file alone"})
		}
	})
	return out
}

// integrationProblems tries each integration by itself.
func (m *Manager) integrationProblems(d document) (out Problems) {
	receivers := child(d.root, "receivers")
	if receivers == nil {
		return nil
	}
	for _, r := range receivers.Content {
		r = resolved(r)
		name := child(r, "name")
		if name == nil {
			continue
		}
		for _, pair := range pairs(r) {
			if !strings.HasSuffix(pair[0].Value, "_configs") {
				continue
			}
			for i, one := range pair[1].Content {
				if err := m.try(child(d.root, "global"), name.Value, pair[0].Value, one); err != nil {
					out = append(out, Problem{
						Line: resolved(one).Line, Path: fmt.Sprintf("receivers/%s/%s/%d", name.Value, pair[0].Value, i),
						Message: fmt.Sprintf("contact point %q: %s", name.Value, redact.Addresses(Source{}.fault(err).Error())),
					})
				}
			}
		}
	}
	return out
}

// try makes a plan of one integration alone.
func (m *Manager) try(global *yaml.Node, receiver, kind string, integration *yaml.Node) error {
	doc := map[string]any{
		"route":     map[string]string{"receiver": receiver},
		"receivers": []map[string]any{{"name": receiver, kind: []*yaml.Node{integration}}},
	}
	if global != nil {
		doc["global"] = global
	}
	text, err := yaml.Marshal(doc)
	if err != nil {
		return err
	}
	matchers()
	conf, err := amconfig.Load(string(text))
	if err != nil {
		return err
	}
	_, err = newPlan(conf, m.opts, m.log)
	return err
}

var quotedName = regexp.MustCompile(`"((?:[^"\\]|\\.)*)"`)

// lineOf is where the name stands that a message is about; 0 if it has none.
// Names are used below where they are given, and wrongly so: the last counts.
func (d document) lineOf(message string) int {
	name := quotedName.FindStringSubmatch(message)
	if name == nil {
		return 0
	}
	from := d.root
	if route := child(d.root, "route"); route != nil && strings.Contains(message, "route") {
		from = route
	}
	return lastLine(from, name[1])
}

func lastLine(n *yaml.Node, value string) (line int) {
	if n.Kind == yaml.ScalarNode && n.Value == value {
		return n.Line
	}
	for _, c := range n.Content {
		line = max(line, lastLine(c, value))
	}
	return line
}
