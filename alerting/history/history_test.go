package history_test

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	amalert "github.com/prometheus/alertmanager/alert"
	promodel "github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/rules"
	"github.com/prometheus/prometheus/util/teststorage"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/oriel-obs/oriel/alerting"
	"github.com/oriel-obs/oriel/alerting/history"
	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/storage/state"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// events is an event store that keeps lines, and fails when told to.
type events struct {
	mu    sync.Mutex
	lines []string
	fail  error
}

func (e *events) Append(_ context.Context, b *model.Batch) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.fail != nil {
		return e.fail
	}
	e.lines = append(e.lines, b.Body...)
	return nil
}

func (e *events) copied() []string {
	e.mu.Lock()
	defer e.mu.Unlock()
	return append([]string(nil), e.lines...)
}

func open(t *testing.T, db *state.DB, e *events, groups func() []*rules.Group) *history.History {
	t.Helper()
	h, err := history.Open(t.Context(), history.Options{
		Config: history.DefaultConfig(), State: db, Events: e, Groups: groups,
		ExternalLabels: func() labels.Labels { return labels.FromStrings("cluster", "c1") }, Log: slog.New(slog.DiscardHandler),
	})
	require.NoError(t, err)
	return h
}

func openState(t *testing.T, dir string) *state.DB {
	t.Helper()
	db, err := state.Open(t.Context(), dir)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	return db
}

// world evaluates a rule on a value that the test sets.
type world struct {
	t     *testing.T
	group alerting.Group
	now   time.Time
	path  string
	value float64 // fires above 1
}

func newWorld(t *testing.T) *world {
	w := &world{t: t, now: time.Unix(1_700_000_000, 0), path: filepath.Join(t.TempDir(), "rules.yml")}
	w.load()
	return w
}

// load starts the rules anew, as a restart does.
func (w *world) load() {
	require.NoError(w.t, os.WriteFile(w.path, []byte(`groups: [{name: g, interval: 30s, rules: [
  {alert: High, expr: 'value > 1', for: 1m, labels: {severity: page}, annotations: {summary: 'it is {{ $value }}'}}, {record: r, expr: value}]}]`), 0o600))
	groups, err := alerting.LoadGroups(w.t.Context(), alerting.Options{
		Settings: alerting.Settings{Files: []string{w.path}, Config: alerting.DefaultConfig()},
		Engines: alerting.Engines{Metrics: func(_ context.Context, q string, at time.Time) (promql.Vector, error) {
			if q == "value > 1" && w.value <= 1 {
				return nil, nil
			}
			return promql.Vector{{T: at.UnixMilli(), F: w.value, Metric: labels.FromStrings("__name__", "value", "job", "api")}}, nil
		}},
		Appendable: teststorage.New(w.t), Queryable: teststorage.New(w.t), Log: slog.New(slog.DiscardHandler),
	})
	require.NoError(w.t, err)
	w.group = groups[0]
}

// eval evaluates half a minute later, with a value.
func (w *world) eval(h *history.History, value float64) {
	w.now, w.value = w.now.Add(30*time.Second), value
	w.group.Eval(w.t.Context(), w.now)
	h.Evaluated(w.group.Group, w.now)
}

func states(t *testing.T, db *state.DB) (out []string) {
	t.Helper()
	changes, err := db.AlertChanges(t.Context(), state.AlertChangeFilter{Oldest: true, Limit: 100})
	require.NoError(t, err)
	for _, c := range changes {
		out = append(out, c.State)
	}
	return out
}

func TestEveryChangeOfStateIsTakenDownOnce(t *testing.T) {
	db, w := openState(t, t.TempDir()), newWorld(t)
	h := open(t, db, &events{}, nil)
	for _, v := range []float64{0, 2, 2, 2, 3, 0, 0, 2, 0} {
		w.eval(h, v)
	}
	require.Equal(t, []string{"pending", "firing", "resolved", "pending", "inactive"}, states(t, db))

	changes, err := db.AlertChanges(t.Context(), state.AlertChangeFilter{Rule: "High", State: state.AlertFiring, Limit: 10})
	require.NoError(t, err)
	require.Len(t, changes, 1)
	c := changes[0]
	require.Equal(t, map[string]string{"alertname": "High", "job": "api", "severity": "page", "cluster": "c1"}, c.Labels)
	require.Equal(t, map[string]string{"summary": "it is 2"}, c.Annotations)
	require.Equal(t, "g", c.Group)
	require.Equal(t, 2.0, c.Value)
	require.Equal(t, w.now.Add(-5*30*time.Second).UTC(), c.At.UTC())
	require.Equal(t, promodel.LabelSet{"alertname": "High", "job": "api", "severity": "page", "cluster": "c1"}.Fingerprint().String(), c.Fingerprint)
}

func TestARestartIsNoChange(t *testing.T) {
	db, w := openState(t, t.TempDir()), newWorld(t)
	h := open(t, db, &events{}, nil)
	for range 4 {
		w.eval(h, 2)
	}
	require.Equal(t, []string{"pending", "firing"}, states(t, db))

	// The rules begin anew, and the alert is pending once more at first.
	w.load()
	h = open(t, db, &events{}, nil)
	for range 4 {
		w.eval(h, 2)
	}
	require.Equal(t, []string{"pending", "firing"}, states(t, db))

	// What ended meanwhile has ended.
	w.load()
	h = open(t, db, &events{}, nil)
	w.eval(h, 0)
	require.Equal(t, []string{"pending", "firing", "resolved"}, states(t, db))
}

func TestAlertsThatOthersSendAreTakenDown(t *testing.T) {
	db := openState(t, t.TempDir())
	h := open(t, db, &events{}, nil)
	now := time.Now()
	alert := func(lasts time.Duration) *amalert.Alert {
		return &amalert.Alert{Alert: promodel.Alert{Labels: promodel.LabelSet{"alertname": "Ext"}, StartsAt: now.Add(-time.Minute), EndsAt: time.Now().Add(lasts)}}
	}
	h.Received(alert(-time.Second)) // never heard of
	h.Received(alert(time.Minute))
	h.Received(alert(time.Minute))
	h.Received(alert(-time.Second))
	h.Received(alert(-time.Second))
	require.Equal(t, []string{"firing", "resolved"}, states(t, db))
}

func TestTheHistoryIsCopiedIntoTheEventStoreAlsoAfterItFailed(t *testing.T) {
	dir := t.TempDir()
	db, w, e := openState(t, dir), newWorld(t), &events{fail: errors.New("disk full")}
	h := open(t, db, e, nil)
	for range 4 {
		w.eval(h, 2)
	}
	id, err := db.Enqueue(t.Context(), state.Notification{
		Lane: state.Lane{Receiver: "team", Integration: "webhook", GroupKey: "{}:{}"}, Reason: "first notification",
		Alerts: []state.NotifiedAlert{{Fingerprint: "00000000000000aa"}},
	}, state.Told{Entry: []byte{1}, Alerts: []byte("[]")}, state.QueueLimit{Rows: 1, Bytes: 1})
	require.NoError(t, err)
	require.NoError(t, db.AddAttempt(t.Context(), state.Attempt{Notification: id, At: time.Now(), Took: time.Second, Status: state.AttemptFailed, Error: "HTTP 500"}, nil))

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	require.ErrorContains(t, h.Run(ctx), "disk full")
	e.mu.Lock()
	e.fail = nil
	e.mu.Unlock()
	require.NoError(t, h.Run(ctx))
	lines := e.copied()
	require.Len(t, lines, 3)
	require.Contains(t, lines[0], `event=alert state=pending alertname=High fingerprint=`)
	require.Contains(t, lines[1], `state=firing`)
	require.Contains(t, lines[1], `labels="{\"alertname\":\"High\",`)
	require.Contains(t, lines[2], `event=delivery status=failed receiver=team integration=webhook[0] notification=1 attempt=1 took=1s reason="first notification" group_key={}:{} error="HTTP 500" firing=00000000000000aa`)

	// Another process goes on where this one was.
	h = open(t, db, e, nil)
	require.NoError(t, h.Run(ctx))
	require.Len(t, e.copied(), 3)
	for _, line := range e.copied() {
		require.NotContains(t, strings.TrimSpace(line), "\n")
	}
}

func TestOldHistoryIsForgotten(t *testing.T) {
	db := openState(t, t.TempDir())
	change := func(at time.Time) state.AlertChange {
		return state.AlertChange{At: at, AlertState: state.AlertState{AlertKey: state.AlertKey{Rule: "A", Fingerprint: "x"}, State: state.AlertFiring}}
	}
	now := time.Now()
	for i := range 10 {
		require.NoError(t, db.RecordChanges(t.Context(), change(now.Add(-time.Duration(10-i)*time.Hour))))
	}
	require.NoError(t, db.PruneAlertChanges(t.Context(), now.Add(-4*time.Hour-time.Minute), 100))
	require.Len(t, states(t, db), 4)
	require.NoError(t, db.PruneAlertChanges(t.Context(), now.Add(-10*time.Hour), 2))
	require.Len(t, states(t, db), 2)
}

func TestConfigNamesEveryFault(t *testing.T) {
	require.NoError(t, history.DefaultConfig().Validate())
	require.EqualError(t, history.Config{Retention: -time.Second}.Validate(), "retention: -1s is not positive\nmax_rows: 0 is not positive")
}
