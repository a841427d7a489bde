package evidence

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-chi/chi/v5"
	promodel "github.com/prometheus/common/model"
	"github.com/stretchr/testify/require"

	"github.com/oriel-obs/oriel/internal/fault"
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
	r.ServeHTTP(rec, httptest.NewRequest(http.MethodGet, "/oriel/api/v1/alerts/0/evidence", nil))
	require.Equal(t, http.StatusNotFound, rec.Code)
	c.stop(t)
}
