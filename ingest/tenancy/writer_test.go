package tenancy_test

import (
	"context"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/stretchr/testify/require"

	"github.com/oriel-obs/oriel/ingest/tenancy"
	"github.com/oriel-obs/oriel/internal/auth"
	"github.com/oriel-obs/oriel/model"
)

type sink struct{ got *model.Batch }

func (s *sink) Append(_ context.Context, b *model.Batch) error { s.got = b; return nil }

func attrs(pairs ...string) (out []model.Attr) {
	for i := 0; i < len(pairs); i += 2 {
		out = append(out, model.Attr{Key: pairs[i], Value: model.String(pairs[i+1])})
	}
	return out
}

func TestStreamsAreStampedWithWhoseTheyAre(t *testing.T) {
	for name, c := range map[string]struct {
		id         *auth.Identity
		sent, want []model.Attr
		spoofed    float64
	}{
		"tenants' own":                {auth.Own("a"), attrs("app", "x", "job", "y"), attrs(auth.TenantLabel, "a", "app", "x", "job", "y"), 0},
		"in order":                    {auth.Own("a"), attrs("Upper", "x", "app", "y"), attrs("Upper", "x", auth.TenantLabel, "a", "app", "y"), 0},
		"without others":              {auth.Own("a"), nil, attrs(auth.TenantLabel, "a"), 0},
		"the default one's":           {auth.Own(""), attrs("app", "x"), attrs("app", "x"), 0},
		"the process's":               {nil, attrs("app", "x"), attrs("app", "x"), 0},
		"what another claims":         {auth.Own("a"), attrs(auth.TenantLabel, "b", "app", "x"), attrs(auth.TenantLabel, "a", "app", "x"), 1},
		"what the default one claims": {auth.Own(""), attrs(auth.TenantLabel, "b", "app", "x"), attrs("app", "x"), 1},
		"what was stamped before":     {auth.Own("a"), attrs(auth.TenantLabel, "a", "app", "x"), attrs(auth.TenantLabel, "a", "app", "x"), 0},
	} {
		t.Run(name, func(t *testing.T) {
			reg, s := prometheus.NewRegistry(), &sink{}
			w := tenancy.New(s, reg)
			shared := &model.Stream{Attrs: c.sent}
			bd := model.NewBuilder(model.Logs, 1)
			bd.Row(bd.Stream(shared), 1, "line")
			before := append([]model.Attr{}, c.sent...)
			require.NoError(t, w.Append(auth.With(t.Context(), c.id), bd.Batch()))
			require.Equal(t, len(c.want), len(s.got.Streams[0].Attrs))
			for i, a := range c.want {
				require.Equal(t, a, s.got.Streams[0].Attrs[i])
			}
			require.Equal(t, before, append([]model.Attr{}, shared.Attrs...), "a stream may be shared")
			families, err := reg.Gather()
			require.NoError(t, err)
			require.Equal(t, c.spoofed, families[0].GetMetric()[0].GetCounter().GetValue())
		})
	}
}

func TestRowsCannotClaimATenantEither(t *testing.T) {
	reg, s := prometheus.NewRegistry(), &sink{}
	w := tenancy.New(s, reg)
	bd := model.NewBuilder(model.Logs, 1)
	bd.Row(bd.Stream(&model.Stream{Attrs: attrs("app", "x")}), 1, "line")
	bd.Attr(auth.TenantLabel, model.String("b"))
	bd.Attr("other", model.String("kept"))
	require.NoError(t, w.Append(auth.With(t.Context(), auth.Own("")), bd.Batch()))
	require.Len(t, s.got.Attrs, 1)
	require.Equal(t, "other", s.got.Attrs[0].Key)
	n, err := testutil.GatherAndCount(reg)
	require.NoError(t, err)
	require.Equal(t, 1, n)
}
