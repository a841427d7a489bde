package remoteread

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/common/model"
	"github.com/prometheus/common/promslog"
	"github.com/prometheus/prometheus/config"
	"github.com/prometheus/prometheus/model/labels"
	promstorage "github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/storage/remote"
	"github.com/prometheus/prometheus/tsdb/chunkenc"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/oriel-obs/oriel/storage/metric"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var now = time.Now().Truncate(time.Second).UnixMilli()

// stored is a store with a sample of each second from now-from to now-to.
func stored(t *testing.T, from, to int64, ls labels.Labels) *metric.Store {
	t.Helper()
	cfg := metric.DefaultConfig()
	cfg.Dir = t.TempDir()
	s, err := metric.Open(cfg, promslog.NewNopLogger(), prometheus.NewRegistry())
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	app := s.AppenderV2(t.Context())
	for ago := from; ago >= to; ago-- {
		_, err := app.Append(0, ls, 0, now-ago*1000, float64(ago), nil, nil, promstorage.AOptions{})
		require.NoError(t, err)
	}
	require.NoError(t, app.Commit())
	return s
}

// serve has Prometheus' own handler answer for s, and returns its URL.
func serve(t *testing.T, s *metric.Store) string {
	t.Helper()
	h := remote.NewReadHandler(promslog.NewNopLogger(), nil, s, func() config.Config { return config.DefaultConfig }, 1e6, 10, 1<<20)
	server := httptest.NewServer(h)
	t.Cleanup(func() {
		http.DefaultTransport.(*http.Transport).CloseIdleConnections()
		server.CloseClientConnections()
		server.Close()
	})
	return server.URL
}

func parsed(t *testing.T, text string) *config.Config {
	t.Helper()
	c, err := config.Load(text, promslog.NewNopLogger())
	require.NoError(t, err)
	return c
}

func up(kv ...string) labels.Labels {
	return labels.FromStrings(append([]string{model.MetricNameLabel, "up"}, kv...)...)
}

// read returns how long ago the samples of up are, in seconds, by series.
func read(t *testing.T, r *Reader, ms ...*labels.Matcher) (found map[string][]int, warnings []string) {
	t.Helper()
	q, err := r.Querier(now-3600_000, now)
	require.NoError(t, err)
	defer func() { require.NoError(t, q.Close()) }()
	ms = append(ms, labels.MustNewMatcher(labels.MatchEqual, model.MetricNameLabel, "up"))
	set := q.Select(t.Context(), true, nil, ms...)
	found = map[string][]int{}
	for set.Next() {
		for it := set.At().Iterator(nil); it.Next() != chunkenc.ValNone; {
			found[set.At().Labels().String()] = append(found[set.At().Labels().String()], int(now-it.AtT())/1000)
		}
	}
	require.NoError(t, set.Err())
	for _, w := range set.Warnings() {
		warnings = append(warnings, w.Error())
	}
	return found, warnings
}

func TestOtherServersFillWhatTheStoreHasNot(t *testing.T) {
	mine := stored(t, 3, 1, up("job", "a"))
	other := serve(t, stored(t, 5, 0, up("job", "a")))
	for name, tt := range map[string]struct {
		conf string
		want []int
	}{
		"before its time":                      {`{url: %s}`, []int{5, 4, 3, 2, 1}},
		"whenever":                             {`{url: %s, read_recent: true}`, []int{5, 4, 3, 2, 1, 0}},
		"nothing, since matchers are required": {`{url: %s, read_recent: true, required_matchers: {job: b}}`, []int{3, 2, 1}},
	} {
		t.Run(name, func(t *testing.T) {
			r, err := New(mine, parsed(t, "remote_read: ["+fmt.Sprintf(tt.conf, other)+"]"))
			require.NoError(t, err)
			found, warnings := read(t, r, labels.MustNewMatcher(labels.MatchEqual, "job", "a"))
			require.Empty(t, warnings)
			require.Equal(t, map[string][]int{up("job", "a").String(): tt.want}, found)

			q, err := r.ChunkQuerier(now-3600_000, now)
			require.NoError(t, err)
			set := q.Select(t.Context(), true, nil, labels.MustNewMatcher(labels.MatchEqual, "job", "a"))
			var ago []int
			for set.Next() {
				for it := set.At().Iterator(nil); it.Next(); {
					for samples := it.At().Chunk.Iterator(nil); samples.Next() != chunkenc.ValNone; {
						ago = append(ago, int(now-samples.AtT())/1000)
					}
				}
			}
			require.NoError(t, set.Err())
			require.NoError(t, q.Close())
			require.Equal(t, tt.want, ago)
		})
	}
}

// The engine's info function selects while it evaluates.
func TestItSelectsAgainAfterASetWasRead(t *testing.T) {
	mine := stored(t, 1, 1, up("job", "a"))
	other := serve(t, stored(t, 5, 5, up("job", "b")))
	r, err := New(mine, parsed(t, "remote_read: [{url: "+other+"}]"))
	require.NoError(t, err)
	q, err := r.Querier(now-3600_000, now)
	require.NoError(t, err)
	defer func() { require.NoError(t, q.Close()) }()
	for range 3 {
		set := q.Select(t.Context(), true, nil, labels.MustNewMatcher(labels.MatchEqual, model.MetricNameLabel, "up"))
		n := 0
		for set.Next() {
			n++
		}
		require.NoError(t, set.Err())
		require.Equal(t, 2, n)
	}
}

// A ratio of which one half is of two servers and the other of one would be wrong.
func TestAServerThatFailsIsInNoneOfTheSetsOfAQuery(t *testing.T) {
	mine := stored(t, 1, 1, up("job", "a"))
	var asked atomic.Int32
	handler := remote.NewReadHandler(promslog.NewNopLogger(), nil, stored(t, 5, 5, up("job", "b")), func() config.Config { return config.DefaultConfig }, 1e6, 10, 1<<20)
	flaky := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if asked.Add(1)%2 == 0 {
			http.Error(w, "on fire", http.StatusInternalServerError)
			return
		}
		handler.ServeHTTP(w, r)
	}))
	defer flaky.Close()
	r, err := New(mine, parsed(t, "remote_read: [{url: "+flaky.URL+"}]"))
	require.NoError(t, err)
	q, err := r.Querier(now-3600_000, now)
	require.NoError(t, err)
	defer func() { require.NoError(t, q.Close()) }()
	sets := []promstorage.SeriesSet{}
	for range 2 {
		sets = append(sets, q.Select(t.Context(), true, nil, labels.MustNewMatcher(labels.MatchEqual, model.MetricNameLabel, "up")))
	}
	warnings := 0
	for _, set := range sets {
		n := 0
		for set.Next() {
			n++
		}
		require.NoError(t, set.Err())
		require.Equal(t, 1, n)
		warnings += len(set.Warnings())
	}
	require.Equal(t, 1, warnings)
}

func TestExternalLabelsSelectAndAreTakenOff(t *testing.T) {
	mine := stored(t, 1, 1, up("job", "a"))
	other := serve(t, stored(t, 5, 5, up("job", "a", "site", "here")))
	for filter, want := range map[bool]map[string][]int{
		true:  {up("job", "a").String(): {5, 1}},
		false: {up("job", "a").String(): {1}, up("job", "a", "site", "here").String(): {5}},
	} {
		r, err := New(mine, parsed(t, fmt.Sprintf("global: {external_labels: {site: here}}\nremote_read: [{url: %s, filter_external_labels: %t}]", other, filter)))
		require.NoError(t, err)
		found, _ := read(t, r)
		require.Equal(t, want, found)
	}
}

func TestAServerThatDoesNotAnswerIsAWarning(t *testing.T) {
	mine := stored(t, 3, 3, up())
	broken := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "on fire", 500) }))
	defer broken.Close()
	r, err := New(mine, parsed(t, fmt.Sprintf("remote_read: [{url: %s, read_recent: true}]", broken.URL)))
	require.NoError(t, err)
	found, warnings := read(t, r)
	require.Equal(t, map[string][]int{up().String(): {3}}, found)
	require.Len(t, warnings, 1)
	require.Contains(t, warnings[0], "on fire")

	q, err := r.Querier(0, now)
	require.NoError(t, err)
	defer func() { require.NoError(t, q.Close()) }()
	names, notes, err := q.LabelNames(t.Context(), nil)
	require.NoError(t, err)
	require.Empty(t, notes)
	require.Equal(t, []string{model.MetricNameLabel}, names)
	values, notes, err := q.LabelValues(t.Context(), model.MetricNameLabel, nil)
	require.NoError(t, err)
	require.Empty(t, notes)
	require.Equal(t, []string{"up"}, values)
}

func TestApplyPutsOtherServersInForceOrNone(t *testing.T) {
	mine := stored(t, 1, 1, up())
	other := serve(t, stored(t, 5, 5, up()))
	r, err := New(mine, parsed(t, "{}"))
	require.NoError(t, err)
	require.False(t, r.Elsewhere())
	require.NoError(t, r.Apply(parsed(t, "remote_read: [{url: "+other+"}]")))
	require.True(t, r.Elsewhere())
	found, _ := read(t, r)
	require.Equal(t, []int{5, 1}, found[up().String()])

	err = r.Apply(parsed(t, "remote_read: [{url: http://a}, {url: http://a}, {url: http://b, tls_config: {ca_file: /is/not/there}}]"))
	require.ErrorContains(t, err, "remote_read from http://a: it is there twice")
	require.ErrorContains(t, err, "remote_read from http://b: ")
	require.Len(t, strings.Split(err.Error(), "\n"), 2)
	require.True(t, r.Elsewhere())
}
