package metric

import (
	"testing"
	"time"

	"github.com/alecthomas/units"
	"github.com/prometheus/common/model"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"
)

func TestConfigReadsPrometheusUnits(t *testing.T) {
	c := DefaultConfig()
	require.NoError(t, yaml.Unmarshal([]byte("{retention: 30d, retention_size: 50GiB, out_of_order_window: 1h30m, sync_interval: 500ms}"), &c))
	want := DefaultConfig()
	want.Retention = model.Duration(30 * 24 * time.Hour)
	want.RetentionSize = 50 * units.GiB
	want.OutOfOrderWindow = model.Duration(90 * time.Minute)
	want.SyncInterval = model.Duration(500 * time.Millisecond)
	require.Equal(t, want, c)
}

func TestConfigDefaultsAreValid(t *testing.T) {
	c := DefaultConfig()
	c.Dir = "data"
	require.NoError(t, c.Validate())
}

func TestConfigNamesEveryBadKey(t *testing.T) {
	err := Config{Retention: -1, OutOfOrderWindow: -1, RetentionSize: -1, MaxExemplars: -1, MaxFamilies: -1}.Validate()
	for _, key := range []string{"dir", "retention", "out_of_order_window", "sync_interval", "retention_size", "max_exemplars", "max_families"} {
		require.ErrorContains(t, err, key+": ")
	}
}

func TestBlocksGrowToATenthOfTheRetention(t *testing.T) {
	for retention, want := range map[time.Duration]time.Duration{
		0:                    31 * 24 * time.Hour,
		time.Hour:            2 * time.Hour,
		15 * 24 * time.Hour:  36 * time.Hour,
		900 * 24 * time.Hour: 31 * 24 * time.Hour,
	} {
		require.Equal(t, want, maxBlockDuration(retention), retention)
	}
}
