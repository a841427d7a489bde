package logql_test

import (
	"bufio"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/oriel-obs/oriel/internal/fault"
	"github.com/oriel-obs/oriel/query/logql"
)

// corpus reads queries, one a line; empty lines and those with # are left out.
func corpus(t testing.TB, file string) []string {
	t.Helper()
	f, err := os.Open(file)
	require.NoError(t, err)
	defer f.Close()
	var out []string
	sc := bufio.NewScanner(f)
	for sc.Scan() {
		if l := sc.Text(); l != "" && !strings.HasPrefix(l, "#") {
			out = append(out, l)
		}
	}
	require.NoError(t, sc.Err())
	require.NotEmpty(t, out)
	return out
}

// A valid query and what it prints as stand on one line with => between.
func TestValidQueriesPrintCanonically(t *testing.T) {
	for _, l := range corpus(t, "testdata/valid.txt") {
		in, want, ok := strings.Cut(l, " => ")
		if !ok {
			want = in
		}
		e, err := logql.Parse(in)
		require.NoError(t, err, in)
		require.Equal(t, want, e.String())
		again, err := logql.Parse(e.String())
		require.NoError(t, err, e.String())
		require.Equal(t, want, again.String())
	}
}

// An invalid query and its message stand on one line with => between.
func TestInvalidQueriesSayWhatIsWrong(t *testing.T) {
	for _, l := range corpus(t, "testdata/invalid.txt") {
		in, want, ok := strings.Cut(l, " => ")
		require.True(t, ok, l)
		_, err := logql.Parse(in)
		require.EqualError(t, err, want, in)
		require.ErrorIs(t, err, fault.ErrInvalid)
	}
}

func TestQueriesHaveAGreatestSizeAndDepth(t *testing.T) {
	_, err := logql.Parse(strings.Repeat(" ", 131073))
	require.EqualError(t, err, "parse error : input size too long (131073 > 131072)")
	_, err = logql.Parse(strings.Repeat("(", 100_000) + "1")
	require.ErrorContains(t, err, "nests deeper than 200 levels")
	_, err = logql.Parse(`{a="b"} | ` + strings.Repeat("(", 100_000))
	require.ErrorContains(t, err, "nests deeper than 200 levels")
	_, err = logql.Parse(strings.Repeat("2^", 60_000) + "1")
	require.ErrorContains(t, err, "nests deeper than 200 levels")
}

func TestQueriesHaveAGreatestNumberOfOperators(t *testing.T) {
	_, err := logql.Parse(strings.Repeat("vector(1)+", 2001) + "vector(1)")
	require.ErrorContains(t, err, "query has more than 2000 operators")
	_, err = logql.Parse(`{a="b"} | a=1` + strings.Repeat(" b=2", 2001))
	require.ErrorContains(t, err, "query has more than 2000 operators")
}

func TestSelectorsAloneMayMatchEverything(t *testing.T) {
	for _, in := range []string{`{}`, `{app=~".*"}`, `{app="a"}`} {
		_, err := logql.ParseSelector(in)
		require.NoError(t, err, in)
	}
	_, err := logql.ParseSelector(`{app="a"} |= "x"`)
	require.EqualError(t, err, "only label matchers are supported")
	require.ErrorIs(t, err, fault.ErrInvalid)
	_, err = logql.ParseLog(`rate({app="a"}[1m])`)
	require.ErrorIs(t, err, fault.ErrInvalid)
}
