package jaegerapi_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/go-chi/chi/v5"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/oriel-obs/oriel/internal/fault"
	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/query"
	"github.com/oriel-obs/oriel/query/jaegerapi"
	"github.com/oriel-obs/oriel/query/traceql"
	"github.com/oriel-obs/oriel/storage/storagetest"
)

// shelf is an archive of the traces of src.
type shelf struct {
	src  *traceql.Engine
	kept map[model.TraceID]*traceql.Trace
	full bool
}

func (s *shelf) Keep(ctx context.Context, id model.TraceID) error {
	if s.full {
		return fault.ErrTooLarge
	}
	t, err := s.src.Trace(ctx, id, model.AllTime())
	if err == nil {
		s.kept[id] = t
	}
	return err
}

func (s *shelf) Trace(_ context.Context, id model.TraceID, _ model.Range) (*traceql.Trace, error) {
	if t := s.kept[id]; t != nil {
		return t, nil
	}
	return nil, fault.ErrNotFound
}

func (s *shelf) Delete(_ context.Context, id model.TraceID) error {
	if s.kept[id] == nil {
		return fault.ErrNotFound
	}
	delete(s.kept, id)
	return nil
}

// archives returns two servers with one archive: of a store with a trace, and
// of one that has lost it.
func archives(t *testing.T) (with, without http.Handler, of *shelf) {
	t.Helper()
	bd := model.NewBuilder(model.Spans, 1)
	st := bd.Stream(&model.Stream{Attrs: []model.Attr{{Key: "service.name", Value: model.String("shop")}}})
	s := span(t, traceA, "1", "", "buy")
	s.Start, s.Duration = t0*second, second
	bd.Span(st, s)
	store := &storagetest.Memory{}
	require.NoError(t, store.Append(t.Context(), bd.Batch()))
	of = &shelf{src: traceql.NewEngine(store, query.DefaultLimits()), kept: map[model.TraceID]*traceql.Trace{}}
	mount := func(e *traceql.Engine) http.Handler {
		r := chi.NewRouter()
		jaegerapi.New(e, nil, nil).WithArchive(of).Mount(r)
		return r
	}
	return mount(of.src), mount(traceql.NewEngine(&storagetest.Memory{}, query.DefaultLimits())), of
}

func archive(h http.Handler, method, id string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(method, "/jaeger/api/archive/"+id, nil))
	return w
}

func TestArchivedTracesAreFoundWhereTracesAre(t *testing.T) {
	with, without, _ := archives(t)
	require.Equal(t, http.StatusNotFound, ask(without, "/traces/"+traceA).Code)
	require.JSONEq(t, `[]`, data(t, archive(with, http.MethodPost, traceA)))
	want := ask(with, "/traces/"+traceA).Body.String()
	require.Contains(t, want, `"operationName":"buy"`)
	require.Equal(t, want, ask(without, "/traces/"+traceA).Body.String())
	require.Contains(t, data(t, ask(without, "/traces", "traceID", traceA)), `"operationName":"buy"`)
	require.Contains(t, ask(without, "/v3/traces/"+traceA).Body.String(), `"name":"buy"`)
	require.JSONEq(t, `[]`, data(t, archive(without, http.MethodPost, traceA)), "archived already")

	require.JSONEq(t, `[]`, data(t, archive(with, http.MethodDelete, traceA)))
	require.Equal(t, http.StatusNotFound, ask(without, "/traces/"+traceA).Code)
	require.Equal(t, http.StatusNotFound, archive(with, http.MethodDelete, traceA).Code)
}

func TestTheArchiveRefuses(t *testing.T) {
	with, without, of := archives(t)
	w := archive(without, http.MethodPost, traceA)
	require.Equal(t, http.StatusNotFound, w.Code)
	require.Contains(t, w.Body.String(), "trace not found")
	require.Equal(t, http.StatusBadRequest, archive(with, http.MethodPost, "xyz").Code)
	of.full = true
	require.Equal(t, http.StatusRequestEntityTooLarge, archive(with, http.MethodPost, traceA).Code)
}

func TestArchiveTraceOverGRPC(t *testing.T) {
	_, _, of := archives(t)
	conn := grpcClient(t, of)
	out, err := invoke(t, conn, v2+"ArchiveTrace", request(part{1, idOf(t, traceA)}))
	require.NoError(t, err)
	require.Empty(t, out)
	require.Len(t, of.kept, 1)
	_, err = invoke(t, conn, v2+"ArchiveTrace", request(part{1, idOf(t, "00000000000000000000000000000009")}))
	require.Equal(t, codes.NotFound, status.Code(err))
	_, err = invoke(t, conn, v2+"ArchiveTrace", request(part{1, "short"}))
	require.Equal(t, codes.InvalidArgument, status.Code(err))
}
