package traceql_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/oriel-obs/oriel/internal/fault"
	"github.com/oriel-obs/oriel/query/traceql"
)

func TestParsePredicate(t *testing.T) {
	tests := []struct{ query, want, err string }{
		{query: `{resource.service.name="x"}`, want: `stream["service.name"] = "x"`},
		{query: `{resource.service.name="x" && span.http.route="/a"}`, want: `(stream["service.name"] = "x" and attr["http.route"] = "/a")`},
		{query: `{}`, want: ""},
		{query: `{.foo="x"}`, err: "scoped attributes"},
		{query: `{event.name="x"}`, err: "scoped attributes"},
		{query: `{rootServiceName="x"}`, err: "scoped attributes"},
		{query: `{span.a="x"} | count() > 2`, err: "single spanset filter"},
		{query: `{span.a="x"} >> {span.b="y"}`, err: "single spanset filter"},
		{query: `{} | rate()`, err: "single spanset filter"},
		{query: `{`, err: ""},
	}
	for _, tt := range tests {
		t.Run(tt.query, func(t *testing.T) {
			p, err := traceql.ParsePredicate(tt.query)
			if tt.err != "" || tt.query == "{" {
				require.ErrorContains(t, err, tt.err)
				require.ErrorIs(t, err, fault.ErrInvalid)
				return
			}
			require.NoError(t, err)
			if tt.want == "" {
				require.Nil(t, p)
				return
			}
			require.Equal(t, tt.want, p.String())
		})
	}
}
