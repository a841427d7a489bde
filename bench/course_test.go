package main

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestMain makes the test binary stand in for a server.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "fake-server" {
		fmt.Fprintln(os.Stderr, fakeServer(os.Args[2], os.Args[3], os.Args[4]))
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// fakeServer takes Loki pushes at addr and answers every query with one row. It
// remembers how many requests it had: as "durable" one in a file, else only
// until it ends.
func fakeServer(addr, dir, memory string) error {
	path := filepath.Join(dir, "count")
	var mu sync.Mutex
	count := 0
	if text, err := os.ReadFile(path); err == nil {
		if count, err = strconv.Atoi(string(text)); err != nil {
			return err
		}
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/ready", func(http.ResponseWriter, *http.Request) {})
	mux.HandleFunc("/push", func(w http.ResponseWriter, r *http.Request) {
		_, err := io.Copy(io.Discard, r.Body)
		mu.Lock()
		defer mu.Unlock()
		count++
		if memory == "durable" {
			err = errors.Join(err, os.WriteFile(path, []byte(strconv.Itoa(count)), 0o644))
		}
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
		}
	})
	mux.HandleFunc("/query", func(w http.ResponseWriter, _ *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		fmt.Fprintf(w, `{"data":{"result":[{"value":[0,"%d"]}]}}`, count)
	})
	return http.ListenAndServe(addr, mux)
}

// fakeRun is a run against the fake server; its unit is a request.
func fakeRun(t *testing.T, memory, cold string) (*measures, error) {
	t.Helper()
	bin, err := os.Executable()
	require.NoError(t, err)
	o := smallOptions(t, "-bin", filepath.Dir(bin), "-scratch", t.TempDir(), "-reps", "3", "-kill", "0.5", "-cold", cold)
	o.dropCache = func() error { return errors.New("the page cache is the machine's") }
	fake := &target{name: "fake", bin: filepath.Base(bin), ready: "/ready", args: []string{"fake-server", "127.0.0.1:{port0}", "{data}", memory}}
	w := &workload{
		unit: "lines", perCPU: 1, cpuUnit: "s/GB", rawBytes: 4096,
		load: &load{conns: [][]body{make([]body, 6), make([]body, 4)}},
		push: "/push",
		queries: []query{
			{name: "works", path: "/query", rows: promRows},
			{name: "fails", path: "/nowhere", rows: promRows},
		},
		count: func(base string, part *load) (int, int, error) {
			n, err := promScalar(base+"/query", "all", o.end)
			return n, part.units(), err
		},
	}
	for _, c := range w.load.conns {
		for i := range c {
			c[i].units = 1
		}
	}
	m := &measures{}
	err = w.run(fake, o, m)
	left, globErr := filepath.Glob(filepath.Join(o.scratch, "*"))
	require.NoError(t, globErr)
	require.Empty(t, left, "data folders are removed")
	return m, err
}

func TestARunMeasuresEveryStep(t *testing.T) {
	t.Parallel()
	m, err := fakeRun(t, "durable", "each")
	require.NoError(t, err)
	for name, want := range map[string]float64{
		"ingest.missing": 0, "ingest.retries": 0, "query.works.rows": 1, "disk.total": 1, "kill.acked": 5, "kill.lost": 0, "cold.cache_dropped": 0,
	} {
		v, ok := m.value(name)
		require.True(t, ok, name)
		require.Equal(t, want, v, name)
	}
	for _, name := range []string{
		"start.empty", "ingest.lines", "ingest.peak_rss", "ingest.peak_anon", "query.works.p50", "query.works.peak_rss",
		"query.peak_rss", "stop.clean", "start.after_stop", "query.works.cold", "kill.restart",
	} {
		v, _ := m.value(name)
		require.Positive(t, v, name)
	}
	var failed []string
	for _, f := range m.Figures {
		if f.Failed != "" {
			failed = append(failed, f.Name)
		}
	}
	require.Equal(t, "query.fails query.fails.cold", strings.Join(failed, " "), "a failing query does not end the run")
}

func TestWhatAKillLosesIsCounted(t *testing.T) {
	t.Parallel()
	m, err := fakeRun(t, "forgetful", "off")
	require.NoError(t, err)
	lost, _ := m.value("kill.lost")
	require.Equal(t, 5.0, lost)
	_, cold := m.find("query.works.cold")
	require.False(t, cold)
}

func TestAServerThatDoesNotStartIsAnError(t *testing.T) {
	t.Parallel()
	bin, err := os.Executable()
	require.NoError(t, err)
	fake := &target{name: "fake", bin: filepath.Base(bin), ready: "/ready", args: []string{"fake-server", "127.0.0.1:1:1", "{data}", ""}}
	s, err := newServer(fake, smallOptions(t, "-bin", filepath.Dir(bin), "-scratch", t.TempDir()))
	require.NoError(t, err)
	_, err = s.start(startLimit)
	require.ErrorContains(t, err, "fake exited at start, see "+s.dir)
}
