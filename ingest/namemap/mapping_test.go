package namemap_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/prometheus/statsd_exporter/pkg/mapper"
	"github.com/stretchr/testify/require"

	"github.com/oriel-obs/oriel/ingest/namemap"
)

func TestTheFirstRuleThatMatchesNames(t *testing.T) {
	file := filepath.Join(t.TempDir(), "mapping.yml")
	require.NoError(t, os.WriteFile(file, []byte(`
mappings:
  - match: servers.*.cpu.*
    name: cpu_${2}
    labels: {server: $1, dc: here}
  - match: noise.*
    name: noise
    action: drop
  - match: 'jobs\.(.+)\.(\w+)'
    match_type: regex
    name: job_$2
    labels: {job_name: $1}
`), 0o644))
	rules, err := namemap.Load(file)
	require.NoError(t, err)
	require.False(t, rules.Empty())
	x := rules.Find("servers.web1.cpu.idle", mapper.MetricTypeGauge)
	require.True(t, x.Matched)
	require.Equal(t, "cpu_idle", x.Name)
	require.Equal(t, map[string]string{"server": "web1", "dc": "here"}, x.Labels)
	require.True(t, rules.Find("noise.x", mapper.MetricTypeGauge).Drop)
	x = rules.Find("jobs.a.b.done", mapper.MetricTypeCounter)
	require.Equal(t, "job_done", x.Name)
	require.Equal(t, map[string]string{"job_name": "a.b"}, x.Labels)
	x = rules.Find("other.name", mapper.MetricTypeGauge)
	require.False(t, x.Matched)
	require.Equal(t, "other.name", x.Name)
}

func TestAMappingFileWithFaultsIsRefused(t *testing.T) {
	_, err := namemap.Load(filepath.Join(t.TempDir(), "none.yml"))
	require.ErrorContains(t, err, "mapping_file")
	file := filepath.Join(t.TempDir(), "mapping.yml")
	require.NoError(t, os.WriteFile(file, []byte("mappings: [{match: a.*}]"), 0o644))
	_, err = namemap.Load(file)
	require.ErrorContains(t, err, "metric mapping didn't set a metric name")

	rules, err := namemap.Load("")
	require.NoError(t, err)
	require.True(t, rules.Empty())
}
