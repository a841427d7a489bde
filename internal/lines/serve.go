package lines

import (
	"bytes"
	"context"
	"errors"
	"net"
	"os"
	"sync"
	"time"

	"github.com/oriel-obs/oriel/internal/conns"
)

// A Reader takes the lines of one connection, or of one socket of datagrams.
// It is used by one goroutine.
type Reader interface {
	// Line takes a line without its end; never an empty one. The bytes are
	// valid until it returns.
	Line(line []byte)

	// TooLong is told of a line over the limit, once, with its beginning.
	TooLong(start []byte)

	// Flush is called when no line is at hand, and at the end.
	Flush()
}

// Options say how lines are read.
type Options struct {
	Conns        conns.Limits
	MaxLineBytes int              // on a stream; a datagram is never too long
	NewReader    func() Reader    // for each connection and socket of datagrams
	Refused      func(why string) // is told of connections beyond the limits
}

// Serve reads lines from s until ctx ends, then closes s. It returns early when
// a socket fails.
func (s *Sockets) Serve(ctx context.Context, o Options) error {
	var (
		readers sync.WaitGroup
		streams = conns.New(o.Conns, o.Refused)
		failed  = make(chan error, 1+len(s.packets))
	)
	if s.stream != nil {
		readers.Go(func() {
			failed <- streams.Serve(s.stream, func(c net.Conn) { readStream(c, o.NewReader(), o.MaxLineBytes) })
		})
	}
	for _, p := range s.packets {
		readers.Go(func() { failed <- readPackets(p, o.NewReader()) })
	}
	var err error
	select {
	case <-ctx.Done():
	case err = <-failed:
	}
	err = errors.Join(err, s.Close())
	streams.Close()
	readers.Wait()
	streams.Wait()
	return err
}

// readBytes is how much of a stream is read at once.
const readBytes = 64 << 10

// readStream hands the lines of conn to r until it ends. Whatever one read
// brought comes before a Flush.
func readStream(conn net.Conn, r Reader, maxBytes int) {
	defer r.Flush()
	var (
		buf  = make([]byte, max(readBytes, maxBytes+2))
		n    = 0     // bytes of buf that wait for the end of their line
		skip = false // the rest of a line that was too long
	)
	for {
		got, err := conn.Read(buf[n:])
		rest := buf[:n+got]
		for {
			line, after, ended := bytes.Cut(rest, []byte("\n"))
			if !ended && (err == nil || skip) {
				break
			}
			switch {
			case skip:
				skip = false
			case len(line) > maxBytes+1:
				r.TooLong(line)
			default:
				give(r, line)
			}
			if rest = after; !ended {
				break
			}
		}
		if err != nil {
			return // what the stream broke off within was a line too
		}
		if len(rest) > maxBytes+1 || skip {
			if !skip {
				r.TooLong(rest)
			}
			skip, rest = true, nil
		}
		n = copy(buf, rest)
		r.Flush()
	}
}

// gatherFor bounds how long the lines of datagrams wait for a Flush.
const gatherFor = 50 * time.Millisecond

// readPackets hands the lines of datagrams to r until the socket is closed.
func readPackets(p net.PacketConn, r Reader) error {
	defer r.Flush()
	buf := make([]byte, 64<<10)
	waiting := false // lines for a Flush
	for {
		n, _, err := p.ReadFrom(buf)
		switch {
		case errors.Is(err, net.ErrClosed):
			return nil
		case errors.Is(err, os.ErrDeadlineExceeded):
			r.Flush()
			waiting = false
			if err := p.SetReadDeadline(time.Time{}); err != nil && !errors.Is(err, net.ErrClosed) {
				return err
			}
			continue
		case err != nil:
			return err
		}
		for line := range bytes.SplitSeq(buf[:n], []byte("\n")) {
			give(r, line)
		}
		if !waiting {
			waiting = true
			if err := p.SetReadDeadline(time.Now().Add(gatherFor)); err != nil && !errors.Is(err, net.ErrClosed) {
				return err
			}
		}
	}
}

func give(r Reader, line []byte) {
	if line = bytes.TrimRight(line, "\r\x00"); len(line) > 0 {
		r.Line(line)
	}
}
