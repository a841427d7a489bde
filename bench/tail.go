package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/coder/websocket"
)

const (
	tailAll      = 2                // tails of everything, beside those of a stream or two
	tailPatience = 10 * time.Second // without a line before those missing count as lost
	tailFrame    = 256 << 20        // bytes of a message, at most
)

// A liveTail is a WebSocket that shows lines as they come in.
type liveTail struct {
	query string
	want  int // lines that were sent to its streams

	got, told atomic.Int64 // lines shown, and lines that the server says it dropped
}

// tail pushes lines at a steady rate into the first target, once with nobody
// watching and once under live tails, and says what these cost it. It returns
// an error if a line was neither shown nor said to be dropped.
func tail(o *options, w io.Writer) error {
	t := o.targets[0]
	if t.logs == nil || t.logs.logsql || t.logs.push != lokiPush {
		return fmt.Errorf("%s does not speak Loki's API, which tail needs", t.name)
	}
	one := *o
	one.lines = int(float64(o.rate) * o.lasting.Seconds())
	alone, err := generateLogs(logFormatOf(t.logs.format), &one)
	if err != nil {
		return err
	}
	one.seed++
	watched, err := generateLogs(logFormatOf(t.logs.format), &one)
	if err != nil {
		return err
	}
	s, end, err := started(t, o)
	if err != nil {
		return err
	}
	defer end()
	idle, err := cores(s, alone.load, o)
	if err != nil {
		return err
	}
	s.settle(startLimit)

	tails := liveTails(o, watched.perStream)
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	defer wg.Wait()
	defer cancel()
	for _, lt := range tails {
		conn, err := lt.dial(ctx, s.base)
		if err != nil {
			return err
		}
		wg.Go(func() { lt.read(ctx, conn) })
	}
	busy, err := cores(s, watched.load, o)
	if err != nil {
		return err
	}
	lost := awaitTails(tails)
	shown, told := 0, 0
	for _, lt := range tails {
		shown, told = shown+int(lt.got.Load()), told+int(lt.told.Load())
	}
	fmt.Fprintf(w, "%s: %d tails at %d lines/s: %s cores of the server, %s without them; %d lines shown, %d said to be dropped, %d MB anonymous memory\n",
		t.name, len(tails), o.rate, number(busy), number(idle), shown, told, s.status("RssAnon")/1e6)
	return errors.Join(lost, checkLog(filepath.Join(s.dir, "server.log")))
}

// liveTails returns o.tails tails of one or two streams each and a few of all;
// lines are how many each stream gets.
func liveTails(o *options, lines []int) []*liveTail {
	streams := logStreams(o.streams, o.mix)
	pod := func(i int) string { return streams[i].labels[len(streams[i].labels)-1] }
	var tails []*liveTail
	for i := range o.tails {
		a := i * 2 % len(streams)
		lt := &liveTail{query: fmt.Sprintf("{pod=%q}", pod(a)), want: lines[a]}
		if b := (a + 1) % len(streams); i%2 == 1 && b != a {
			lt = &liveTail{query: fmt.Sprintf("{pod=~%q}", pod(a)+"|"+pod(b)), want: lines[a] + lines[b]}
		}
		tails = append(tails, lt)
	}
	all := 0
	for _, n := range lines {
		all += n
	}
	for range tailAll {
		tails = append(tails, &liveTail{query: `{app=~".+"}`, want: all})
	}
	return tails
}

// dial begins the tail; only what comes from now on is shown.
func (lt *liveTail) dial(ctx context.Context, base string) (*websocket.Conn, error) {
	later := strconv.FormatInt(time.Now().Add(24*time.Hour).UnixNano(), 10)
	conn, _, err := websocket.Dial(ctx, base+"/loki/api/v1/tail?"+url.Values{"query": {lt.query}, "start": {later}}.Encode(), nil)
	if err != nil {
		return nil, fmt.Errorf("tail %s: %w", lt.query, err)
	}
	conn.SetReadLimit(tailFrame)
	return conn, nil
}

// read counts lines until the connection or ctx ends.
func (lt *liveTail) read(ctx context.Context, conn *websocket.Conn) {
	defer func() { _ = conn.CloseNow() }()
	for {
		_, frame, err := conn.Read(ctx)
		if err != nil {
			return // what it does not show is missed at the end
		}
		got, told := countFrame(frame)
		lt.got.Add(int64(got))
		lt.told.Add(int64(told))
	}
}

// countFrame returns how many lines a message shows and how many it says were
// dropped. Within strings quotes are escaped, so that only a line begins with
// a bracket and a quote, and decoding is left undone: the client has to be
// cheaper than the server.
func countFrame(frame []byte) (shown, dropped int) {
	if _, rest, ok := bytes.Cut(frame, []byte(`"dropped_count":`)); ok {
		digits, _, _ := strings.Cut(string(rest[:min(len(rest), 20)]), "}")
		dropped, _ = strconv.Atoi(digits) // of a number, or lines are missing
	}
	return bytes.Count(frame, []byte(`["`)), dropped
}

// awaitTails waits until every line was shown or said to be dropped, or none
// has come for a while, and names the tails that miss some.
func awaitTails(tails []*liveTail) error {
	sum := func() (n int64) {
		for _, lt := range tails {
			n += lt.got.Load() + lt.told.Load()
		}
		return n
	}
	want := 0
	for _, lt := range tails {
		want += lt.want
	}
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	last, since := sum(), time.Now()
	for last != int64(want) && time.Since(since) < tailPatience {
		<-tick.C
		if now := sum(); now != last {
			last, since = now, time.Now()
		}
	}
	var errs []error
	for _, lt := range tails {
		if n := lt.got.Load() + lt.told.Load(); n != int64(lt.want) {
			errs = append(errs, fmt.Errorf("tail %s: %d lines shown or said to be dropped, %d sent", lt.query, n, lt.want))
		}
	}
	return errors.Join(errs...)
}

// cores sends l evenly over o.lasting and returns how many cores the server
// had busy meanwhile.
func cores(s *server, l *load, o *options) (float64, error) {
	client := newClient()
	defer client.CloseIdleConnections()
	errs := make(chan error, len(l.conns))
	begin, cpu := time.Now(), s.cpu()
	var wg sync.WaitGroup
	var retries atomic.Int64
	for _, bodies := range l.conns {
		wg.Go(func() {
			gap := o.lasting / time.Duration(max(len(bodies), 1))
			for i, b := range bodies {
				time.Sleep(time.Until(begin.Add(gap * time.Duration(i))))
				if err := post(client, s.url(0, o.targets[0].logs.push), l.header, b.data, &retries); err != nil {
					errs <- err
					return
				}
			}
		})
	}
	wg.Wait()
	close(errs)
	return (s.cpu() - cpu).Seconds() / time.Since(begin).Seconds(), <-errs
}
