package freshness

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/stretchr/testify/require"

	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/storage/state"
)

type sink struct{ err error }

func (s sink) Append(context.Context, *model.Batch) error { return s.err }

func batch(signal model.Signal, services ...string) *model.Batch {
	b := &model.Batch{Signal: signal}
	name := map[model.Signal]string{model.Logs: "service_name", model.Spans: "service.name"}[signal]
	for i, s := range services {
		b.Streams = append(b.Streams, &model.Stream{Attrs: []model.Attr{{Key: name, Value: model.String(s)}, {Key: "z", Value: model.Int(int64(i))}}})
	}
	return b
}

func open(t *testing.T, dir string, c Config, next sink) (*Watch, *prometheus.Registry, func()) {
	t.Helper()
	db, err := state.Open(context.Background(), dir)
	require.NoError(t, err)
	reg := prometheus.NewRegistry()
	w, err := New(context.Background(), c, next, db, reg, slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	return w, reg, func() { require.NoError(t, db.Close()) }
}

func names(all []state.Source) (out []string) {
	for _, s := range all {
		out = append(out, s.Signal+" "+s.Service)
	}
	return out
}

func TestWhatHasComeInIsShown(t *testing.T) {
	w, reg, done := open(t, t.TempDir(), Config{After: 600e9, Gaps: 10, Forget: 86400e9, Most: 10, Exclude: []string{"cron-.*"}}, sink{})
	defer done()
	require.NoError(t, w.Append(t.Context(), batch(model.Logs, "shop", "pay", "shop", "unknown_service", "cron-1")))
	require.NoError(t, w.Append(t.Context(), batch(model.Spans, "shop")))
	require.Equal(t, []string{"logs pay", "logs shop", "traces shop"}, names(w.known(time.Now())))
	require.Equal(t, 6, testutil.CollectAndCount(w))
	require.NoError(t, testutil.GatherAndCompare(reg, strings.NewReader(`
# HELP oriel_source_silent_after_seconds How long a service may send nothing before it counts as silent: longer for those that send rarely.
# TYPE oriel_source_silent_after_seconds gauge
oriel_source_silent_after_seconds{service="pay",signal="logs"} 600
oriel_source_silent_after_seconds{service="shop",signal="logs"} 600
oriel_source_silent_after_seconds{service="shop",signal="traces"} 600
`), "oriel_source_silent_after_seconds"))
}

func TestWhatWasNotStoredHasNotComeIn(t *testing.T) {
	refused := errors.New("full")
	w, _, done := open(t, t.TempDir(), DefaultConfig(), sink{refused})
	defer done()
	require.ErrorIs(t, w.Append(t.Context(), batch(model.Logs, "shop")), refused)
	require.Empty(t, w.known(time.Now()))
}

func TestWhoSendsRarelyMayBeSilentLonger(t *testing.T) {
	w, _, done := open(t, t.TempDir(), DefaultConfig(), sink{})
	defer done()
	now := time.UnixMilli(0)
	for range 50 {
		w.note(model.Logs, []string{"hourly"}, now)
		w.note(model.Logs, []string{"hourly"}, now.Add(200*time.Millisecond)) // one batch in two
		now = now.Add(time.Hour)
	}
	s := w.seen[key{model.Logs, "hourly"}]
	require.InDelta(t, time.Hour, s.gap, float64(time.Second))
	require.InDelta(t, 10*time.Hour, w.patience(s), float64(time.Minute))
}

func TestTheLongestSilentMakesRoomAndTheEndedIsForgotten(t *testing.T) {
	c := DefaultConfig()
	c.Most = 2
	w, _, done := open(t, t.TempDir(), c, sink{})
	defer done()
	start := time.UnixMilli(0)
	for i, name := range []string{"a", "b", "c"} {
		w.note(model.Logs, []string{name}, start.Add(time.Duration(i)*time.Second))
	}
	w.note(model.Spans, []string{"d"}, start)
	require.Equal(t, []string{"logs b", "logs c", "traces d"}, names(w.known(start.Add(time.Hour))))
	require.Empty(t, w.known(start.Add(25*time.Hour)))
	require.Empty(t, w.seen)
}

func TestARestartKeepsWhoWasSilentAndWaitsForTheOthers(t *testing.T) {
	dir := t.TempDir()
	w, _, done := open(t, dir, DefaultConfig(), sink{})
	now := time.Now()
	w.note(model.Logs, []string{"silent"}, now.Add(-20*time.Minute))
	w.note(model.Logs, []string{"well"}, now.Add(-5*time.Minute))
	require.NoError(t, w.state.SaveSources(t.Context(), w.known(now)))
	done()

	w, _, done = open(t, dir, DefaultConfig(), sink{})
	defer done()
	later := time.Now()
	require.WithinDuration(t, now.Add(-20*time.Minute), w.seen[key{model.Logs, "silent"}].seen, time.Second)
	require.WithinDuration(t, later, w.seen[key{model.Logs, "well"}].seen, time.Minute)
}

func TestRunKeepsWhatIsKnown(t *testing.T) {
	dir := t.TempDir()
	w, _, done := open(t, dir, DefaultConfig(), sink{})
	defer done()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error)
		go func() { ended <- w.Run(ctx) }()
		require.NoError(t, w.Append(ctx, batch(model.Logs, "shop")))
		cancel()
		require.NoError(t, <-ended)
	})
	all, err := w.state.Sources(t.Context())
	require.NoError(t, err)
	require.Equal(t, []string{"logs shop"}, names(all))
}

func TestFaultsOfTheConfigurationAreNamed(t *testing.T) {
	for want, change := range map[string]func(*Config){
		"after:":       func(c *Config) { c.After = 0 },
		"forget:":      func(c *Config) { c.Forget = c.After },
		"gaps:":        func(c *Config) { c.Gaps = 0 },
		"max_sources:": func(c *Config) { c.Most = 0 },
		"exclude[1]:":  func(c *Config) { c.Exclude = []string{"a", "("} },
	} {
		c := DefaultConfig()
		change(&c)
		require.ErrorContains(t, c.Validate(), want)
	}
	require.NoError(t, DefaultConfig().Validate())
}
