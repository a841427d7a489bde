package promwrite_test

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/prompb"
	promstorage "github.com/prometheus/prometheus/storage"
	"github.com/stretchr/testify/require"

	"github.com/oriel-obs/oriel/ingest"
	"github.com/oriel-obs/oriel/ingest/promwrite"
	"github.com/oriel-obs/oriel/storage"
)

func newRecorder(r *receiver, req *http.Request) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	r.router.ServeHTTP(w, req)
	return w
}

// A failing storage fails its nth append, or its commits if n is 0.
type failing struct {
	n          int
	err        error
	rolledBack int
}

func (f *failing) AppenderV2(context.Context) promstorage.AppenderV2 { return &failingAppender{f: f} }

type failingAppender struct {
	f *failing
	n int
}

func (a *failingAppender) Append(_ promstorage.SeriesRef, _ labels.Labels, _, _ int64, _ float64, _ *histogram.Histogram, _ *histogram.FloatHistogram, _ promstorage.AOptions) (promstorage.SeriesRef, error) {
	if a.n++; a.n == a.f.n {
		return 0, a.f.err
	}
	return promstorage.SeriesRef(a.n), nil
}

func (a *failingAppender) Commit() error {
	if a.f.n == 0 {
		return a.f.err
	}
	return nil
}

func (a *failingAppender) Rollback() error {
	a.f.rolledBack++
	return nil
}

func TestStorageErrors(t *testing.T) {
	broken := errors.New("the disk is on fire")
	tests := []struct {
		name       string
		err        error
		status     int
		retryAfter string
		reason     string
	}{
		{name: "storage_error_500_zero_headers", err: broken, status: 500, reason: ingest.ReasonStorage},
		{name: "read_only_503_retry_after", err: storage.ErrReadOnly, status: 503, retryAfter: "1", reason: ingest.ReasonStorage},
		{name: "backpressure_429_retry_after", err: storage.ErrBusy, status: 429, retryAfter: "1", reason: ingest.ReasonOverload},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for n, when := range []string{"at commit", "at the first sample", "at the second"} {
				f := &failing{n: n, err: tt.err}
				r := newReceiver(t, func(o *promwrite.Options) { o.Store = f })
				w := r.v2(&newRequest2().sample(r.now, 1, "__name__", "a").sample(r.now, 1, "__name__", "b").Request)
				require.Equal(t, tt.status, w.Code, when)
				require.Equal(t, tt.retryAfter, w.Header().Get("Retry-After"), when)
				require.Equal(t, "0", w.Header().Get(writtenSamples), when)
				require.Equal(t, "0", w.Header().Get(writtenHistograms), when)
				require.Equal(t, "0", w.Header().Get(writtenExemplars), when)
				require.Contains(t, w.Body.String(), tt.err.Error())
				require.Equal(t, 2, r.rejected(tt.reason), when)
				require.Empty(t, r.account.Accepted())
				if n > 0 {
					require.Equal(t, 1, f.rolledBack, when)
				}

				w = r.v1(series1(r.now, 1, "__name__", "a"), series1(r.now, 1, "__name__", "b"))
				require.Equal(t, tt.status, w.Code, when)
				require.Empty(t, w.Header().Get(writtenSamples), when)
			}
		})
	}
}

func TestAClientThatLeftIsRolledBack(t *testing.T) {
	f := &failing{n: 99}
	r := newReceiver(t, func(o *promwrite.Options) { o.Store = f })
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	body := encode(t, &prompb.WriteRequest{Timeseries: []prompb.TimeSeries{series1(r.now, 1, "__name__", "a")}})
	req := httptest.NewRequestWithContext(ctx, http.MethodPost, "/api/v1/write", bytes.NewReader(body))
	require.Equal(t, 499, newRecorder(r, req).Code)
	require.Empty(t, r.account.Accepted())
}
