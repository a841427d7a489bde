package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/oriel-obs/oriel/alerting/ruletest"
	"github.com/oriel-obs/oriel/ingest/freshness"
)

// silent are the series of services that never send again.
func silent(services int, signal string) string {
	var b strings.Builder
	for i := range services {
		fmt.Fprintf(&b, `      - {series: 'oriel_source_last_seen_timestamp_seconds{signal="%[1]s", service="s%[2]d", job="oriel"}', values: '0x150'}
      - {series: 'oriel_source_silent_after_seconds{signal="%[1]s", service="s%[2]d", job="oriel"}', values: '600x150'}
`, signal, i)
	}
	return b.String()
}

func TestWhoFallsSilentIsToldOnceAndForgotten(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "absence.yml"), []byte(freshness.DefaultConfig().Rules()), 0o600))
	path := filepath.Join(dir, "test.yml")
	require.NoError(t, os.WriteFile(path, []byte(`
rule_files: [absence.yml]
evaluation_interval: 1m
tests:
  - name: a service that falls silent after an hour, and one that sends rarely
    interval: 1m
    input_series:
      - {series: 'oriel_source_last_seen_timestamp_seconds{signal="logs", service="shop", job="oriel"}', values: '0+60x60 3600x90'}
      - {series: 'oriel_source_silent_after_seconds{signal="logs", service="shop", job="oriel"}', values: '600x150'}
      - {series: 'oriel_source_last_seen_timestamp_seconds{signal="traces", service="nightly", job="oriel"}', values: '0x150'}
      - {series: 'oriel_source_silent_after_seconds{signal="traces", service="nightly", job="oriel"}', values: '36000x150'}
    alert_rule_test:
      - {eval_time: 70m, alertname: SourceSilent}
      - eval_time: 72m
        alertname: SourceSilent
        exp_alerts:
          - exp_labels: {severity: warning, signal: logs, service: shop}
            exp_annotations:
              summary: shop has sent no logs for 12m 0s
              description: Nothing has come in from it for longer than it is used to be silent. What it says of itself may be old.
  - name: so many at once that one tells of all of them
    interval: 1m
    input_series:
`+silent(21, "logs")+silent(20, "traces")+`
    alert_rule_test:
      - {eval_time: 10m, alertname: SourcesSilent}
      - eval_time: 12m
        alertname: SourcesSilent
        exp_alerts:
          - exp_labels: {severity: warning, signal: logs}
            exp_annotations:
              summary: 21 services have sent no logs for longer than they are used to be silent
              description: So many at once share a cause, such as a collector, a network or a token. The alert SourceSilent names each of them; nobody is told of those one by one.
    promql_expr_test:
      - expr: count by (signal) (ALERTS{alertname="SourceSilent"})
        eval_time: 12m
        exp_samples: [{labels: '{signal="logs"}', value: 21}, {labels: '{signal="traces"}', value: 20}]
  - name: jobs whose targets are gone, whose process is down, and that come back
    interval: 1m
    input_series:
      - {series: 'up{job="gone", instance="a"}', values: '1x30 _x2000'}
      - {series: 'up{job="down", instance="a"}', values: '1x30 0x2000'}
      - {series: 'target_info{job="back", instance="a"}', values: '1x30 _x8 1x2000'}
    promql_expr_test:
      - {expr: 'count(ALERTS{alertstate="firing"})', eval_time: 40m, exp_samples: []}
      - expr: count by (service, signal) (ALERTS{alertstate="firing"})
        eval_time: 60m
        exp_samples: [{labels: '{service="gone", signal="metrics"}', value: 1}]
      - {expr: 'count(ALERTS{alertstate="firing"})', eval_time: 26h, exp_samples: []}
`), 0o600))
	var out, faults bytes.Buffer
	passed, err := ruletest.Run(t.Context(), ruletest.Options{Files: []string{path}, Out: &out, Err: &faults})
	require.NoError(t, err)
	require.True(t, passed, faults.String()+out.String())
}
