package main

import (
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestOptionsAreRefusedByName(t *testing.T) {
	tests := []struct {
		args []string
		err  string
	}{
		{nil, "no signal given"},
		{[]string{"smells", "-targets", "oriel"}, `no signal "smells"; there are metrics, logs`},
		{[]string{"logs"}, "-targets: name at least one"},
		{[]string{"logs", "-targets", "oriel,splunk"}, `no target "splunk"; there are oriel,`},
		{[]string{"logs", "-targets", "oriel", "-scale", "1,x"}, `-scale: "x" is not a positive number`},
		{[]string{"logs", "-targets", "oriel", "-scale", "0"}, `-scale: "0" is not a positive number`},
		{[]string{"logs", "-targets", "oriel", "-mix", "xml"}, `-mix: no kind "xml"`},
		{[]string{"logs", "-targets", "oriel", "-mix", "json=3"}, "-mix: text is missing"},
		{[]string{"logs", "-targets", "oriel", "-mix", "json=0,text"}, `-mix: "json=0": the weight is not between 1 and 100`},
		{[]string{"logs", "-targets", "oriel", "-streams", "10"}, "-streams: 10 are too few"},
		{[]string{"logs", "-targets", "oriel", "-cold", "very"}, `-cold: "very" is none of each, once, off`},
		{[]string{"logs", "-targets", "oriel", "-kill", "2"}, "-kill: 2 is not between 0 and 1"},
		{[]string{"logs", "-targets", "oriel", "-conns", "0"}, "-conns: 0 is not positive"},
		{[]string{"logs", "-targets", "oriel", "-file", "/nowhere/*.log"}, `-file: nothing at "/nowhere/*.log"`},
		{[]string{"logs", "-targets", "oriel", "-file-stream", "("}, "error parsing regexp"},
		{[]string{"metrics", "-targets", "oriel", "-rw", "3"}, "-rw: 3 is not 1 or 2"},
		{[]string{"logs", "-targets", "oriel", "more"}, `unexpected argument "more"`},
	}
	for _, tt := range tests {
		t.Run(tt.err, func(t *testing.T) {
			_, err := parseOptions(tt.args, io.Discard)
			require.ErrorContains(t, err, tt.err)
		})
	}
}

func TestEndIsAWholeMinute(t *testing.T) {
	o, err := parseOptions([]string{"logs", "-targets", "oriel", "-end", "1800000059"}, io.Discard)
	require.NoError(t, err)
	require.Equal(t, time.Unix(1_800_000_000, 0), o.end)
}

func TestScaleMultipliesTheLoadAndNothingElse(t *testing.T) {
	o, err := parseOptions([]string{"logs", "-targets", "oriel", "-lines", "100", "-traces", "40", "-series", "7"}, io.Discard)
	require.NoError(t, err)
	s := o.scaled(5)
	require.Equal(t, []int{500, 200, 35}, []int{s.lines, s.traces, s.series})
	require.Equal(t, 100, o.lines)
	s.lines, s.traces, s.series = o.lines, o.traces, o.series
	s.dropCache, o.dropCache = nil, nil // functions do not compare
	require.Equal(t, o, s)
}

func TestEnvironmentOverridesBinaryAndAddsArguments(t *testing.T) {
	dir := t.TempDir()
	bin := filepath.Join(dir, "other")
	require.NoError(t, os.WriteFile(bin, nil, 0o700))
	found, err := findTargets("victoria-logs")
	require.NoError(t, err)
	_, err = found[0].binary(dir)
	require.ErrorContains(t, err, "victoria-logs")
	t.Setenv("BENCH_BIN_VICTORIA_LOGS", bin)
	t.Setenv("BENCH_ARGS_VICTORIA_LOGS", "-x  -y")
	path, err := found[0].binary(dir)
	require.NoError(t, err)
	require.Equal(t, bin, path)
	args := found[0].arguments()
	require.Equal(t, []string{"-x", "-y"}, args[len(args)-2:])
}

func TestTargetNamesAreUniqueAndEachTakesSomething(t *testing.T) {
	seen := map[string]bool{}
	for _, target := range allTargets() {
		require.False(t, seen[target.name], target.name)
		seen[target.name] = true
		require.True(t, target.metrics != nil || target.logs != nil || target.traces != nil, target.name)
		require.NotEmpty(t, target.ready, target.name)
	}
}
