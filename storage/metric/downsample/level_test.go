package downsample_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"github.com/oriel-obs/oriel/storage/metric/downsample"
)

func TestLevelsAreSound(t *testing.T) {
	tests := []struct{ name, in, err string }{
		{name: "none", in: `[]`},
		{name: "one", in: `[{resolution: 5m, after: 40h, retention: 90d}]`},
		{name: "any that divide a day", in: `[{resolution: 2m, after: 40h}, {resolution: 30m, after: 40h}, {resolution: 12h, after: 10d}]`},
		{name: "too fine", in: `[{resolution: 15s, after: 40h}]`, err: "[0].resolution: 15s is shorter than 1m"},
		{name: "does not divide a day", in: `[{resolution: 7m, after: 40h}]`, err: "[0].resolution: 7m does not divide a day"},
		{name: "more than a day", in: `[{resolution: 2d, after: 40h}]`, err: "[0].resolution: 2d does not divide a day"},
		{name: "too early", in: `[{resolution: 5m, after: 1h}]`, err: "[0].after: 1h is less than 3h, the time in which samples may still come"},
		{name: "dies before it lives", in: `[{resolution: 5m, after: 40h, retention: 2d}]`, err: "[0].retention: 2d is less than a day more than after, 1d16h"},
		{name: "not in order", in: `[{resolution: 1h, after: 40h}, {resolution: 5m, after: 40h}]`, err: "[1].resolution: 5m is no multiple of the one before, 1h"},
		{name: "does not fit the one before", in: `[{resolution: 40m, after: 40h}, {resolution: 1h, after: 40h}]`, err: "[1].resolution: 1h is no multiple of the one before, 40m"},
		{name: "ages in the wrong order", in: `[{resolution: 5m, after: 40h}, {resolution: 1h, after: 10h}]`, err: "[1].after: 10h is less than that of the resolution before, 1d16h"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var levels []downsample.Level
			require.NoError(t, yaml.Unmarshal([]byte(tt.in), &levels))
			err := downsample.Validate(levels, 3*time.Hour)
			if tt.err == "" {
				require.NoError(t, err)
				return
			}
			require.ErrorContains(t, err, tt.err)
		})
	}
	require.NoError(t, downsample.Validate(downsample.DefaultLevels(), 3*time.Hour))
}
