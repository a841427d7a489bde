package tracearchive_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/oriel-obs/oriel/ingest/otlp"
	"github.com/oriel-obs/oriel/internal/auth"
	"github.com/oriel-obs/oriel/internal/fault"
	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/query"
	"github.com/oriel-obs/oriel/query/tracearchive"
	"github.com/oriel-obs/oriel/query/traceql"
	"github.com/oriel-obs/oriel/storage"
	"github.com/oriel-obs/oriel/storage/state"
	"github.com/oriel-obs/oriel/storage/storagetest"
)

const t0 = int64(1_700_000_000_000_000_000)

var id = model.TraceID{1, 15: 2}

// spansOf is a trace of n spans, the first of shop, the others of bank.
func spansOf(id model.TraceID, n int) *model.Batch {
	bd := model.NewBuilder(model.Spans, n)
	for i := range n {
		service := "bank"
		if i == 0 {
			service = "shop"
		}
		st := bd.Stream(&model.Stream{
			Attrs:     []model.Attr{{Key: "service.name", Value: model.String(service)}, {Key: "zone", Value: model.Int(3)}},
			ScopeName: "lib", ScopeVersion: "2", SchemaURL: "https://schema",
		})
		s := model.Span{
			TraceID: id, SpanID: model.SpanID{7: byte(i + 1)}, Name: fmt.Sprint("span ", i), Kind: model.SpanServer,
			Start: t0 + int64(n-i), Duration: 100, Status: model.StatusError, StatusMessage: "no", TraceState: "k=v", Flags: 1,
			Events:       []model.Event{{Time: t0 + 5, Name: "e", Attrs: []model.Attr{{Key: "x", Value: model.Int(1)}}}},
			Links:        []model.Link{{TraceID: model.TraceID{9}, SpanID: model.SpanID{9}, Attrs: []model.Attr{{Key: "y", Value: model.Bool(true)}}}},
			DroppedAttrs: 4, DroppedEvents: 5, DroppedLinks: 6,
		}
		if i > 0 {
			s.ParentID = model.SpanID{7: 1}
		}
		bd.Span(st, s)
		bd.Attr("s", model.String("text"))
		bd.Attr("f", model.Float(0.25))
		bd.Attr("b", model.Bytes("\x00\xff"))
		if i%2 == 1 {
			bd.Attr("list", model.Array(`["a",1]`))
		}
	}
	return bd.Batch()
}

// of returns an archive of what the stores hold, seen as view says.
func of(t *testing.T, maxBytes int64, db *state.DB, view func(query.EventSource) query.EventSource, spans ...*model.Batch) *tracearchive.Archive {
	t.Helper()
	store := &storagetest.Memory{}
	for _, b := range spans {
		require.NoError(t, store.Append(t.Context(), b))
	}
	return tracearchive.New(tracearchive.Options{
		State: db, Traces: traceql.NewEngine(store, query.DefaultLimits()), View: view, Decode: otlp.DecodeSpansProto,
		Config: tracearchive.Config{MaxBytes: maxBytes},
	})
}

func everything(src query.EventSource) query.EventSource { return src }

// only sees the spans of a service.
type only struct {
	query.EventSource
	service string
}

func (o only) Scan(ctx context.Context, s storage.Scan) iter.Seq2[*model.Batch, error] {
	of := storage.Compare{Field: storage.Field{Place: storage.Stream, Key: "service.name"}, Op: storage.Eq, Value: model.String(o.service)}
	s.Where = storage.And{of, s.Where}
	return o.EventSource.Scan(ctx, s)
}

func open(t *testing.T) *state.DB {
	t.Helper()
	db, err := state.Open(t.Context(), t.TempDir())
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	return db
}

func TestACopyIsTheTraceAfterItsSpansAreGone(t *testing.T) {
	db := open(t)
	spans := spansOf(id, 5)
	want := traceql.Assemble(spans)[0]
	require.NoError(t, of(t, 1<<20, db, everything, spans).Keep(t.Context(), id))

	a := of(t, 1<<20, db, everything) // whose store has no spans
	got, err := a.Trace(t.Context(), id, model.AllTime())
	require.NoError(t, err)
	require.Len(t, got.Spans, 5)
	for i, s := range got.Spans {
		require.Equal(t, want.Spans[i].Span, s.Span)
		require.Equal(t, want.Spans[i].Attrs, s.Attrs)
		require.Equal(t, want.Spans[i].Stream, s.Stream)
	}
	require.NoError(t, a.Keep(t.Context(), id), "which is kept already")

	_, err = a.Trace(t.Context(), id, model.Range{Start: 0, End: 1})
	require.ErrorIs(t, err, fault.ErrNotFound)
	_, err = a.Trace(t.Context(), model.TraceID{7}, model.AllTime())
	require.ErrorIs(t, err, fault.ErrNotFound)
	require.ErrorIs(t, a.Keep(t.Context(), model.TraceID{7}), fault.ErrNotFound)

	require.NoError(t, a.Delete(t.Context(), id))
	require.ErrorIs(t, a.Delete(t.Context(), id), fault.ErrNotFound)
	_, err = a.Trace(t.Context(), id, model.AllTime())
	require.ErrorIs(t, err, fault.ErrNotFound)
}

func TestACopyGrowsButDoesNotShrink(t *testing.T) {
	db := open(t)
	for _, tt := range []struct{ sent, kept int }{{3, 3}, {5, 5}, {2, 5}} {
		a := of(t, 1<<20, db, everything, spansOf(id, tt.sent))
		require.NoError(t, a.Keep(t.Context(), id))
		got, err := a.Trace(t.Context(), id, model.AllTime())
		require.NoError(t, err)
		require.Len(t, got.Spans, tt.kept)
	}
}

func TestACopyShowsWhatOneSees(t *testing.T) {
	db := open(t)
	see := func(service string) *tracearchive.Archive {
		return of(t, 1<<20, db, func(src query.EventSource) query.EventSource { return only{src, service} }, spansOf(id, 4))
	}
	require.NoError(t, see("shop").Keep(t.Context(), id))
	for service, spans := range map[string]int{"shop": 1, "bank": 3} {
		got, err := see(service).Trace(t.Context(), id, model.AllTime())
		require.NoError(t, err)
		require.Len(t, got.Spans, spans, service)
	}
	_, err := see("other").Trace(t.Context(), id, model.AllTime())
	require.ErrorIs(t, err, fault.ErrNotFound)
}

// serviceIs selects the spans of a service.
func serviceIs(service string) storage.Predicate {
	return storage.Compare{Field: storage.Field{Place: storage.Stream, Key: "service.name"}, Op: storage.Eq, Value: model.String(service)}
}

func TestWhatIsForgottenIsInNoCopy(t *testing.T) {
	db := open(t)
	alone := model.TraceID{3}
	a := of(t, 1<<20, db, everything, spansOf(id, 4), spansOf(alone, 1)) // shop has one of four spans, and the other trace
	want := traceql.Assemble(spansOf(id, 4))[0].Spans[0]
	require.NoError(t, a.Keep(t.Context(), id))
	require.NoError(t, a.Keep(t.Context(), alone))

	for _, dry := range []bool{true, false} {
		n, err := a.Forget(t.Context(), serviceIs("shop"), dry)
		require.NoError(t, err)
		require.EqualValues(t, 2, n)
		got, err := a.Trace(t.Context(), id, model.AllTime())
		require.NoError(t, err)
		require.Len(t, got.Spans, map[bool]int{true: 4, false: 3}[dry])
		_, err = a.Trace(t.Context(), alone, model.AllTime())
		require.Equal(t, !dry, errors.Is(err, fault.ErrNotFound))
		require.Equal(t, want.Attrs, got.Spans[0].Attrs)
	}
	n, err := a.Forget(t.Context(), serviceIs("shop"), false)
	require.NoError(t, err)
	require.Zero(t, n)

	// The store has them yet: a copy may grow again.
	require.NoError(t, a.Keep(t.Context(), id))
	got, err := a.Trace(t.Context(), id, model.AllTime())
	require.NoError(t, err)
	require.Len(t, got.Spans, 4)
}

func TestWhoseSpansAreKeptIsKnown(t *testing.T) {
	db := open(t)
	ofTenants := func(id model.TraceID, tenants ...string) *model.Batch {
		bd := model.NewBuilder(model.Spans, len(tenants))
		for i, tenant := range tenants {
			attrs := []model.Attr{{Key: "service.name", Value: model.String("s")}}
			if tenant != "" {
				attrs = append([]model.Attr{{Key: auth.TenantLabel, Value: model.String(tenant)}}, attrs...)
			}
			bd.Span(bd.Stream(&model.Stream{Attrs: attrs}), model.Span{TraceID: id, SpanID: model.SpanID{7: byte(i + 1)}, Name: "s", Start: t0, Duration: 1})
		}
		return bd.Batch()
	}
	other := model.TraceID{2, 15: 2}
	a := of(t, 1<<20, db, everything, ofTenants(id, "bank", "", "bank"), ofTenants(other, "shop", "bank"))
	names := func() []string {
		t.Helper()
		names, err := a.Tenants(t.Context())
		require.NoError(t, err)
		return names
	}
	require.Empty(t, names())
	require.NoError(t, a.Keep(t.Context(), id))
	require.Equal(t, []string{"", "bank"}, names())
	require.NoError(t, a.Keep(t.Context(), other))
	require.Equal(t, []string{"", "bank", "shop"}, names())

	// Copies that an older version has made do not say.
	require.NoError(t, db.SetArchivedTenants(t.Context(), state.ArchivedTrace{ID: other}))
	_, unknown, err := db.TenantsOfArchive(t.Context())
	require.NoError(t, err)
	require.Len(t, unknown, 1)
	require.Equal(t, []string{"", "bank", "shop"}, names())
	_, unknown, err = db.TenantsOfArchive(t.Context())
	require.NoError(t, err)
	require.Empty(t, unknown, "it is known from then on")

	isShop := storage.Compare{Field: storage.Field{Place: storage.Stream, Key: auth.TenantLabel}, Op: storage.Eq, Value: model.String("shop")}
	n, err := a.Forget(t.Context(), isShop, false)
	require.NoError(t, err)
	require.EqualValues(t, 1, n)
	require.Equal(t, []string{"", "bank"}, names())
	require.NoError(t, a.Delete(t.Context(), other))
	require.NoError(t, a.Delete(t.Context(), id))
	require.Empty(t, names())
}

func TestAFullArchiveSaysSo(t *testing.T) {
	db := open(t)
	other := model.TraceID{2, 15: 2}
	a := of(t, 1000, db, everything, spansOf(id, 4), spansOf(other, 40))
	require.NoError(t, a.Keep(t.Context(), id))
	err := a.Keep(t.Context(), other)
	require.ErrorIs(t, err, fault.ErrTooLarge)
	require.ErrorContains(t, err, "of at most 1000, and this trace takes ")
	require.True(t, strings.HasSuffix(err.Error(), "; delete some, or raise trace_archive.max_bytes"), err)
	_, err = a.Trace(t.Context(), other, model.AllTime())
	require.ErrorIs(t, err, fault.ErrNotFound)
	require.NoError(t, a.Keep(t.Context(), id), "in place of itself")
	require.NoError(t, a.Delete(t.Context(), id))
}

func TestConfigNamesWhatIsWrong(t *testing.T) {
	require.NoError(t, tracearchive.DefaultConfig().Validate())
	require.EqualError(t, tracearchive.Config{MaxBytes: -1}.Validate(), "max_bytes: -1 is negative")
}
