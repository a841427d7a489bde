package main

import (
	"fmt"
	"slices"

	"go.yaml.in/yaml/v3"

	"github.com/oriel-obs/oriel/alerting/notify"
)

// shown is the configuration as /api/v1/status/config shows it: with what is
// Prometheus' at the top level, where clients of Prometheus look for it, and
// without secrets.
func (c *config) shown() string {
	doc, err := c.shownDocument()
	if err == nil {
		var text []byte
		if text, err = yaml.Marshal(doc); err == nil {
			return string(text)
		}
	}
	return fmt.Sprintf("# cannot be shown: %v\n", err)
}

func (c *config) shownDocument() (*yaml.Node, error) {
	doc := &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map"}
	var own, prom yaml.Node
	if err := yaml.Unmarshal([]byte(c.prometheus.String()), &prom); err != nil {
		return nil, err
	}
	if err := yaml.Unmarshal([]byte(c.text), &own); err != nil { // as written, so that ${SECRET} stays one
		return nil, err
	}
	hideSecrets(&own)
	hideSecrets(&prom)
	addSections(doc, &prom, func(key string) bool { return slices.Contains(prometheusSections, key) })
	addSections(doc, &own, func(key string) bool {
		return key != "alertmanager" && key != "rule_files" && !slices.Contains(prometheusSections, key)
	})
	if files := c.ruleFiles(); len(files) > 0 {
		var list yaml.Node
		if err := list.Encode(files); err != nil {
			return nil, err
		}
		addSection(doc, "rule_files", &list)
	}
	if !c.Alertmanager.IsZero() {
		source, err := c.alertmanagerSource()
		if err != nil {
			return nil, err
		}
		text, err := notify.Masked(source)
		if err != nil {
			return nil, err
		}
		var alertmanager yaml.Node
		if err := yaml.Unmarshal([]byte(text), &alertmanager); err != nil {
			return nil, err
		}
		addSection(doc, "alertmanager", alertmanager.Content[0])
	}
	return doc, nil
}

// addSections adds the top-level keys of from that keep likes to doc.
func addSections(doc, from *yaml.Node, keep func(key string) bool) {
	if len(from.Content) == 0 || from.Content[0].Kind != yaml.MappingNode {
		return // an empty file
	}
	pairs := from.Content[0].Content
	for i := 0; i < len(pairs); i += 2 {
		if keep(pairs[i].Value) {
			doc.Content = append(doc.Content, pairs[i], pairs[i+1])
		}
	}
}

func addSection(doc *yaml.Node, key string, value *yaml.Node) {
	doc.Content = append(doc.Content, &yaml.Node{Kind: yaml.ScalarNode, Value: key}, value)
}
