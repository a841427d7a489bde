package evidence

import (
	"context"
	"errors"
	"iter"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-chi/chi/v5"
	promodel "github.com/prometheus/common/model"
	"github.com/stretchr/testify/require"

	"github.com/oriel-obs/oriel/internal/fault"
	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/query"
	"github.com/oriel-obs/oriel/storage"
)

func TestALookKeepsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		w.conf.Picture = true
		c := w.collector(t)
		e := c.Look(t.Context(), time.Now(), payment())
		require.Equal(t, "40 %", e.Alerts[0].ValueText)
		require.Nil(t, e.Alerts[0].EndsAt)
		require.Nil(t, e.Picture)
		require.Empty(t, e.URL)
		require.Empty(t, c.recent)
		c.stop(t)
	})
}

func TestALookAtWhatIsOverIsAtItsEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		c := w.collector(t)
		over := payment()
		end := time.Now().Add(time.Hour)
		over.EndsAt = end
		time.Sleep(24 * time.Hour)
		e := c.Look(t.Context(), time.Now(), over)
		require.Equal(t, end.UTC(), *e.Alerts[0].EndsAt)
		require.Equal(t, 0.4, *e.Alerts[0].Value)
		require.Equal(t, end, over.EndsAt, "the alert is as it was")
		c.stop(t)
	})
}

// brokenEvents cannot be read.
type brokenEvents struct{ query.EventSource }

var errBroken = errors.New("the disk is broken")

func (brokenEvents) Scan(context.Context, storage.Scan) iter.Seq2[*model.Batch, error] {
	return func(yield func(*model.Batch, error) bool) { yield(nil, errBroken) }
}

func (brokenEvents) Aggregate(context.Context, storage.Aggregate) ([]storage.Group, error) {
	return nil, errBroken
}

func (brokenEvents) Streams(context.Context, storage.StreamsRequest) ([]*model.Stream, error) {
	return nil, errBroken
}

func (brokenEvents) Keys(context.Context, storage.KeysRequest) ([]storage.Key, error) {
	return nil, errBroken
}

func (brokenEvents) Values(context.Context, storage.ValuesRequest) ([]storage.ValueCount, error) {
	return nil, errBroken
}

func TestOnePartAloneIsAskedAgain(t *testing.T) {
	w := newWorld()
	w.events = brokenEvents{}
	w.ask = func(context.Context, string) error { return errBroken }
	c := w.collector(t)
	failed := func(parts ...string) (names []string) {
		for _, e := range c.Look(t.Context(), time.Now(), payment(), parts...).Errors {
			names = append(names, e.Part)
		}
		return names
	}
	require.ElementsMatch(t, looked, failed(), "nothing can be read, and nothing is named: all is tried")
	for _, part := range looked {
		require.Equal(t, []string{part}, failed(part))
	}
	c.stop(t)
}

func TestThePageOfAnAlertGetsItsEvidence(t *testing.T) {
	w := newWorld()
	c := w.collector(t)
	r := chi.NewRouter()
	c.MountQueries(r, func(_ context.Context, fingerprint string) (*promodel.Alert, error) {
		if fingerprint != payment().Fingerprint().String() {
			return nil, fault.ErrNotFound
		}
		return payment(), nil
	})
	rec := httptest.NewRecorder()
	r.ServeHTTP(rec, httptest.NewRequest(http.MethodGet, "/oriel/api/v1/alerts/"+payment().Fingerprint().String()+"/evidence", nil))
	require.Equal(t, http.StatusOK, rec.Code)
	require.Contains(t, rec.Body.String(), `"valueText":"40 %"`)
	rec = httptest.NewRecorder()
	r.ServeHTTP(rec, httptest.NewRequest(http.MethodGet, "/oriel/api/v1/alerts/"+payment().Fingerprint().String()+"/evidence?part=logs&part=deploys", nil))
	require.Equal(t, http.StatusOK, rec.Code)
	require.NotContains(t, rec.Body.String(), `"valueText"`)
	rec = httptest.NewRecorder()
	r.ServeHTTP(rec, httptest.NewRequest(http.MethodGet, "/oriel/api/v1/alerts/"+payment().Fingerprint().String()+"/evidence?part=spans", nil))
	require.Equal(t, http.StatusBadRequest, rec.Code)
	require.Contains(t, rec.Body.String(), `no part of the evidence is called \"spans\"; there are rule, logs, traces, deploys`)
	rec = httptest.NewRecorder()
	r.ServeHTTP(rec, httptest.NewRequest(http.MethodGet, "/oriel/api/v1/alerts/0/evidence", nil))
	require.Equal(t, http.StatusNotFound, rec.Code)
	c.stop(t)
}
