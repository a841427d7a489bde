package uiapi_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/stretchr/testify/require"

	"github.com/oriel-obs/oriel/internal/fault"
	"github.com/oriel-obs/oriel/query/uiapi"
	"github.com/oriel-obs/oriel/storage"
)

// A tellTale answers with what it was asked.
type tellTale struct{ asked []string }

func (c *tellTale) ask(format string, args ...any) {
	c.asked = append(c.asked, fmt.Sprintf(format, args...))
}

func (c *tellTale) Metrics(_ context.Context, r storage.CardinalityRequest) (*storage.MetricList, error) {
	c.ask("metrics %v %d %s", r.Select, r.Limit, r.Sort)
	return &storage.MetricList{Metrics: 7, List: []storage.MetricCardinality{{Metric: "a", Series: 3}}}, nil
}

func (c *tellTale) Labels(_ context.Context, r storage.CardinalityRequest) (*storage.LabelList, error) {
	c.ask("labels %v %d", r.Select, r.Limit)
	return &storage.LabelList{Labels: 5}, nil
}

func (c *tellTale) Unused(_ context.Context, since time.Time, limit int) (*storage.UnusedList, error) {
	if since.IsZero() {
		c.ask("unused ever %d", limit)
	} else {
		c.ask("unused %v %d", time.Since(since).Round(time.Hour), limit)
	}
	return nil, fmt.Errorf("no: %w", fault.ErrUnavailable)
}

func (c *tellTale) Limits() storage.SeriesLimits { return storage.SeriesLimits{MaxSeries: 9} }

func askCardinality(c uiapi.Cardinality, path string) *httptest.ResponseRecorder {
	r := chi.NewRouter()
	uiapi.New(uiapi.Options{Cardinality: c}).Mount(r)
	w := httptest.NewRecorder()
	r.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/oriel/api/v1/cardinality"+path, nil))
	return w
}

func TestCardinalityParameters(t *testing.T) {
	for _, tt := range []struct {
		path  string
		code  int
		asked []string
		body  string
	}{
		{"", 200, []string{"labels [] 10", "metrics [] 10 series", "metrics [] 10 bytes", "metrics [] 10 created_hour", "metrics [] 10 created_day", "metrics [] 10 growth"}, `"max_series":9`},
		{"/metrics", 200, []string{"metrics [] 10 series"}, `"metric":"a","series":3`},
		{"/metrics?sort=growth&limit=3&match[]=a&match[]={b=~%22c%22}", 200, []string{`metrics [[__name__="a"] [b=~"c"]] 3 growth`}, ""},
		{"/metrics?sort=size", 400, nil, `sort: \"size\" is none of [series bytes`},
		{"/metrics?limit=0", 400, nil, `limit: \"0\" is not a number between 1 and 10000`},
		{"/metrics?limit=x", 400, nil, `limit: \"x\"`},
		{"/metrics?match[]={", 400, nil, `match[]: \"{\"`},
		{"/metrics?match[]=%zz", 400, nil, "read parameters"},
		{"/labels?metric=a.b", 200, []string{`labels [[__name__="a.b"]] 10`}, `"labels":5`},
		{"/unused", 503, []string{"unused 720h0m0s 10"}, "no: "},
		{"/unused?days=1.5&limit=7", 503, []string{"unused 36h0m0s 7"}, ""},
		{"/unused?never=true", 503, []string{"unused ever 10"}, ""},
		{"/unused?never=false", 503, []string{"unused 720h0m0s 10"}, ""},
		{"/unused?never=perhaps", 400, nil, `never: \"perhaps\"`},
		{"/unused?days=-1", 400, nil, `days: \"-1\"`},
		{"/unused?days=NaN", 400, nil, `days: \"NaN\"`},
		{"/nothing", 404, nil, "no such endpoint"},
	} {
		t.Run(tt.path, func(t *testing.T) {
			c := &tellTale{}
			w := askCardinality(c, tt.path)
			require.Equal(t, tt.code, w.Code, w.Body)
			require.Equal(t, tt.asked, c.asked)
			require.Contains(t, w.Body.String(), tt.body)
		})
	}
	require.Equal(t, 404, askCardinality(nil, "/labels").Code)
}
