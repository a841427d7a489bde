package sampling_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/stretchr/testify/require"

	"github.com/oriel-obs/oriel/ingest/sampling"
	"github.com/oriel-obs/oriel/internal/vfs"
	"github.com/oriel-obs/oriel/model"
)

// waitroom is a Room in front of a Sampler in front of a shelf.
type waitroom struct {
	*sampling.Room
	shelf *shelf
	reg   *prometheus.Registry
	log   bytes.Buffer
}

func openRoom(t testing.TB, fsys vfs.FS, edit func(*sampling.Config)) *waitroom {
	t.Helper()
	cfg := sampling.DefaultConfig()
	cfg.Probability, cfg.DecisionWait = 0, 10*time.Second
	edit(&cfg)
	w := &waitroom{shelf: &shelf{t: t}, reg: prometheus.NewRegistry()}
	var err error
	w.Room, err = sampling.OpenRoom(sampling.RoomOptions{
		Config: cfg, FS: fsys, Dir: "sampling", Next: sampling.New(cfg, w.shelf, w.reg), Registerer: w.reg, Log: slog.New(slog.NewTextHandler(&w.log, nil)),
	})
	require.NoError(t, err)
	return w
}

// run runs w for some time.
func (w *waitroom) run(t testing.TB, d time.Duration) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), d)
	defer cancel()
	require.NoError(t, w.Run(ctx))
}

func (w *waitroom) kept() []string {
	names := w.shelf.names()
	slices.Sort(names)
	return names
}

func asIs(*sampling.Config) {}

func TestTracesAreDecidedOnWhole(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := openRoom(t, vfs.NewMem(), asIs)
		require.NoError(t, w.Append(t.Context(), batch(span{name: "call", trace: 1, attr: "/a"}, span{name: "fine", trace: 2})))
		w.run(t, 5*time.Second)
		require.NoError(t, w.Append(t.Context(), batch(span{name: "boom", trace: 1, status: model.StatusError}, span{name: "fine too", trace: 2})))
		w.run(t, 4*time.Second)
		require.Empty(t, w.kept(), "they wait ten seconds")
		w.run(t, 3*time.Second)
		require.Equal(t, []string{"boom", "call"}, w.kept())
		for _, r := range w.shelf.rows() {
			require.EqualValues(t, 1, r.weight, "a whole trace stands for itself")
			require.Equal(t, "m-"+r.Name, r.StatusMessage)
			require.Equal(t, []model.Event{{Name: "e-" + r.Name}}, r.Events)
		}
		require.Equal(t, "/a", w.shelf.rows()[0].attrs["route"])

		require.NoError(t, w.Append(t.Context(), batch(span{name: "late", trace: 1}, span{name: "late and fine", trace: 2})))
		w.run(t, 12*time.Second)
		require.Equal(t, []string{"boom", "call", "late"}, w.kept(), "late spans follow the decision")
		require.NoError(t, testutil.GatherAndCompare(w.reg, bytes.NewBufferString(`# HELP oriel_sampling_waiting_bytes Memory that spans take which wait for the rest of their trace.
# TYPE oriel_sampling_waiting_bytes gauge
oriel_sampling_waiting_bytes 0
`), "oriel_sampling_waiting_bytes"))
	})
}

func TestASlowRootKeepsItsTrace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := openRoom(t, vfs.NewMem(), func(c *sampling.Config) { c.RootSlowerThan = time.Second })
		require.NoError(t, w.Append(t.Context(), batch(span{name: "child", trace: 1})))
		require.NoError(t, w.Append(t.Context(), batch(span{name: "root", trace: 1, took: 2 * time.Second})))
		w.run(t, 12*time.Second)
		require.Equal(t, []string{"child", "root"}, w.kept())
	})
}

func TestWhatWaitsIsBounded(t *testing.T) {
	w := openRoom(t, vfs.NewMem(), func(c *sampling.Config) { c.MaxWaitingBytes, c.DecisionWait = 1<<20, time.Hour })
	attr := string(make([]byte, 10_000))
	for i := range 250 {
		require.NoError(t, w.Append(t.Context(), batch(span{name: fmt.Sprint(i), trace: byte(i), attr: attr, status: model.StatusError})))
	}
	kept := w.shelf.names()
	require.Greater(t, len(kept), 140)
	for i, name := range kept {
		require.Equal(t, fmt.Sprint(i), name, "the oldest are decided on")
	}
	n, err := testutil.GatherAndCount(w.reg, "oriel_sampling_traces_total")
	require.NoError(t, err)
	require.Equal(t, 2, n)
}

func TestWhatWaitsSurvivesACrash(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		disk := vfs.NewMem()
		w := openRoom(t, disk, asIs)
		require.NoError(t, w.Append(t.Context(), batch(span{name: "a", trace: 1, status: model.StatusError})))
		w.run(t, 12*time.Second)
		require.Equal(t, []string{"a"}, w.kept())
		require.NoError(t, w.Append(t.Context(), batch(span{name: "b", trace: 2}, span{name: "late", trace: 1, status: model.StatusError})))
		require.NoError(t, w.Append(t.Context(), batch(span{name: "c", trace: 2, status: model.StatusError}, span{name: "d", trace: 3})))

		w = openRoom(t, disk.Crash(rand.New(rand.NewPCG(1, 2))), asIs)
		w.run(t, 12*time.Second)
		require.Equal(t, []string{"b", "c", "late"}, w.kept(), "what was stored before is not stored again")
		require.Empty(t, w.log.String())
	})
}

// A refusing writer takes nothing while it is told so.
type refusing struct {
	next *shelf
	mu   sync.Mutex
	err  error
}

func (r *refusing) Append(ctx context.Context, b *model.Batch) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.err != nil {
		return r.err
	}
	return r.next.Append(ctx, b)
}

func TestSpansWaitOnWhileTheStoreTakesNone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg := sampling.DefaultConfig()
		cfg.DecisionWait = time.Second
		store := &refusing{next: &shelf{t: t}, err: errors.New("disk full")}
		var log bytes.Buffer
		room, err := sampling.OpenRoom(sampling.RoomOptions{
			Config: cfg, FS: vfs.NewMem(), Dir: "d", Next: store, Registerer: prometheus.NewRegistry(), Log: slog.New(slog.NewTextHandler(&log, nil)),
		})
		require.NoError(t, err)
		w := &waitroom{Room: room, shelf: store.next}
		require.NoError(t, w.Append(t.Context(), batch(span{name: "a", trace: 1})))
		w.run(t, 2*time.Second)
		require.Contains(t, log.String(), "disk full")
		require.NoError(t, w.Append(t.Context(), batch(span{name: "b", trace: 1}, span{name: "c", trace: 2})))
		store.mu.Lock()
		store.err = nil
		store.mu.Unlock()
		w.run(t, 2*time.Second)
		require.Equal(t, []string{"a", "b", "c"}, w.kept())
		require.NoError(t, w.Close())
	})
}

// TestNothingIsLostWhateverTheMoment appends from many places at once, crashes,
// and looks for every span that was acknowledged.
func TestNothingIsLostWhateverTheMoment(t *testing.T) {
	for seed := range uint64(20) {
		disk := vfs.NewMem()
		before := openRoom(t, disk, func(c *sampling.Config) { c.DecisionWait = 10 * time.Millisecond })
		ctx, cancel := context.WithCancel(t.Context())
		var wg sync.WaitGroup
		wg.Go(func() { _ = before.Run(ctx) })
		for g := range 4 {
			wg.Go(func() {
				for i := range 30 {
					require.NoError(t, before.Append(ctx, batch(span{name: fmt.Sprint(g, i), trace: byte(i), status: model.StatusError})))
				}
			})
		}
		wg.Go(func() { time.Sleep(25 * time.Millisecond); cancel() })
		wg.Wait()
		stored := map[string]bool{}
		for _, n := range before.kept() {
			stored[n] = true
		}
		after := openRoom(t, disk.Crash(rand.New(rand.NewPCG(seed, 1))), func(c *sampling.Config) { c.DecisionWait = time.Millisecond })
		after.run(t, 100*time.Millisecond)
		for _, n := range after.kept() {
			require.False(t, stored[n], "%s is stored twice", n)
			stored[n] = true
		}
		require.Len(t, stored, 120)
	}
}

func FuzzJournal(f *testing.F) {
	disk := vfs.NewMem()
	w := openRoom(f, disk, asIs)
	require.NoError(f, w.Append(f.Context(), batch(span{name: "a", trace: 1, attr: "x", status: model.StatusError}, span{name: "b", trace: 2})))
	b, err := vfs.ReadFile(disk, "sampling/0000000001.spans")
	require.NoError(f, err)
	f.Add(b)
	f.Add(b[:len(b)-1])
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, b []byte) {
		disk := vfs.NewMem()
		require.NoError(t, disk.MkdirAll("sampling"))
		file, err := disk.Create("sampling/0000000001.spans")
		require.NoError(t, err)
		_, err = file.Write(b)
		require.NoError(t, err)
		w := openRoom(t, disk, asIs)
		require.NoError(t, w.Append(t.Context(), batch(span{name: "new", trace: 9, status: model.StatusError})))
		w.run(t, 0)
	})
}
