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
	"time"

	"github.com/coder/websocket"

	"github.com/oriel-obs/oriel/internal/fault"
	"github.com/oriel-obs/oriel/query/logql"
)

const (
	maxDelay      = 5 * time.Second
	tailPoll      = 500 * time.Millisecond
	tailPing      = time.Second
	tailLife      = time.Hour
	tailWrite     = 10 * time.Second
	maxTails      = 100
	tailOverlap   = 5 * time.Second // how late a line may arrive and still be seen
	maxTailReport = 1000            // dropped lines told in one frame
)

// tail serves a WebSocket with the lines of a query as they come: first those
// since start, then new ones, oldest first. The store has no notifications,
// so it is asked twice a second.
func (a *API) tail(w http.ResponseWriter, r *http.Request) error {
	q, err := a.tailQuery(r)
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
	err = q.run(ctx, conn)
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		_ = conn.Close(websocket.StatusNormalClosure, "tail has reached its greatest age")
	case err != nil && ctx.Err() == nil:
		_ = conn.Close(websocket.StatusInternalError, closeReason(err))
	}
	return nil
}

// closeReason fits the 123 bytes that a close frame has for it.
func closeReason(err error) string {
	s := err.Error()
	return s[:min(len(s), 120)]
}

type tailer struct {
	api   *API
	expr  *logql.LogExpr
	enc   encoding
	limit int
	from  int64 // ns; lines before it are done with
	delay time.Duration

	sent map[tailKey]bool // lines sent that may be seen again
}

type tailKey struct {
	time         int64
	labels, line string
}

func (a *API) tailQuery(r *http.Request) (*tailer, error) {
	expr, err := logql.ParseLog(r.Form.Get("query"))
	if err != nil {
		return nil, err
	}
	t := &tailer{api: a, expr: expr, sent: map[tailKey]bool{}, enc: encoding{categorize: categorized(r), forward: true}}
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

func (t *tailer) run(ctx context.Context, conn *websocket.Conn) error {
	poll := time.NewTicker(tailPoll)
	defer poll.Stop()
	ping := time.NewTicker(tailPing)
	defer ping.Stop()
	backlog := true
	for {
		if err := t.send(ctx, conn, backlog); err != nil {
			return err
		}
		backlog = false
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-poll.C:
		case <-ping.C:
			ctx, cancel := context.WithTimeout(ctx, tailWrite)
			err := conn.Ping(ctx)
			cancel()
			if err != nil {
				return err
			}
		}
	}
}

// send asks for lines that have come and sends them. Of a backlog the newest
// lines count; later, lines over what a frame may hold are dropped and told.
func (t *tailer) send(ctx context.Context, conn *websocket.Conn, backlog bool) error {
	until := t.api.now().Add(-t.delay).UnixNano()
	if until <= t.from {
		return nil
	}
	p := logql.Params{Start: t.from, End: until, Limit: t.limit}
	if !backlog {
		p.Limit, p.Forward = t.api.limits.MaxLines, true
	}
	res, err := t.api.engine.Range(ctx, t.expr, p)
	if err != nil {
		return err
	}
	lines := t.fresh(res.Streams)
	slices.SortStableFunc(lines, func(x, y tailLine) int {
		switch {
		case x.entry.Time < y.entry.Time:
			return -1
		case x.entry.Time > y.entry.Time:
			return 1
		}
		return 0
	})
	var dropped []tailLine
	if most := max(t.limit, 1000); len(lines) > most {
		dropped, lines = lines[most:], lines[:most]
	}
	t.forget(until)
	if len(lines) == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, tailWrite)
	defer cancel()
	return conn.Write(ctx, websocket.MessageText, t.frame(lines, dropped))
}

type tailLine struct {
	stream *logql.Stream
	entry  logql.Entry
}

// fresh returns the lines that have not been seen yet.
func (t *tailer) fresh(streams []logql.Stream) []tailLine {
	var out []tailLine
	for i := range streams {
		s := &streams[i]
		id := s.Labels.String()
		for _, en := range s.Entries {
			k := tailKey{en.Time, id, en.Line}
			if !t.sent[k] {
				t.sent[k] = true
				out = append(out, tailLine{s, en})
			}
		}
	}
	return out
}

// forget moves on to what a late line may still be near of.
func (t *tailer) forget(until int64) {
	t.from = max(t.from, until-int64(tailOverlap))
	for k := range t.sent {
		if k.time < t.from {
			delete(t.sent, k)
		}
	}
}

func (t *tailer) frame(lines, dropped []tailLine) []byte {
	var buf bytes.Buffer
	e := &encoder{w: bufio.NewWriter(&buf)}
	var streams []logql.Stream
	index := map[*logql.Stream]int{}
	for _, l := range lines {
		i, ok := index[l.stream]
		if !ok {
			i = len(streams)
			index[l.stream] = i
			streams = append(streams, logql.Stream{Labels: l.stream.Labels})
		}
		streams[i].Entries = append(streams[i].Entries, l.entry)
	}
	e.raw(`{"streams":`)
	e.streams(streams, t.enc)
	if t.enc.categorize {
		e.raw(`,"encodingFlags":["categorize-labels"]`)
	}
	if len(dropped) > 0 {
		e.raw(`,"dropped_entries":[`)
		for i, l := range dropped[:min(len(dropped), maxTailReport)] {
			e.comma(i)
			e.raw(`{"labels":`)
			e.labels(l.stream.Labels)
			e.raw(`,"timestamp":`)
			e.str(strconv.FormatInt(l.entry.Time, 10))
			e.raw("}")
		}
		e.raw("]")
	}
	e.raw("}")
	_ = e.w.Flush() // into memory
	return buf.Bytes()
}
