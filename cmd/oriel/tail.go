package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/cenkalti/backoff/v5"
	"github.com/coder/websocket"
)

// tailCmd is `oriel tail`.
type tailCmd struct {
	colorFlag
	serverFlags
	Output string        `help:"What to print: text, or json for an object per line." short:"o" default:"text" enum:"text,json"`
	Since  time.Duration `help:"How far back to begin." default:"1h"`
	Limit  int           `help:"Most lines from before now." short:"n" default:"10"`
	Count  int           `help:"End after so many lines; 0 goes on until interrupted."`
	Query  string        `arg:"" help:"A LogQL query for lines."`
}

// maxFrame bounds what one message of the server may hold.
const maxFrame = 256 << 20

// errEnough ends a tail that has printed as many lines as it should.
var errEnough = errors.New("enough lines")

// A refusedError is the server's answer to a tail that it will not serve.
type refusedError struct{ msg string }

func (e *refusedError) Error() string { return e.msg }

// Run prints lines as they come until ctx ends. A connection that breaks is
// made anew, and goes on where it broke.
func (c *tailCmd) Run(ctx context.Context, s streams) error {
	t := tailing{cmd: c, s: s, printer: newLinePrinter(s.out, c.colored()), from: time.Now().Add(-c.Since).UnixNano(), limit: c.Limit}
	waits := backoff.NewExponentialBackOff()
	_, err := backoff.Retry(ctx, func() (struct{}, error) {
		before := t.lines
		err := t.connect(ctx)
		var refused *refusedError
		switch {
		case ctx.Err() != nil, errors.Is(err, errEnough):
			return struct{}{}, nil
		case errors.As(err, &refused):
			return struct{}{}, backoff.Permanent(err)
		case !t.connected:
			return struct{}{}, backoff.Permanent(fmt.Errorf("ask %s: %w", c.Server, err))
		case t.lines > before:
			waits.Reset()
		}
		return struct{}{}, err
	}, backoff.WithBackOff(waits), backoff.WithMaxElapsedTime(0), backoff.WithNotify(func(err error, d time.Duration) {
		fmt.Fprintf(s.err, "oriel: the connection ended (%v); trying again in %v\n", err, d.Round(time.Millisecond))
	}))
	if ctx.Err() != nil {
		return nil // this is how a tail ends
	}
	return err
}

// tailing is a tail over all its connections.
type tailing struct {
	cmd       *tailCmd
	s         streams
	printer   *linePrinter
	connected bool
	from      int64          // ns since the Unix epoch: where the next connection begins
	last      map[string]int // lines of that time that were printed
	again     map[string]int // those of them that the connection will show again
	limit     int            // lines from before it that are wanted
	lines     int
}

func (t *tailing) connect(ctx context.Context) error {
	target := t.cmd.url("/loki/api/v1/tail", url.Values{
		"query": {t.cmd.Query}, "start": {strconv.FormatInt(t.from, 10)}, "limit": {strconv.Itoa(t.limit)},
	})
	client, err := t.cmd.client()
	if err != nil {
		return err
	}
	conn, resp, err := websocket.Dial(ctx, target, &websocket.DialOptions{HTTPClient: client})
	if err != nil {
		if resp != nil && resp.StatusCode/100 == 4 {
			body, _ := io.ReadAll(io.LimitReader(resp.Body, 4096)) // what there is of it
			return &refusedError{fmt.Sprintf("%s: %s", resp.Status, strings.TrimSpace(string(body)))}
		}
		return err
	}
	if resp.Body != nil {
		defer resp.Body.Close()
	}
	defer func() { _ = conn.CloseNow() }() // it is over either way
	conn.SetReadLimit(maxFrame)
	t.again = maps.Clone(t.last)
	if !t.connected {
		t.connected, t.limit = true, max(t.limit, 5000) // after a break, all that was missed as far as can be
	}
	for {
		_, frame, err := conn.Read(ctx)
		if err != nil {
			return err
		}
		if err := t.print(frame); err != nil {
			return backoff.Permanent(err)
		}
	}
}

func (t *tailing) print(frame []byte) error {
	var f struct {
		Streams []lokiSeries
		Dropped []json.RawMessage `json:"dropped_entries"`
		Count   int               `json:"dropped_count"` // Loki does not say
	}
	if err := json.Unmarshal(frame, &f); err != nil {
		return fmt.Errorf("decode answer: %w", err)
	}
	if n := max(len(f.Dropped), f.Count); n > 0 {
		fmt.Fprintf(t.s.err, "oriel: %d lines or more came faster than they could be sent\n", n)
	}
	lines, err := linesOf(f.Streams)
	if err != nil {
		return err
	}
	for _, l := range lines {
		if t.printed(l) {
			continue
		}
		t.lines++
		if t.cmd.Output == "text" {
			t.printer.print(l)
		} else if err := printJSON(t.s.out, l); err != nil {
			return err
		}
		if t.lines == t.cmd.Count {
			return errEnough
		}
	}
	return nil
}

// printed reports whether l is there from the connection before, and notes l.
func (t *tailing) printed(l printedLine) bool {
	key := labelText(l.labels) + "\xff" + l.text // which no text has
	if l.at == t.from && t.again[key] > 0 {
		t.again[key]--
		return true
	}
	if l.at > t.from {
		t.from, t.last, t.again = l.at, map[string]int{}, nil
	}
	if l.at == t.from {
		if t.last == nil {
			t.last = map[string]int{}
		}
		t.last[key]++
	}
	return false
}
