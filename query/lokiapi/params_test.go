package lokiapi

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestTimesHaveSeveralForms(t *testing.T) {
	noon := time.Date(2024, 3, 12, 12, 0, 0, 0, time.UTC).UnixNano()
	for in, want := range map[string]int64{
		"1710244800":                noon, // at most ten digits are seconds
		"1710244800000000000":       noon,
		"1710244800.5":              noon + int64(500*time.Millisecond),
		"1710244800.123456":         noon + int64(123*time.Millisecond),
		"2024-03-12T12:00:00Z":      noon,
		"2024-03-12T12:00:00.5Z":    noon + int64(500*time.Millisecond),
		"2024-03-12T13:00:00+01:00": noon,
		"0":                         0,
	} {
		got, err := parseTime(in)
		require.NoError(t, err, in)
		require.Equal(t, want, got, in)
	}
	for _, in := range []string{"noon", "1e3", "1.5.5", "0001-01-01T00:00:00Z", "99999999999.5e9"} {
		_, err := parseTime(in)
		require.Error(t, err, in)
	}
}

func TestStepsAreSecondsOrDurations(t *testing.T) {
	for in, want := range map[string]time.Duration{"60": time.Minute, "0.5": 500 * time.Millisecond, "97s": 97 * time.Second, "1m30s": 90 * time.Second, "15000ms": 15 * time.Second} {
		got, err := seconds(in)
		require.NoError(t, err, in)
		require.Equal(t, want, got, in)
	}
	for _, in := range []string{"", "x", "1e300", "NaN"} {
		_, err := seconds(in)
		require.Error(t, err, in)
	}
}

func FuzzParams(f *testing.F) {
	for _, s := range []string{"1710244800", "1710244800.5", "2024-03-12T12:00:00Z", "15s", "1e99", "-1", "NaN", "."} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if _, err := parseTime(s); err != nil {
			require.NotEmpty(t, err.Error())
		}
		if _, err := seconds(s); err != nil {
			require.NotEmpty(t, err.Error())
		}
	})
}
