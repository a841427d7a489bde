package state

import (
	"context"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/oriel-obs/oriel/internal/auth"
	"github.com/oriel-obs/oriel/internal/fault"
)

func TestQueriesAreKeptByName(t *testing.T) {
	db := open(t, t.TempDir())
	ctx := t.Context()
	keep := func(q Query) string {
		uid, err := db.SaveQuery(ctx, q)
		require.NoError(t, err)
		return uid
	}
	slow := keep(Query{Name: "slow", Language: "traceql", Text: "{ duration > 1s }", Author: "ada"})
	keep(Query{Name: "Errors", Language: "logql", Text: `{a="b"} |= "x"`, Author: "ada"})
	require.Equal(t, slow, keep(Query{UID: slow, Name: "slower", Language: "traceql", Text: "{ duration > 2s }", Author: "eve"}))

	all, err := db.Queries(ctx)
	require.NoError(t, err)
	require.Len(t, all, 2)
	require.Equal(t, "Errors", all[0].Name)
	require.Equal(t, []string{"slower", "{ duration > 2s }", "eve"}, []string{all[1].Name, all[1].Text, all[1].Author})

	require.NoError(t, db.DeleteQuery(ctx, slow))
	require.ErrorIs(t, db.DeleteQuery(ctx, slow), fault.ErrNotFound)
}

func TestAQueryHasANameALanguageAndAText(t *testing.T) {
	db := open(t, t.TempDir())
	for _, c := range []struct {
		q    Query
		want error
	}{
		{Query{Language: "promql", Text: "up"}, fault.ErrInvalid},
		{Query{Name: "x", Language: "sql", Text: "up"}, fault.ErrInvalid},
		{Query{Name: "x", Language: "promql"}, fault.ErrInvalid},
		{Query{Name: "x", Language: "promql", Text: strings.Repeat("u", maxQuery+1)}, fault.ErrTooLarge},
		{Query{UID: "none", Name: "x", Language: "promql", Text: "up"}, fault.ErrNotFound},
	} {
		_, err := db.SaveQuery(t.Context(), c.q)
		require.ErrorIs(t, err, c.want, "%+v", c.q)
	}
}

func TestCorrelationsAreNotOverwrittenUnseen(t *testing.T) {
	db := open(t, t.TempDir())
	ctx := t.Context()
	none, err := db.Correlations(ctx)
	require.NoError(t, err)
	require.Equal(t, Correlations{}, none)

	v, err := db.SaveCorrelations(ctx, Correlations{JSON: []byte(`{"off":["a"]}`), Author: "ada"})
	require.NoError(t, err)
	require.Equal(t, 1, v)
	_, err = db.SaveCorrelations(ctx, Correlations{JSON: []byte(`{}`)})
	require.ErrorIs(t, err, fault.ErrConflict, "made from none, while there are some by now")

	v, err = db.SaveCorrelations(ctx, Correlations{JSON: []byte(`{}`), Version: 1, Author: "eve"})
	require.NoError(t, err)
	require.Equal(t, 2, v)
	c, err := db.Correlations(ctx)
	require.NoError(t, err)
	require.Equal(t, "{} 2 eve", string(c.JSON)+" "+string(rune('0'+c.Version))+" "+c.Author)
}

func TestQueriesAndCorrelationsBelongToATenant(t *testing.T) {
	db := open(t, t.TempDir())
	of := func(tenant string) context.Context { return auth.With(t.Context(), auth.Own(tenant)) }
	uid, err := db.SaveQuery(of("a"), Query{Name: "x", Language: "promql", Text: "up"})
	require.NoError(t, err)
	_, err = db.SaveCorrelations(of("a"), Correlations{JSON: []byte(`{}`)})
	require.NoError(t, err)

	all, err := db.Queries(of("b"))
	require.NoError(t, err)
	require.Empty(t, all)
	require.ErrorIs(t, db.DeleteQuery(of("b"), uid), fault.ErrNotFound)
	c, err := db.Correlations(of("b"))
	require.NoError(t, err)
	require.Zero(t, c.Version)

	require.NoError(t, db.DeleteTenant(t.Context(), "a"))
	all, err = db.Queries(of("a"))
	require.NoError(t, err)
	require.Empty(t, all)
	c, err = db.Correlations(of("a"))
	require.NoError(t, err)
	require.Zero(t, c.Version)
}
