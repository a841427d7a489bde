package traceql_test

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/oriel-obs/oriel/internal/fault"
	"github.com/oriel-obs/oriel/query/traceql"
	"github.com/oriel-obs/oriel/query/traceql/oracletest"
)

func corpus(t testing.TB, name string) []string {
	t.Helper()
	b, err := os.ReadFile("testdata/" + name)
	require.NoError(t, err)
	return strings.Split(strings.TrimRight(string(b), "\n"), "\n")
}

// TestPrintedQueriesParseToThemselves parses, prints, and parses again.
func TestPrintedQueriesParseToThemselves(t *testing.T) {
	for _, in := range corpus(t, "valid.txt") {
		q, err := traceql.Parse(in)
		require.NoError(t, err, in)
		again, err := traceql.Parse(q.String())
		require.NoError(t, err, "%s printed as %s", in, q)
		require.Equal(t, q, again, "%s printed as %s", in, q)
	}
}

func TestRecordedQueriesParseToThemselves(t *testing.T) {
	for _, in := range oracletest.Load(t, oracleBase).Queries() {
		q, err := traceql.Parse(in)
		require.NoError(t, err, in)
		again, err := traceql.Parse(q.String())
		require.NoError(t, err, "%s printed as %s", in, q)
		require.Equal(t, q.String(), again.String())
	}
}

// TestInvalidQueries compares each line's error with testdata/invalid.golden.
func TestInvalidQueries(t *testing.T) {
	var got []string
	for _, in := range corpus(t, "invalid.txt") {
		_, err := traceql.Parse(in)
		require.Error(t, err, in)
		require.ErrorIs(t, err, fault.ErrInvalid, in)
		got = append(got, in+"\n\t"+err.Error())
	}
	const golden = "testdata/invalid.golden"
	text := strings.Join(got, "\n") + "\n"
	if *update {
		require.NoError(t, os.WriteFile(golden, []byte(text), 0o644))
	}
	want, err := os.ReadFile(golden)
	require.NoError(t, err)
	require.Equal(t, string(want), text)
}

func TestParseErrorsSayWhere(t *testing.T) {
	_, err := traceql.Parse("{ .a = 1 } |\n  { .日本 == 1 }")
	var pe *traceql.ParseError
	require.True(t, errors.As(err, &pe))
	require.Equal(t, 2, pe.Line)
	require.Equal(t, 10, pe.Col)
}

func TestPrecedence(t *testing.T) {
	tests := []struct{ in, want string }{
		{`{ .a = 1 || .b = 2 && .c = 3 }`, `{ ((.a = 1) || (.b = 2)) && (.c = 3) }`},
		{`{ .a + 2 * 3 ^ 2 ^ 2 = 1 }`, `{ (.a + (2 * (3 ^ (2 ^ 2)))) = 1 }`},
		{`{ -2 ^ 2 = .a }`, `{ (-(2 ^ 2)) = .a }`},
		{`{ !.a && .b }`, `{ (!.a) && .b }`},
		{`{ 1 - 2 - .a = 0 }`, `{ ((1 - 2) - .a) = 0 }`},
		{`{ .a } || { .b } > { .c }`, `{ .a } || ({ .b } > { .c })`},
		{`{ .a } > { .b } ~ { .c }`, `({ .a } > { .b }) ~ { .c }`},
		{`{ .a } || { .b } && { .c }`, `({ .a } || { .b }) && { .c }`},
		{`({}|rate()) + ({}|rate()) * 2`, `({ } | rate()) + (({ } | rate()) * 2)`},
	}
	for _, tt := range tests {
		q, err := traceql.Parse(tt.in)
		require.NoError(t, err, tt.in)
		require.Equal(t, tt.want, q.String(), tt.in)
	}
}

func TestDeepQueriesAreRefused(t *testing.T) {
	for _, in := range []string{
		"{ " + strings.Repeat("(", 50_000) + ".a" + strings.Repeat(")", 50_000) + " }",
		"{ " + strings.Repeat("!", 100_000) + ".a }",
		"{ " + strings.Repeat("-", 100_000) + "1 = .a }",
		"{ .a " + strings.Repeat("+ 1 ", 20_000) + "= 1 }",
		strings.Repeat("(", 100_000),
		strings.Repeat("{ .a } && ", 10_000) + "{ .a }",
		strings.Repeat("{ .a } > ", 10_000) + "{ .a }",
		strings.Repeat("(", 30_000) + "{}|rate()" + strings.Repeat(")", 30_000),
		"{ } | count() > " + strings.Repeat("-", 100_000) + "1",
		"{ } | count() > 1" + strings.Repeat(" + 1", 20_000),
		strings.Repeat(" ", traceql.MaxQueryBytes) + "{}",
	} {
		_, err := traceql.Parse(in)
		require.ErrorIs(t, err, fault.ErrInvalid, "%.40s", in)
	}
}

// TestFilterOfUnfinishedQuery covers what editors send while one types.
func TestFilterOfUnfinishedQuery(t *testing.T) {
	tests := []struct{ in, want string }{
		{`{ .a = 1 }`, `{ .a = 1 }`},
		{`{ resource.service.name = "fam" && status = }`, `{ resource.service.name = "fam" }`},
		{`{ .a = 1 && .b = && name = "x" }`, `{ (.a = 1) && (name = "x") }`},
		{`{ .a = 1 && `, `{ .a = 1 }`},
		{`{ resource.cluster = }`, ``},
		{`{ nonsense`, ``},
		{`{ .a = 1 || .b = `, ``},
		{`{ .a = 1 && name = 1 }`, `{ .a = 1 }`},
		{`{ .a = 1 } && { .b = 2 }`, ``},
		{`{ .a = 1 } | rate()`, ``},
		{`{ "`, ``},
		{``, ``},
	}
	for _, tt := range tests {
		f := traceql.ParseFilter(tt.in)
		if tt.want == "" {
			require.Nil(t, f, tt.in)
			continue
		}
		require.NotNil(t, f, tt.in)
		require.Equal(t, tt.want, fmt.Sprintf("{ %s }", traceql.PrintExpr(f.Expr)))
	}
}

func TestParseAttribute(t *testing.T) {
	for in, want := range map[string]string{
		"resource.service.name": "resource.service.name", ".service.name": ".service.name", "name": "name", "span:kind": "span:kind",
		`span."a b"`: `span."a b"`, "span.a/b": "span.a/b", `span.a"="`: `span."a="`,
	} {
		a, err := traceql.ParseAttribute(in)
		require.NoError(t, err, in)
		require.Equal(t, want, a.String())
	}
	for _, in := range []string{"", "span:nothing", "foo.bar", "service", "span.", "name name", "{}", "parent.span.x"} {
		_, err := traceql.ParseAttribute(in)
		require.ErrorIs(t, err, fault.ErrInvalid, in)
	}
}

func FuzzParse(f *testing.F) {
	for _, name := range []string{"valid.txt", "invalid.txt"} {
		for _, in := range corpus(f, name) {
			f.Add(in)
		}
	}
	f.Fuzz(func(t *testing.T, in string) {
		traceql.ParseFilter(in)
		q, err := traceql.Parse(in)
		if err != nil {
			require.ErrorIs(t, err, fault.ErrInvalid)
			return
		}
		printed := q.String()
		if len(printed) > traceql.MaxQueryBytes {
			return // brackets make it longer
		}
		again, err := traceql.Parse(printed)
		require.NoError(t, err, "%s printed as %s", in, printed)
		require.Equal(t, printed, again.String(), "printing is not stable")
	})
}
