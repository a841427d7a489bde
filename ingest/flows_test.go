package ingest

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/model/labels"
	promstorage "github.com/prometheus/prometheus/storage"
	"github.com/stretchr/testify/require"

	"github.com/oriel-obs/oriel/internal/auth"
	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/storage"
)

func everything(string, string) bool { return true }

// numbered is a store that numbers series, and fails as it is told.
type numbered struct {
	refs           map[string]promstorage.SeriesRef
	refuse, commit error
}

func (n *numbered) AppenderV2(context.Context) promstorage.AppenderV2 { return numbering{n: n} }

type numbering struct {
	promstorage.AppenderV2
	n *numbered
}

func (a numbering) Append(_ promstorage.SeriesRef, ls labels.Labels, _, _ int64, _ float64, _ *histogram.Histogram, _ *histogram.FloatHistogram, _ promstorage.AOptions) (promstorage.SeriesRef, error) {
	if a.n.refuse != nil {
		return 0, a.n.refuse
	}
	ref, known := a.n.refs[ls.String()]
	if !known {
		ref = promstorage.SeriesRef(len(a.n.refs) + 1)
		a.n.refs[ls.String()] = ref
	}
	return ref, nil
}

func (a numbering) Commit() error { return a.n.commit }
func (numbering) Rollback() error { return nil }

func series(job string, more ...string) labels.Labels {
	return labels.FromStrings(append([]string{"__name__", "up", "job", job}, more...)...)
}

// write brings a sample of each time to the series.
func write(t *testing.T, a *Account, store promstorage.AppendableV2, ls labels.Labels, times ...int64) error {
	t.Helper()
	ctx := a.Arrive(t.Context(), "remote-write")
	app := store.AppenderV2(ctx)
	for _, at := range times {
		_, _ = app.Append(0, ls, 0, at, 1, nil, nil, promstorage.AOptions{})
	}
	err := app.Commit()
	if err == nil {
		a.Accept(ctx, "remote-write", "metrics", len(times), 100*len(times))
	}
	return err
}

func TestSamplesAreCountedByJobAndTenant(t *testing.T) {
	a := NewAccount(prometheus.NewRegistry())
	store := a.Samples(&numbered{refs: map[string]promstorage.SeriesRef{}})
	require.NoError(t, write(t, a, store, series("api"), 1000, 3000, 2000))
	require.NoError(t, write(t, a, store, series("api"), 4000, 500))
	require.NoError(t, write(t, a, store, series("db", auth.TenantLabel, "acme"), 1000))

	flows := a.Flows(ByService, everything, time.Now())
	require.Len(t, flows, 2)
	api := flows[0]
	require.Equal(t, "api", api.Service)
	require.EqualValues(t, 5, api.Rows)
	require.EqualValues(t, 500, api.Bytes)
	require.EqualValues(t, 4, api.Followed, "the first sample of a series follows none")
	require.EqualValues(t, 2, api.Late)
	require.Equal(t, time.UnixMilli(4000).UTC(), *api.Newest)
	require.InDelta(t, 0.5, api.RowsPerSecond, 1e-9, "of the ten seconds that are counted at least")
	require.Equal(t, "acme", flows[1].Tenant)

	flows = a.Flows(ByTenant, func(_, tenant string) bool { return tenant == "acme" }, time.Now())
	require.Len(t, flows, 1)
	require.EqualValues(t, 1, flows[0].Rows)

	flows = a.Flows(ByEndpoint, everything, time.Now())
	require.Len(t, flows, 1)
	require.Equal(t, "remote-write", flows[0].Protocol)
	require.EqualValues(t, 6, flows[0].Rows)
}

func TestRefusedSamplesAreTheirJobs(t *testing.T) {
	a := NewAccount(prometheus.NewRegistry())
	n := &numbered{refs: map[string]promstorage.SeriesRef{}}
	store := a.Samples(n)
	n.refuse = promstorage.ErrOutOfOrderSample
	require.NoError(t, write(t, a, store, series("api"), 1, 2))
	n.refuse, n.commit = nil, errors.New("no space")
	require.Error(t, write(t, a, store, series("api"), 3))
	app := store.AppenderV2(t.Context())
	_, err := app.Append(0, series("api"), 0, 4, 1, nil, nil, promstorage.AOptions{})
	require.NoError(t, err)
	require.NoError(t, app.Rollback())

	flows := a.Flows(ByService, everything, time.Now())
	total := map[string]int64{}
	rows := int64(0)
	for _, f := range flows {
		rows += f.Rows
		for _, r := range f.Refused {
			total[r.Reason] += r.Rows
		}
	}
	require.Zero(t, rows)
	require.Equal(t, map[string]int64{ReasonOutOfOrder: 2, ReasonStorage: 1}, total)
	require.Nil(t, flows[0].Newest)
}

type writes struct{ err error }

func (w writes) Append(context.Context, *model.Batch) error { return w.err }

func lines(service string, times ...int64) *model.Batch {
	bd := model.NewBuilder(model.Logs, len(times))
	s := bd.Stream(&model.Stream{Attrs: []model.Attr{{Key: ServiceNameLabel, Value: model.String(service)}}})
	for _, at := range times {
		bd.Row(s, at*int64(time.Millisecond), "0123456789")
	}
	return bd.Batch()
}

func TestLinesAreCountedByService(t *testing.T) {
	a := NewAccount(prometheus.NewRegistry())
	ctx := a.Arrive(auth.With(t.Context(), auth.Own("acme")), "loki")
	require.NoError(t, a.Events(writes{}).Append(ctx, lines("shop", 7000, 5000)))
	a.Accept(ctx, "loki", "logs", 2, 333)
	require.Error(t, a.Events(writes{errors.New("no space")}).Append(ctx, lines("shop", 9000)))
	require.ErrorIs(t, a.Events(writes{storage.ErrBusy}).Append(ctx, lines("shop", 9000)), storage.ErrBusy)

	flows := a.Flows(ByService, everything, time.Now())
	require.Len(t, flows, 1)
	f := flows[0]
	require.Equal(t, []any{"logs", "acme", "shop", int64(2), int64(333)}, []any{f.Signal, f.Tenant, f.Service, f.Rows, f.Bytes})
	require.Equal(t, time.UnixMilli(7000).UTC(), *f.Newest)
	require.Len(t, f.Refused, 1)
	require.EqualValues(t, 1, f.Refused[0].Rows, "what is busy is asked again")
	require.EqualValues(t, 10, a.LongestLine())
	require.EqualValues(t, 333, a.LargestRequest())
}

func TestRefusalsAreTheirTenants(t *testing.T) {
	a := NewAccount(prometheus.NewRegistry())
	a.Reject(auth.With(t.Context(), auth.Own("acme")), "loki", "logs", ReasonMalformed, 2, "not JSON")
	a.Reject(t.Context(), "loki", "logs", ReasonMalformed, 1, "not protobuf")
	acme := a.Flows(ByTenant, func(_, tenant string) bool { return tenant == "acme" }, time.Now())
	require.Len(t, acme, 1)
	require.EqualValues(t, 2, acme[0].Refused[0].Rows)
	require.Equal(t, "not JSON", acme[0].Refused[0].Example)
	all := a.Flows(ByEndpoint, everything, time.Now())
	require.EqualValues(t, 3, all[0].Refused[0].Rows)
	require.EqualValues(t, 3, a.Rejections()[0].Rows, "of all tenants together")
}

func TestSourcesThatAreSilentLongestMakeRoom(t *testing.T) {
	a := NewAccount(prometheus.NewRegistry())
	store := a.Samples(&numbered{refs: map[string]promstorage.SeriesRef{}})
	for i := range maxTenantSources + 5 {
		require.NoError(t, write(t, a, store, series(fmt.Sprint("job-", i)), 1000))
	}
	require.NoError(t, write(t, a, store, series("other", auth.TenantLabel, "acme"), 1000))
	flows := a.Flows(ByService, everything, time.Now())
	require.Len(t, flows, maxTenantSources+2)
	rows := int64(0)
	for _, f := range flows {
		rows += f.Rows
		if f.Left > 0 {
			require.Equal(t, 5, f.Left)
			require.EqualValues(t, 5, f.Rows)
		}
	}
	require.EqualValues(t, maxTenantSources+6, rows, "nothing is lost of the sum")
}

func TestRatesAreOfTheLastFiveMinutes(t *testing.T) {
	var f flow
	start := time.Unix(1_000_000, 0)
	f.take(300, 3000, start)
	each, rows, bytes := f.rates(start.Add(100 * time.Second))
	require.InDelta(t, 3, rows, 1e-9)
	require.InDelta(t, 30, bytes, 1e-9)
	require.InDelta(t, 30, each[turns-1-10], 1e-9)
	_, rows, _ = f.rates(start.Add(turns * turnLength))
	require.Zero(t, rows)
	require.EqualValues(t, 300, f.rows, "the sum stays")

	other := flow{}
	other.take(100, 0, start.Add(turns*turnLength)) // in the same place of the ring
	other.merge(&f)
	_, rows, _ = other.rates(start.Add(turns * turnLength))
	require.InDelta(t, 100/((turns-1)*turnLength).Seconds(), rows, 1e-9)
}

func TestASlotIsKeptWhileItsSeriesIsSent(t *testing.T) {
	var all recentSeries
	one, other := &source{}, &source{}
	slot := all.at(1)
	slot.follow(1, one, 1000)
	slot.follow(1+recentSlots, other, 1000+staleSeries)
	require.Same(t, one, slot.of(1))
	require.Nil(t, slot.of(1+recentSlots))
	slot.follow(1+recentSlots, other, 1001+staleSeries)
	require.Nil(t, slot.of(1))
	require.Same(t, other, slot.of(1+recentSlots))
}
