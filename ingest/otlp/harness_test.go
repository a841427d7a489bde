package otlp

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/prometheus/prometheus/util/teststorage"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.uber.org/goleak"

	"github.com/oriel-obs/oriel/ingest"
	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/storage"
	"github.com/oriel-obs/oriel/storage/storagetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// now is the Receiver's clock in tests.
var now = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

func at(d time.Duration) uint64 { return uint64(now.Add(d).UnixNano()) }

func timestamp(d time.Duration) pcommon.Timestamp { return pcommon.Timestamp(at(d)) }

// A rig is a Receiver over stores in memory.
type rig struct {
	*Receiver
	events  *storagetest.Memory
	samples *teststorage.Appendable
	account *ingest.Account
}

func newRig(t testing.TB, change ...func(*Options)) *rig {
	t.Helper()
	r := &rig{events: &storagetest.Memory{}, samples: teststorage.NewAppendable(), account: ingest.NewAccount(prometheus.NewRegistry())}
	o := Options{
		Events: r.events, Metrics: r.samples, Limits: ingest.DefaultLimits(), Account: r.account,
		Log: slog.New(slog.DiscardHandler), Config: DefaultConfig(), Registerer: prometheus.NewRegistry(),
	}
	o.Config.PromoteResourceAttributes = []string{} // most tests are about something else
	for _, c := range change {
		c(&o)
	}
	rc, err := New(o)
	require.NoError(t, err)
	rc.now = func() time.Time { return now }
	r.Receiver = rc
	return r
}

// warned is how often translation noted an oddity of category.
func (r *rig) warned(category string) float64 {
	return testutil.ToFloat64(r.metrics.warnings.WithLabelValues(category))
}

// do sends one request through the mounted routes. header holds pairs.
func (r *rig) do(method, path string, body []byte, header ...string) *httptest.ResponseRecorder {
	mux := chi.NewRouter()
	r.Mount(mux)
	req := httptest.NewRequest(method, path, bytes.NewReader(body))
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	mux.ServeHTTP(w, req)
	return w
}

func (r *rig) postJSON(path, body string) *httptest.ResponseRecorder {
	return r.do(http.MethodPost, path, []byte(body), "Content-Type", mediaJSON)
}

// reasons are the rows refused so far, by reason.
func (r *rig) reasons() map[string]int64 {
	m := map[string]int64{}
	for _, x := range r.account.Rejections() {
		m[x.Reason] += x.Rows
	}
	return m
}

// A row is a stored log record or span in a form that is easy to compare.
type row struct {
	Stream map[string]any
	Time   int64
	Body   string
	Attrs  map[string]any
}

func (r *rig) rows(t testing.TB, sig model.Signal) []row {
	t.Helper()
	var out []row
	for b, err := range r.events.Scan(context.Background(), storage.Scan{Signal: sig, Range: model.AllTime()}) {
		require.NoError(t, err)
		for i := range b.Len() {
			x := row{Stream: plainAttrs(b.Stream(i).Attrs), Time: b.Time[i], Body: b.Body[i], Attrs: map[string]any{}}
			for _, c := range b.Attrs {
				if v := c.At(i); !v.IsNone() {
					x.Attrs[c.Key] = plainValue(v)
				}
			}
			out = append(out, x)
		}
	}
	return out
}

func plainAttrs(attrs []model.Attr) map[string]any {
	m := map[string]any{}
	for _, a := range attrs {
		m[a.Key] = plainValue(a.Value)
	}
	return m
}

type (
	jsonText string
	rawBytes string
)

func plainValue(v model.Value) any {
	switch v.Kind() {
	case model.KindInt:
		return v.Int64()
	case model.KindFloat:
		return v.Float64()
	case model.KindBool:
		return v.IsTrue()
	case model.KindBytes:
		return rawBytes(v.Str())
	case model.KindArray, model.KindMap:
		return jsonText(v.Str())
	}
	return v.Str()
}

// failingEvents is an EventWriter that always fails.
type failingEvents struct{ err error }

func (f failingEvents) Append(context.Context, *model.Batch) error { return f.err }
