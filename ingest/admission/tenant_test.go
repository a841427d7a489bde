package admission_test

import (
	"fmt"
	"testing"

	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/prometheus/prometheus/model/labels"
	promstorage "github.com/prometheus/prometheus/storage"
	"github.com/stretchr/testify/require"

	"github.com/oriel-obs/oriel/internal/auth"
)

// writeAs is write as somebody.
func (r *rig) writeAs(tenant string, ref promstorage.SeriesRef, v float64, pairs ...string) promstorage.SeriesRef {
	r.Helper()
	r.now++
	app := r.gate.AppenderV2(auth.With(r.Context(), auth.Own(tenant)))
	got, err := app.Append(ref, labels.FromStrings(pairs...), 0, r.now, v, nil, nil, promstorage.AOptions{})
	require.NoError(r, err)
	require.NoError(r, app.Commit())
	return got
}

func TestSeriesAreStampedWithWhoseTheyAre(t *testing.T) {
	r := newRig(t, "")
	r.gate.KeepTenants()
	a := r.writeAs("a", 0, 1, "__name__", "up", "job", "x")
	b := r.writeAs("b", 0, 2, "__name__", "up", "job", "x")
	def := r.writeAs("", 0, 3, "__name__", "up", "job", "x")
	require.Len(t, map[promstorage.SeriesRef]bool{a: true, b: true, def: true}, 3)

	// A reference of another's, as from a cache that is shared, leads nowhere.
	r.writeAs("a", b, 4, "__name__", "up", "job", "x")
	r.writeAs("", a, 5, "__name__", "up", "job", "x")
	r.writeAs("b", b, 6, "__name__", "up", "job", "x")
	require.Equal(t, map[string][]float64{
		`{__name__="up", __tenant_id__="a", job="x"}`: {1, 4},
		`{__name__="up", __tenant_id__="b", job="x"}`: {2, 6},
		`{__name__="up", job="x"}`:                    {3, 5},
	}, r.stored())
}

func TestATenantCannotBeClaimed(t *testing.T) {
	r := newRig(t, "")
	r.gate.KeepTenants()
	r.writeAs("a", 0, 1, "__name__", "up", auth.TenantLabel, "b")
	r.writeAs("", 0, 2, "__name__", "up", auth.TenantLabel, "b")
	r.write(0, 3, "__name__", "down", auth.TenantLabel, "b")
	require.Equal(t, map[string][]float64{
		`{__name__="up", __tenant_id__="a"}`: {1}, `{__name__="up"}`: {2}, `{__name__="down"}`: {3},
	}, r.stored())
	n, err := testutil.GatherAndCount(r.reg, "oriel_ingest_tenant_labels_dropped_total")
	require.NoError(t, err)
	require.Equal(t, 1, n)
}

func TestRulesCannotTakeASeriesToAnotherTenant(t *testing.T) {
	r := newRig(t, `[{source_labels: [job], target_label: __tenant_id__}, {regex: drop_me, action: labeldrop}]`)
	r.gate.KeepTenants()
	r.writeAs("a", 0, 1, "__name__", "up", "job", "b", "drop_me", "x")
	require.Equal(t, map[string][]float64{`{__name__="up", __tenant_id__="a", job="b"}`: {1}}, r.stored())
}

func TestWhatTheProcessDerivesKeepsItsTenant(t *testing.T) {
	r := newRig(t, `[{regex: drop_me, action: labeldrop}]`)
	r.gate.KeepTenants()
	var ref promstorage.SeriesRef
	for range 2 {
		r.now++
		app := r.gate.Derived().AppenderV2(t.Context())
		var err error
		ref, err = app.Append(ref, labels.FromStrings("__name__", "calls", auth.TenantLabel, "a", "drop_me", "x"), 0, r.now, 1, nil, nil, promstorage.AOptions{})
		require.NoError(t, err)
		require.NoError(t, app.Commit())
	}
	require.Equal(t, map[string][]float64{`{__name__="calls", __tenant_id__="a"}`: {1, 1}}, r.stored())
}

// Beyond the numbers that references can carry, none of them is trusted.
func TestManyTenantsDoNotGetEachOthersReferences(t *testing.T) {
	r := newRig(t, "")
	r.gate.KeepTenants()
	for i := range 1<<15 + 10 {
		r.gate.Rules(auth.With(t.Context(), auth.Own(fmt.Sprint(i))))
	}
	x := r.writeAs("x", 0, 1, "__name__", "up")
	y := r.writeAs("y", x, 2, "__name__", "up")
	r.writeAs("x", y, 3, "__name__", "up")
	require.Equal(t, map[string][]float64{`{__name__="up", __tenant_id__="x"}`: {1, 3}, `{__name__="up", __tenant_id__="y"}`: {2}}, r.stored())
}
