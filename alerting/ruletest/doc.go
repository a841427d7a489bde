// Package ruletest runs unit tests of rules: files in the format of promtool
// test rules, to which log lines and spans are added as what rules look at, and
// expressions over them as what is asked.
//
// https://prometheus.io/docs/prometheus/latest/configuration/unit_testing_rules/
//
// Run is safe for concurrent use. The format is in docs/alerting.md.
package ruletest
