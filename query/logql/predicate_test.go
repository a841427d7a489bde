package logql_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/oriel-obs/oriel/internal/fault"
	"github.com/oriel-obs/oriel/query/logql"
)

func TestParsePredicate(t *testing.T) {
	tests := []struct{ query, want, err string }{
		{query: `{app="x"}`, want: `((stream["app"] = "x"))`},
		{query: `{app="x"} |= "a" != "b"`, want: `((stream["app"] = "x") and body contains "a" and not body contains "b")`},
		{query: `{app="x"} |~ "a.b"`, want: `((stream["app"] = "x") and body =~ "a.b")`},
		{query: `{app="x"} |> "<_> a"`, err: "by pattern or address"},
		{query: `{app="x"} |= ip("10.0.0.0/8")`, err: "by pattern or address"},
		{query: `{app="x"} | json`, err: "only a stream selector and line filters"},
		{query: `{app="x"} | level="error"`, err: "only a stream selector and line filters"},
		{query: `{app="x"} |= "a" | line_format "b"`, err: "only a stream selector and line filters"},
		{query: `rate({app="x"}[1m])`, err: "parse error"},
		{query: `{`, err: "parse error"},
		{query: `{app=""}`, err: "at least one"},
	}
	for _, tt := range tests {
		t.Run(tt.query, func(t *testing.T) {
			p, err := logql.ParsePredicate(tt.query)
			if tt.err != "" {
				require.ErrorContains(t, err, tt.err)
				require.ErrorIs(t, err, fault.ErrInvalid)
				return
			}
			require.NoError(t, err)
			require.Equal(t, tt.want, p.String())
		})
	}
}
