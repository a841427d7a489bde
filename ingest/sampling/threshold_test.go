package sampling

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestThresholds(t *testing.T) {
	for _, tt := range []struct {
		p    float64
		text string
	}{{1, "0"}, {0.5, "8"}, {0.25, "c"}, {0.1, "e6666"}, {0.01, "fd70a"}, {1e-9, "fffff"}} {
		th := thresholdOf(tt.p)
		require.Equal(t, tt.text, th.text(), "%g", tt.p)
		require.Equal(t, th, parseTraceState("ot=th:"+th.text()).threshold)
		if tt.p > 1e-6 {
			require.InEpsilon(t, tt.p, th.share(), 1e-4)
		}
	}
	require.Equal(t, never, thresholdOf(0))
	require.Zero(t, never.share())
}

func TestTraceStateIsReadAndWritten(t *testing.T) {
	tests := []struct {
		name, in   string
		threshold  threshold
		randomness uint64
		explicit   bool
		with       string // threshold 8
	}{
		{name: "empty", with: "ot=th:8"},
		{name: "of others", in: "a=1,b=2", with: "ot=th:8,a=1,b=2"},
		{name: "a threshold is replaced", in: "a=1,ot=th:c;rv:12345678abcdef;x:y", threshold: 0xc << 52, randomness: 0x12345678abcdef, explicit: true, with: "a=1,ot=th:8;rv:12345678abcdef;x:y"},
		{name: "space around members", in: "a=1, ot=th:c", threshold: 0xc << 52, with: "a=1,ot=th:8"},
		{name: "14 digits", in: "ot=th:fffffffffffff1", threshold: 0xfffffffffffff1, with: "ot=th:8"},
		{name: "15 digits are none", in: "ot=th:ffffffffffffff1", with: "ot=th:8"},
		{name: "no digits", in: "ot=th:xyz;rv:1234", with: "ot=th:8;rv:1234"},
		{name: "nothing after the name", in: "ot=", with: "ot=th:8"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			require.Equal(t, traceState{tt.threshold, tt.randomness, tt.explicit}, parseTraceState(tt.in))
			require.Equal(t, tt.with, withThreshold(tt.in, 8<<52))
		})
	}
}

func FuzzTraceState(f *testing.F) {
	for _, s := range []string{"", "ot=th:8", "a=1,ot=rv:12345678abcdef;th:c", "ot=", "ot=th:,;;ot=th:1", "=,=;:"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		before := parseTraceState(s)
		after := parseTraceState(withThreshold(s, 8<<52))
		require.Equal(t, threshold(8<<52), after.threshold)
		require.Equal(t, before.randomness, after.randomness)
		require.Equal(t, before.explicit, after.explicit)
		require.Less(t, uint64(before.threshold), uint64(never))
	})
}
