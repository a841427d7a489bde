// Package ruleapi serves the paths on which Loki's and Mimir's rulers have
// their rules read and changed, group by group, in YAML.
//
// https://grafana.com/docs/loki/latest/reference/loki-http-api/#ruler
// https://grafana.com/docs/mimir/latest/references/http-api/#ruler
//
// Rules are kept as rule files, one for each namespace, in a folder for those
// over logs and one for the others: they are to be copied, checked and tested
// like files written by hand. Beside them stands who changed what. Each tenant
// has a folder of its own. A Handler is safe for concurrent use.
package ruleapi
