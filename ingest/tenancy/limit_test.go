package tenancy_test

import (
	"log/slog"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/common/promslog"
	"github.com/prometheus/prometheus/model/labels"
	promstorage "github.com/prometheus/prometheus/storage"
	"github.com/stretchr/testify/require"

	"github.com/oriel-obs/oriel/ingest/tenancy"
	"github.com/oriel-obs/oriel/internal/auth"
	"github.com/oriel-obs/oriel/internal/fault"
	"github.com/oriel-obs/oriel/internal/quota"
	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/storage"
	"github.com/oriel-obs/oriel/storage/metric"
)

func keeper(rates quota.Rates) *quota.Keeper {
	c := quota.DefaultConfig()
	c.Tenant = rates
	return quota.New(c, nil, slog.New(slog.DiscardHandler), prometheus.NewRegistry())
}

func batch(signal model.Signal, rows int, streams ...string) *model.Batch {
	bd := model.NewBuilder(signal, rows)
	for i := range rows {
		s := bd.Stream(&model.Stream{Attrs: attrs("app", streams[i%len(streams)])})
		if signal == model.Spans {
			bd.Span(s, model.Span{Name: "0123456789", Start: 1, TraceID: model.TraceID{1}, SpanID: model.SpanID{1}})
		} else {
			bd.Row(s, 1, "0123456789")
		}
	}
	return bd.Batch()
}

func TestABatchOverTheQuotaIsRefusedAsAWhole(t *testing.T) {
	for name, c := range map[string]struct {
		rates  quota.Rates
		signal model.Signal
		want   string
	}{
		"lines":   {quota.Rates{Lines: 1}, model.Logs, "lines_per_second"},
		"spans":   {quota.Rates{Spans: 1}, model.Spans, "spans_per_second"},
		"bytes":   {quota.Rates{Bytes: 10}, model.Logs, "bytes_per_second"},
		"streams": {quota.Rates{Streams: 1}, model.Logs, "max_streams"},
	} {
		s := &sink{}
		w := tenancy.Limit(s, keeper(c.rates))
		ctx := auth.With(t.Context(), auth.Own("a"))
		require.NoError(t, w.Append(ctx, batch(c.signal, 10, "x")), name)
		s.got = nil
		err := w.Append(ctx, batch(c.signal, 10, "y"))
		require.ErrorIs(t, err, fault.ErrOverloaded, name)
		require.ErrorContains(t, err, c.want)
		require.Nil(t, s.got)
		require.NoError(t, w.Append(auth.With(t.Context(), auth.Own("b")), batch(c.signal, 10, "y")), "others go on")
	}
}

func TestATransactionOverTheQuotaIsRolledBack(t *testing.T) {
	cfg := metric.DefaultConfig()
	cfg.Dir = t.TempDir()
	store, err := metric.Open(cfg, promslog.NewNopLogger(), prometheus.NewRegistry())
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, store.Close()) })
	limited := tenancy.LimitSamples(store, keeper(quota.Rates{Samples: 1}))
	now := time.Now().UnixMilli()
	write := func(tenant, name string, samples int) error {
		app := limited.AppenderV2(auth.With(t.Context(), auth.Own(tenant)))
		_, exemplars := app.(promstorage.ExemplarAppender)
		_, refs := app.(promstorage.GetRef)
		require.True(t, exemplars && refs, "receivers ask for these")
		for range samples {
			now++
			_, err := app.Append(0, labels.FromStrings("__name__", name), 0, now, 1, nil, nil, promstorage.AOptions{})
			require.NoError(t, err)
		}
		return app.Commit()
	}
	require.NoError(t, write("a", "first", 10))
	err = write("a", "second", 10)
	require.ErrorIs(t, err, fault.ErrOverloaded)
	require.ErrorContains(t, err, "samples_per_second")
	require.NoError(t, write("b", "third", 10))
	q, err := store.Querier(0, now)
	require.NoError(t, err)
	defer q.Close()
	set := q.Select(t.Context(), true, nil, labels.MustNewMatcher(labels.MatchRegexp, "__name__", ".+"))
	var names []string
	for set.Next() {
		names = append(names, set.At().Labels().Get("__name__"))
	}
	require.Equal(t, []string{"first", "third"}, names)
}

func TestRowsAreHeldToTheShapeOfTheirSender(t *testing.T) {
	big := func(edit func(bd *model.Builder)) *model.Batch {
		bd := model.NewBuilder(model.Logs, 1)
		st := bd.Stream(&model.Stream{Attrs: attrs("app", "shop", "pod", "shop-123")})
		bd.Row(st, 1, "0123456789")
		if edit != nil {
			edit(bd)
		}
		return bd.Batch()
	}
	attributes := func(bd *model.Builder) {
		bd.Attr("k", model.Int(1))
		bd.Attr("user", model.String("ada"))
	}
	for name, c := range map[string]struct {
		shape quota.Shape
		rows  *model.Batch
		want  string // "" is taken
	}{
		"labels":             {quota.Shape{Labels: 1}, big(nil), "labels of a stream: 2,"},
		"as many labels":     {quota.Shape{Labels: 2}, big(nil), ""},
		"name of a label":    {quota.Shape{LabelName: 2}, big(nil), `bytes of the name of label "app": 3,`},
		"value of a label":   {quota.Shape{LabelValue: 7}, big(nil), `bytes of label "pod": 8,`},
		"line":               {quota.Shape{Line: 9}, big(nil), "bytes of a log line: 10,"},
		"as long a line":     {quota.Shape{Line: 10}, big(nil), ""},
		"attributes":         {quota.Shape{Attrs: 1}, big(attributes), "attributes of a row: 2,"},
		"size of attributes": {quota.Shape{AttrBytes: 15}, big(attributes), "bytes of a row's attributes: 16,"},
		"such attributes":    {quota.Shape{Attrs: 2, AttrBytes: 16}, big(attributes), ""},
	} {
		s := &sink{}
		// As all batches, it has passed what stamps it with its tenant.
		w := tenancy.New(tenancy.Limit(s, keeper(quota.Rates{Shape: c.shape})), prometheus.NewRegistry())
		err := w.Append(auth.With(t.Context(), auth.Own("a")), c.rows)
		if c.want == "" {
			require.NoError(t, err, name)
			require.NotNil(t, s.got, name)
			continue
		}
		require.ErrorIs(t, err, fault.ErrInvalid, name)
		require.ErrorContains(t, err, c.want)
		require.Nil(t, s.got, name)
	}
}

func TestNewSeriesAreHeldToTheShapeOfTheirSender(t *testing.T) {
	for name, c := range map[string]struct {
		shape quota.Shape
		want  string
	}{
		"labels":           {quota.Shape{Labels: 2}, `metric "up": labels: 3,`},
		"name of a label":  {quota.Shape{LabelName: 7}, `metric "up": bytes of the name of label "__name__": 8,`},
		"value of a label": {quota.Shape{LabelValue: 3}, `metric "up": bytes of label "job": 4,`},
		"none":             {quota.Shape{Labels: 3, LabelName: 8, LabelValue: 4}, ""},
	} {
		cfg := metric.DefaultConfig()
		cfg.Dir = t.TempDir()
		store, err := metric.Open(cfg, slog.New(slog.DiscardHandler), prometheus.NewRegistry())
		require.NoError(t, err)
		app := tenancy.LimitSamples(store, keeper(quota.Rates{Shape: c.shape})).AppenderV2(auth.With(t.Context(), auth.Own("a")))
		ls := labels.FromStrings("__name__", "up", "job", "node", "x", "y", auth.TenantLabel, "a")
		_, err = app.Append(0, ls, 0, time.Now().UnixMilli(), 1, nil, nil, promstorage.AOptions{})
		if c.want == "" {
			require.NoError(t, err, name)
		} else {
			require.ErrorIs(t, err, storage.ErrLabelLimit, name)
			require.ErrorContains(t, err, c.want)
		}
		require.NoError(t, app.Rollback())
		require.NoError(t, store.Close())
	}
}
