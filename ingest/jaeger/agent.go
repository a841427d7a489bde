package jaeger

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"sync/atomic"

	"github.com/oriel-obs/oriel/internal/fault"
)

// An Agent reads packets as Jaeger's agent does.
type Agent struct {
	rc      *Receiver
	sockets []socket
	packets chan packet
	waiting atomic.Int64 // bytes in packets
}

type socket struct {
	net.PacketConn
	encoding encoding
}

type packet struct {
	body     []byte
	encoding encoding
}

// Bounds of an Agent: what waits to be stored, what is stored at once, and
// what the system keeps, which may be less than asked for.
const (
	maxWaiting      = 4096     // packets
	maxWaitingBytes = 32 << 20 // of them all
	maxTogether     = 256
	packetBytes     = 65_535 // UDP has no larger ones
	readBufferBytes = 4 << 20
)

// Agent returns an Agent that reads packets of thrift's compact protocol from
// one socket and of its binary one from the other. Either may be nil. Run
// closes them.
func (rc *Receiver) Agent(ofCompact, ofBinary net.PacketConn) *Agent {
	a := &Agent{rc: rc, packets: make(chan packet, maxWaiting)}
	for _, s := range []socket{{ofCompact, compact}, {ofBinary, binary}} {
		if s.PacketConn == nil {
			continue
		}
		if c, ok := s.PacketConn.(interface{ SetReadBuffer(int) error }); ok {
			_ = c.SetReadBuffer(readBufferBytes) // a larger one outlives a longer stall of ours
		}
		a.sockets = append(a.sockets, s)
	}
	return a
}

// Run reads until ctx ends, closes the sockets and stores what has arrived. It
// returns early if a socket fails.
func (a *Agent) Run(ctx context.Context) error {
	failed := make(chan error, len(a.sockets))
	var readers, writer sync.WaitGroup
	for _, s := range a.sockets {
		readers.Go(func() { failed <- a.read(s) })
	}
	// A packet that is read is stored, whoever stops.
	writer.Go(func() { a.write(context.WithoutCancel(ctx)) })
	var err error
	select {
	case <-ctx.Done():
	case err = <-failed:
	}
	for _, s := range a.sockets {
		if e := s.Close(); !errors.Is(e, net.ErrClosed) {
			err = errors.Join(err, e)
		}
	}
	readers.Wait()
	close(a.packets)
	writer.Wait()
	return err
}

// read queues the packets of s until it is closed. Nobody waits for an answer:
// where the store cannot follow, packets are dropped and counted.
func (a *Agent) read(s socket) error {
	buf := make([]byte, packetBytes)
	for {
		n, _, err := s.ReadFrom(buf)
		if errors.Is(err, net.ErrClosed) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read packets of %s: %w", s.LocalAddr(), err)
		}
		if !a.queue(buf[:n], s.encoding) {
			_ = a.rc.agent.Refuse(context.Background(), fmt.Errorf("packet dropped: too many wait to be stored: %w", fault.ErrOverloaded))
		}
	}
}

// queue reports whether there was room for the packet.
func (a *Agent) queue(body []byte, e encoding) bool {
	size := int64(len(body))
	if a.waiting.Add(size) <= maxWaitingBytes {
		select {
		case a.packets <- packet{bytes.Clone(body), e}:
			return true
		default:
		}
	}
	a.waiting.Add(-size)
	return false
}

// write stores packets, those that wait at the same time together: a write
// costs a sync of the disk.
func (a *Agent) write(ctx context.Context) {
	for p := range a.packets {
		b := newBatch(a.rc.agent)
		a.add(b, p)
	together:
		for range maxTogether - 1 {
			select {
			case next, more := <-a.packets:
				if !more {
					break together
				}
				a.add(b, next)
			default:
				break together
			}
		}
		_ = b.store(ctx, a.rc.agent) // counted
	}
}

// add adds the spans of p to b, or counts it as refused.
func (a *Agent) add(b *batch, p packet) {
	a.waiting.Add(-int64(len(p.body)))
	sent, err := decodePacket(p.body, p.encoding)
	if err == nil {
		err = b.addThrift(sent, len(p.body))
	}
	if err != nil {
		_ = a.rc.agent.Refuse(context.Background(), err)
	}
}
