package lokiapi

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/coder/websocket"

	"github.com/oriel-obs/oriel/internal/fault"
	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/query/logql"
	"github.com/oriel-obs/oriel/storage"
)

// A Feed shows log records as they are stored.
type Feed interface {
	// Follow returns what is stored from now on until ctx ends, which closes
	// the channel. wants says which streams are asked for.
	Follow(ctx context.Context, wants func(*model.Stream) bool) <-chan storage.Arrival
}

const (
	maxDelay   = 5 * time.Second
	tailFlush  = 200 * time.Millisecond // between frames
	tailPing   = time.Second
	tailLife   = time.Hour
	tailWrite  = 10 * time.Second
	maxTails   = 200
	frameLines = 5000            // most lines in a frame
	frameBytes = 4 << 20         // of text in a frame, unless a line alone has more
	maxHeld    = 100_000         // lines that wait for delay_for; of more, the first do not
	borderTime = 5 * time.Second // how long a line of the backlog may come again
)

// tail serves a WebSocket with the lines of a query as they come: first those
// since start, then new ones as they are stored, oldest first in each frame.
// A client that is too slow misses lines, and is told of them.
func (a *API) tail(w http.ResponseWriter, r *http.Request) error {
	t, err := a.tailQuery(r)
	if err != nil {
		return err
	}
	if !a.tails.TryAcquire(1) {
		return fmt.Errorf("max concurrent tail requests limit exceeded, count > limit (%d): %w", maxTails, fault.ErrOverloaded)
	}
	defer a.tails.Release(1)
	// Unlike Loki's, pages of other origins are refused: a browser would let any
	// of them read the logs of a server on its machine.
	conn, err := websocket.Accept(w, r, nil)
	if err != nil {
		return nil // Accept has answered
	}
	defer func() { _ = conn.CloseNow() }() // closed already, mostly
	// Clients send nothing; reading notices that they are gone.
	ctx, cancel := context.WithTimeout(conn.CloseRead(r.Context()), tailLife)
	defer cancel()
	t.conn = conn
	err = t.run(ctx)
	switch {
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		_ = conn.Close(websocket.StatusNormalClosure, "tail has reached its greatest age")
	case err != nil && ctx.Err() == nil:
		_ = conn.Close(websocket.StatusInternalError, closeReason(err))
	}
	return nil
}

// closeReason fits the 123 bytes that a close frame has for it.
func closeReason(err error) string {
	s := err.Error()
	return strings.ToValidUTF8(s[:min(len(s), 120)], "")
}

type tailer struct {
	api      *API
	expr     *logql.LogExpr
	follower *logql.Follower
	enc      encoding
	limit    int   // lines of the backlog
	from     int64 // ns; start of the backlog
	delay    time.Duration
	conn     *websocket.Conn

	held     []heldLine          // not sent yet, in order of arrival
	missed   []storage.MissedRow // not told yet
	unlisted int64               // missed besides those
	sent     map[tailKey]int     // lines of the backlog, while they may come again
	key      []byte
}

type heldLine struct {
	logql.Line
	arrived time.Time
}

// A tailKey tells lines apart.
type tailKey struct {
	time         int64
	labels, line string
}

func (t *tailer) keyOf(l logql.Line) tailKey {
	t.key = l.Labels.Bytes(t.key)
	return tailKey{l.Time, string(t.key), l.Line}
}

func (a *API) tailQuery(r *http.Request) (*tailer, error) {
	expr, err := logql.ParseLog(r.Form.Get("query"))
	if err != nil {
		return nil, err
	}
	t := &tailer{api: a, expr: expr, sent: map[tailKey]int{}, enc: encoding{categorize: categorized(r), forward: true}}
	if t.follower, err = logql.NewFollower(expr); err != nil {
		return nil, err
	}
	if t.limit, err = positive(r, "limit", defaultLimit); err != nil {
		return nil, err
	}
	if t.limit > a.limits.MaxLines {
		return nil, badRequest("max entries limit per query exceeded, limit > query.max_lines (%d > %d)", t.limit, a.limits.MaxLines)
	}
	if t.from, err = a.timeParam(r, "start", a.now().Add(-defaultSince).UnixNano()); err != nil {
		return nil, err
	}
	if s := r.Form.Get("delay_for"); s != "" {
		if t.delay, err = seconds(s); err != nil {
			return nil, err
		}
	}
	if t.delay < 0 || t.delay > maxDelay {
		return nil, badRequest("delay_for can't be greater than %.0f", maxDelay.Seconds())
	}
	return t, nil
}

func (t *tailer) run(ctx context.Context) error {
	// Following before asking loses nothing in between; what comes both ways is
	// known by t.sent.
	arrivals := t.api.feed.Follow(ctx, t.follower.Selects)
	if err := t.backlog(ctx); err != nil {
		return err
	}
	flush, ping, border := time.NewTicker(tailFlush), time.NewTicker(tailPing), time.NewTimer(borderTime)
	defer flush.Stop()
	defer ping.Stop()
	defer border.Stop()
	for {
		if err := t.flush(ctx); err != nil {
			return err
		}
		for waiting := true; waiting; {
			select {
			case a, ok := <-arrivals:
				if !ok {
					return ctx.Err()
				}
				if err := t.take(ctx, a); err != nil {
					return err
				}
				waiting = len(t.held) < frameLines || t.delay > 0 && len(t.held) < maxHeld
			case <-flush.C:
				waiting = false
			case <-border.C:
				t.sent = nil
			case <-ping.C:
				if err := t.ping(ctx); err != nil {
					return err
				}
			}
		}
	}
}

func (t *tailer) ping(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, tailWrite)
	defer cancel()
	return t.conn.Ping(ctx)
}

// backlog holds the newest lines since t.from.
func (t *tailer) backlog(ctx context.Context) error {
	p := logql.Params{Start: t.from, End: t.api.now().UnixNano(), Limit: t.limit}
	if p.Start >= p.End {
		return nil
	}
	for l, err := range t.api.engine.Lines(ctx, t.expr, p) {
		if err != nil {
			return err
		}
		t.held = append(t.held, heldLine{Line: l})
		t.sent[t.keyOf(l)]++
	}
	slices.Reverse(t.held)
	return nil
}

// take holds the lines of an arrival that the query keeps.
func (t *tailer) take(ctx context.Context, a storage.Arrival) error {
	t.missed = append(t.missed, a.Missed...)
	t.unlisted += a.MissedCount - int64(len(a.Missed))
	if a.Batch == nil {
		return nil
	}
	now := t.api.now()
	return t.follower.Lines(ctx, a.Batch, a.Rows, func(l logql.Line) bool {
		if len(t.sent) > 0 {
			// One that came both ways; equal lines that came later are lines
			// of their own.
			if key := t.keyOf(l); t.sent[key] > 0 {
				t.sent[key]--
				return true
			}
		}
		t.held = append(t.held, heldLine{l, now})
		return true
	})
}

// flush sends the lines that have been held long enough.
func (t *tailer) flush(ctx context.Context) error {
	until := t.api.now().Add(-t.delay)
	due := max(0, len(t.held)-maxHeld)
	for due < len(t.held) && !t.held[due].arrived.After(until) {
		due++
	}
	ready := t.held[:due]
	slices.SortStableFunc(ready, func(x, y heldLine) int {
		switch {
		case x.Time < y.Time:
			return -1
		case x.Time > y.Time:
			return 1
		}
		return 0
	})
	for len(ready) > 0 || len(t.missed) > 0 {
		n := frameOf(ready)
		m := min(len(t.missed), storage.MaxMissed)
		if err := t.write(ctx, t.frame(ready[:n], t.missed[:m])); err != nil {
			return err
		}
		ready, t.missed, t.unlisted = ready[n:], t.missed[m:], 0
	}
	t.held = slices.Delete(t.held, 0, due)
	return nil
}

// frameOf returns how many of lines make a frame.
func frameOf(lines []heldLine) int {
	n, size := 0, 0
	for n < min(len(lines), frameLines) && (n == 0 || size+len(lines[n].Line.Line) <= frameBytes) {
		size += len(lines[n].Line.Line)
		n++
	}
	return n
}

func (t *tailer) write(ctx context.Context, frame []byte) error {
	ctx, cancel := context.WithTimeout(ctx, tailWrite)
	defer cancel()
	return t.conn.Write(ctx, websocket.MessageText, frame)
}

func (t *tailer) frame(lines []heldLine, missed []storage.MissedRow) []byte {
	var streams []logql.Stream
	index := map[string]int{}
	for _, l := range lines {
		t.key = l.Labels.Bytes(t.key)
		i, ok := index[string(t.key)]
		if !ok {
			i = len(streams)
			index[string(t.key)] = i
			streams = append(streams, logql.Stream{Labels: l.Labels})
		}
		streams[i].Entries = append(streams[i].Entries, l.Entry)
	}
	var buf bytes.Buffer
	e := &encoder{w: bufio.NewWriter(&buf)}
	e.raw(`{"streams":`)
	e.streams(streams, t.enc)
	if t.enc.categorize {
		e.raw(`,"encodingFlags":["categorize-labels"]`)
	}
	if len(missed) > 0 {
		e.raw(`,"dropped_entries":[`)
		for i, row := range missed {
			e.comma(i)
			e.raw(`{"labels":`)
			e.labels(labelsOf(row.Stream))
			e.raw(`,"timestamp":`)
			e.str(strconv.FormatInt(row.Time, 10))
			e.raw("}")
		}
		e.raw(`],"dropped_count":`)
		e.raw(strconv.FormatInt(int64(len(missed))+t.unlisted, 10))
	}
	e.raw("}")
	_ = e.w.Flush() // into memory
	return buf.Bytes()
}
