package audit_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/oriel-obs/oriel/ingest/audit"
	"github.com/oriel-obs/oriel/internal/auth"
	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/storage"
	"github.com/oriel-obs/oriel/storage/state"
	"github.com/oriel-obs/oriel/storage/storagetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// events is an event store that can be told to fail, or to forget that it has
// answered, as a killed process does.
type events struct {
	storagetest.Memory
	mu     sync.Mutex
	fail   error
	forget bool
}

func (e *events) Append(ctx context.Context, b *model.Batch) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.fail != nil {
		return e.fail
	}
	err := e.Memory.Append(ctx, b)
	if e.forget {
		panic("killed")
	}
	return err
}

type fixture struct {
	*testing.T
	db    *state.DB
	store *events
}

func newFixture(t *testing.T) fixture {
	db, err := state.Open(t.Context(), t.TempDir())
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	return fixture{t, db, &events{}}
}

func (f fixture) log() *audit.Log {
	return audit.New(audit.Options{State: f.db, Events: f.store, Source: f.store, Registerer: prometheus.NewRegistry(), Log: slog.New(slog.DiscardHandler)})
}

// during runs a Log while do runs, and until all it recorded is copied.
func (f fixture) during(do func(*audit.Log)) {
	l := f.log()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error)
	go func() { done <- l.Run(ctx) }()
	do(l)
	cancel()
	require.NoError(f, <-done)
}

func (f fixture) record(n int) {
	f.during(func(l *audit.Log) {
		for i := range n {
			l.Record(context.Background(), auth.Event{Who: "ada", Action: "dashboard.save", Target: fmt.Sprint(i), Result: auth.Done})
		}
	})
}

func (f fixture) lines() (out []string) {
	for b, err := range f.store.Scan(f.Context(), storage.Scan{Signal: model.Logs, Range: model.AllTime()}) {
		require.NoError(f, err)
		out = append(out, b.Body...)
	}
	return out
}

func (f fixture) verify(noted ...audit.Head) audit.Finding {
	found, err := audit.Verify(f.Context(), audit.Check{State: f.db, Source: f.store, Now: time.Now(), Noted: noted})
	require.NoError(f, err)
	return found
}

// rewritten replaces the store's lines by what change makes of each; "" is none.
func (f fixture) rewritten(change func(i int, line string) string) fixture {
	b := model.NewBuilder(model.Logs, 8)
	s := &model.Stream{Attrs: []model.Attr{{Key: "log_source", Value: model.String("audit")}, {Key: "service_name", Value: model.String("oriel")}}}
	for i, line := range f.lines() {
		for one := range strings.SplitSeq(change(i, line), "\n") {
			if one != "" {
				b.Row(b.Stream(s), int64(1e18)+int64(i), one)
			}
		}
	}
	f.store = &events{}
	require.NoError(f, f.store.Memory.Append(f.Context(), b.Batch()))
	return f
}

func TestRecordsAreLinesOfAChain(t *testing.T) {
	f := newFixture(t)
	at := time.Date(2026, 11, 22, 10, 0, 0, 5, time.UTC)
	f.during(func(l *audit.Log) {
		l.Record(t.Context(), auth.Event{Time: at, Who: "ada", Kind: auth.User, Action: "session.login", Result: auth.Done, Address: "192.0.2.1"})
		l.Record(t.Context(), auth.Event{Time: at.Add(1), Action: "token.use", Target: "ci", Result: auth.Refused, Detail: "expired"})
	})
	lines := f.lines()
	require.Equal(t, `{"seq":1,"time":"2026-11-22T10:00:00.000000005Z","who":"ada","kind":"user","action":"session.login","result":"done","address":"192.0.2.1","prev":""}`, lines[0])
	require.Equal(t, `{"seq":2,"time":"2026-11-22T10:00:00.000000006Z","action":"token.use","target":"ci","result":"refused","detail":"expired","prev":"`+state.AuditHash(lines[0])+`"}`, lines[1])
	found := f.verify()
	require.Equal(t, audit.Finding{Intact: true, First: 1, Records: 2, Head: "2:" + state.AuditHash(lines[1])}, found)
}

func TestAChainWhoseEndIsTakenAwayIsMissed(t *testing.T) {
	f := newFixture(t)
	f.during(func(l *audit.Log) {
		l.Record(t.Context(), auth.Event{Who: "ada", Action: "session.login", Result: auth.Done})
	})
	require.True(t, f.verify().Intact)
	other := newFixture(t)
	other.store = f.store // with a state database that knows of nothing
	found := other.verify()
	require.False(t, found.Intact)
	require.Contains(t, found.Problem, "the state database knows of no record at all")
}

func TestAnEmptyChainIsIntact(t *testing.T) {
	require.True(t, newFixture(t).verify().Intact)
}

func TestTheFirstBrokenRecordIsNamed(t *testing.T) {
	f := newFixture(t)
	f.record(6)
	line := f.lines()
	for name, c := range map[string]struct {
		change func(i int, line string) string
		want   string
	}{
		"changed":           {func(i int, l string) string { return strings.Replace(l, `"target":"2"`, `"target":"9"`, 1) }, "record 3 was changed"},
		"the last changed":  {func(i int, l string) string { return strings.Replace(l, `"target":"5"`, `"target":"9"`, 1) }, "record 6 was changed"},
		"the first changed": {func(i int, l string) string { return strings.Replace(l, `"prev":""`, `"prev":"0"`, 1) }, "record 1 was changed"},
		"one missing":       {func(i int, l string) string { return map[bool]string{false: l}[i == 3] }, "record 4 is missing"},
		"the first missing": {func(i int, l string) string { return map[bool]string{false: l}[i == 0] }, "record 1 is missing"},
		"the last missing":  {func(i int, l string) string { return map[bool]string{false: l}[i == 5] }, "record 6 is missing"},
		"all missing":       {func(int, string) string { return "" }, "record 1 is missing"},
		"one twice, unequal": {func(i int, l string) string {
			return l + map[bool]string{true: "\n" + strings.Replace(line[1], "ada", "eve", 1)}[i == 4]
		}, "record 2 is there twice"},
		"a line of another": {func(i int, l string) string { return l + map[bool]string{true: "\nhello"}[i == 4] }, "no record is among them"},
	} {
		found := f.rewritten(c.change).verify()
		require.False(t, found.Intact, name)
		require.Contains(t, found.Problem, c.want, name)
	}
	twice := func(i int, l string) string { return l + "\n" + l }
	require.True(t, f.rewritten(twice).verify().Intact, "a second copy does no harm")
	require.EqualValues(t, 6, f.rewritten(twice).verify().Records)
}

func TestClocksMayBeSetBack(t *testing.T) {
	f := newFixture(t)
	now := time.Now()
	f.during(func(l *audit.Log) {
		for _, d := range []time.Duration{0, -time.Hour, time.Hour, -time.Minute} {
			l.Record(t.Context(), auth.Event{Time: now.Add(d), Action: "x", Result: auth.Done})
		}
	})
	require.True(t, f.verify().Intact)
}

func TestANotedEndShowsAChainThatWasWrittenAnew(t *testing.T) {
	f := newFixture(t)
	f.record(2)
	noted, err := audit.ParseHead(f.verify().Head)
	require.NoError(t, err)
	f.record(2)
	require.True(t, f.verify(noted).Intact)
	other := newFixture(t)
	require.Contains(t, other.verify(noted).Problem, "record 2 is missing")
	other.record(4)
	require.Contains(t, other.verify(noted).Problem, "record 2 is not the one that was noted")
	for _, bad := range []string{"", "1", "1:x", "0:" + noted.Hash, ":"} {
		_, err := audit.ParseHead(bad)
		require.Error(t, err, bad)
	}
}

func TestRecordsWaitForAStoreThatFails(t *testing.T) {
	f := newFixture(t)
	l := f.log()
	f.store.fail = errors.New("disk is full")
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- l.Run(ctx) }()
	l.Record(t.Context(), auth.Event{Action: "a", Result: auth.Done})
	require.True(t, f.verify().Intact, "what waits is part of the chain")
	cancel()
	require.ErrorContains(t, <-done, "disk is full")
	f.store.fail = nil
	f.record(1)
	require.Len(t, f.lines(), 2)
	require.True(t, f.verify().Intact)
}

func TestAKilledProcessLeavesNoForkAndNoSecondCopy(t *testing.T) {
	f := newFixture(t)
	f.record(2)
	l := f.log()
	l.Record(t.Context(), auth.Event{Action: "killed before the copy", Result: auth.Done})
	f.record(1)
	require.Len(t, f.lines(), 4)

	l = f.log()
	l.Record(t.Context(), auth.Event{Action: "killed after the copy", Result: auth.Done})
	f.store.forget = true
	require.Panics(t, func() { _ = l.Run(t.Context()) })
	f.store.forget = false
	f.record(1)
	require.Len(t, f.lines(), 6)
	require.True(t, f.verify().Intact)
}

func TestTwoProcessesMakeOneChain(t *testing.T) {
	f := newFixture(t)
	f.during(func(l *audit.Log) {
		var all sync.WaitGroup
		for _, log := range []*audit.Log{l, f.log(), l} {
			all.Go(func() {
				for range 20 {
					log.Record(t.Context(), auth.Event{Action: "x", Result: auth.Done})
				}
			})
		}
		all.Wait()
	})
	f.record(0)
	found := f.verify()
	require.True(t, found.Intact, found.Problem)
	require.EqualValues(t, 60, found.Records)
}

func TestAFloodOfRefusalsIsKeptAsANumber(t *testing.T) {
	f := newFixture(t)
	f.during(func(l *audit.Log) {
		for range 1000 {
			l.Record(t.Context(), auth.Event{Action: "session.login", Result: auth.Refused})
		}
		l.Record(t.Context(), auth.Event{Action: "session.login", Result: auth.Done})
	})
	lines := f.lines()
	require.Less(t, len(lines), 400)
	require.Contains(t, lines[len(lines)-1], "more that are not kept one by one")
	require.True(t, f.verify().Intact)
}

func TestOldRecordsMayGo(t *testing.T) {
	f := newFixture(t)
	now := time.Now()
	f.during(func(l *audit.Log) {
		for days := 10; days >= 0; days-- {
			l.Record(t.Context(), auth.Event{Time: now.AddDate(0, 0, -days), Action: "x", Result: auth.Done})
		}
	})
	f = f.rewritten(func(i int, l string) string { return map[bool]string{false: l}[i < 5] })
	found, err := audit.Verify(t.Context(), audit.Check{State: f.db, Source: f.store, Now: now, Retention: 4 * 24 * time.Hour})
	require.NoError(t, err)
	require.True(t, found.Intact, found.Problem)
	require.Positive(t, found.First-5)
	found, err = audit.Verify(t.Context(), audit.Check{State: f.db, Source: f.store, Now: now, Retention: 9 * 24 * time.Hour})
	require.NoError(t, err)
	require.Contains(t, found.Problem, "is missing")
}

func TestSendersCannotWriteRecords(t *testing.T) {
	var store storagetest.Memory
	b := model.NewBuilder(model.Logs, 2)
	fake := &model.Stream{Attrs: []model.Attr{{Key: "a", Value: model.String("b")}, {Key: "log_source", Value: model.String("audit")}, {Key: "service_name", Value: model.String("oriel")}}}
	other := &model.Stream{Attrs: []model.Attr{{Key: "log_source", Value: model.String("audit")}, {Key: "service_name", Value: model.String("shop")}}}
	b.Row(b.Stream(fake), 1, "forged")
	b.Row(b.Stream(other), 2, "fine")
	require.NoError(t, audit.Guard(&store).Append(t.Context(), b.Batch()))
	var got []string
	for b, err := range store.Scan(t.Context(), storage.Scan{Signal: model.Logs, Range: model.AllTime()}) {
		require.NoError(t, err)
		for i := range b.Len() {
			got = append(got, b.Stream(i).Attr("log_source").Str()+" "+b.Body[i])
		}
	}
	require.Equal(t, []string{"audit_claimed forged", "audit fine"}, got)
	require.Equal(t, "audit", fake.Attr("log_source").Str(), "streams are shared by batches")
}

func TestTextsOfStrangersAreCut(t *testing.T) {
	f := newFixture(t)
	f.during(func(l *audit.Log) {
		l.Record(t.Context(), auth.Event{Who: strings.Repeat("x", 1<<20) + "\xff", Action: "session.login", Detail: "a\xffb\n", Result: auth.Refused})
	})
	require.Less(t, len(f.lines()[0]), 5000)
	require.True(t, f.verify().Intact)
}
