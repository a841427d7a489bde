package notify

import (
	_ "embed"
	"encoding/json"
	"fmt"
	htmltemplate "html/template"
	"strings"
	texttemplate "text/template"

	"github.com/prometheus/alertmanager/template"

	"github.com/oriel-obs/oriel/alerting/evidence"
)

// ownTemplates put the evidence into the messages of a configuration that has
// no templates of its own.
//
//go:embed templates.tmpl
var ownTemplates string

// wrapped are the default templates that the evidence goes before, with the
// template that writes it. Where there is none they are as ever.
var wrapped = map[string]string{
	"discord.default.message":         "oriel.markdown",
	"jira.default.description":        "oriel.text",
	"mattermost.default.text":         "oriel.markdown",
	"msteams.default.text":            "oriel.markdown",
	"msteamsv2.default.text":          "oriel.markdown",
	"opsgenie.default.description":    "oriel.text",
	"pushover.default.message":        "oriel.short",
	"rocketchat.default.text":         "oriel.markdown",
	"slack.default.text":              "oriel.slack",
	"sns.default.message":             "oriel.text",
	"telegram.default.message":        "oriel.brief",
	"victorops.default.state_message": "oriel.text",
	"webex.default.message":           "oriel.markdown",
	"wechat.default.message":          "oriel.short",
	"email.default.html":              "oriel.email",
}

// instead are those that the evidence takes the place of: a whole page.
var instead = map[string]bool{"email.default.html": true}

// newTemplates returns Alertmanager's default templates with the evidence in
// them, and those of the files that globs name, which may replace any.
func newTemplates(globs []string) (*template.Template, error) {
	var text *texttemplate.Template
	var html *htmltemplate.Template
	tmpl, err := template.FromGlobs(nil, func(t *texttemplate.Template, h *htmltemplate.Template) {
		text, html = t.Funcs(texttemplate.FuncMap{"evidence": evidenceOf}), h.Funcs(htmltemplate.FuncMap{"evidence": evidenceOf})
	})
	if err != nil {
		return nil, err
	}
	var own strings.Builder
	own.WriteString(ownTemplates)
	for name, with := range wrapped {
		stock := "stock." + name
		if _, err := text.AddParseTree(stock, text.Lookup(name).Copy()); err != nil {
			return nil, fmt.Errorf("keep %s: %w", name, err)
		}
		if _, err := html.AddParseTree(stock, html.Lookup(name).Tree.Copy()); err != nil {
			return nil, fmt.Errorf("keep %s: %w", name, err)
		}
		joint := "{{ end }}"
		if instead[name] {
			joint = "{{ else }}"
		}
		fmt.Fprintf(&own, "{{ define %q }}{{ if evidence . }}{{ template %q . }}%s{{ template %q . }}", name, with, joint, stock)
		if instead[name] {
			own.WriteString("{{ end }}")
		}
		own.WriteString("{{ end }}\n")
	}
	if err := tmpl.Parse(strings.NewReader(own.String())); err != nil {
		return nil, err
	}
	for _, glob := range globs {
		if err := tmpl.FromGlob(glob); err != nil {
			return nil, err
		}
	}
	return tmpl, nil
}

// evidenceOf is the template function evidence: of the data that a template
// begins with, the evidence, or nil.
func evidenceOf(data any) (*evidence.Evidence, error) {
	var labels template.KV
	switch d := data.(type) {
	case *template.Data:
		labels = d.RouteLabels
	case template.Data:
		labels = d.RouteLabels
	}
	text, ok := labels[evidenceLabel]
	if !ok {
		return nil, nil
	}
	e := &evidence.Evidence{}
	if err := json.Unmarshal([]byte(text), e); err != nil {
		return nil, fmt.Errorf("read the evidence: %w", err)
	}
	return e, nil
}
