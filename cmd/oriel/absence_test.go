package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/oriel-obs/oriel/alerting/ruletest"
	"github.com/oriel-obs/oriel/ingest/freshness"
)

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
