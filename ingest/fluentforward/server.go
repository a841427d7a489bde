package fluentforward

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"time"

	"github.com/tinylib/msgp/msgp"

	"github.com/oriel-obs/oriel/ingest"
	"github.com/oriel-obs/oriel/ingest/logrecord"
	"github.com/oriel-obs/oriel/internal/conns"
	"github.com/oriel-obs/oriel/internal/fault"
)

// A Server reads messages from the connections of a listener.
type Server struct {
	listener net.Listener
	sink     *logrecord.Sink
	reader   *logrecord.Reader
	conns    *conns.Server
	maxBytes int64 // of a message, compressed or not
}

// New returns a Server of l, which it closes at the end of Run.
func New(l net.Listener, c Config, o logrecord.Options) *Server {
	sink := logrecord.NewSink("fluent", o)
	labels := logrecord.OriginFields()
	for field, label := range map[string]string{"container_name": "container_name", "_HOSTNAME": "hostname", "SYSLOG_IDENTIFIER": "app_name"} {
		labels[field] = label
	}
	return &Server{
		listener: l, sink: sink, maxBytes: o.Limits.MaxBodyBytes,
		reader: logrecord.NewReader(logrecord.Mapping{
			Body: []string{"log", "message", "msg", "MESSAGE"}, Labels: labels,
			Rename: map[string]string{"trace.id": "trace_id", "span.id": "span_id"},
		}),
		conns: conns.New(conns.Limits{Max: c.MaxConnections, MaxPerPeer: c.MaxConnectionsPerPeer, Idle: c.IdleTimeout}, func(why string) {
			sink.Reject(context.Background(), ingest.ReasonOverload, 1, why)
		}),
	}
}

// Run serves until ctx ends. Messages that are read in full by then are
// stored.
func (s *Server) Run(ctx context.Context) error {
	failed := make(chan error, 1)
	// A message that is read is stored, whoever stops.
	work := context.WithoutCancel(ctx)
	go func() { failed <- s.conns.Serve(s.listener, func(c net.Conn) { s.read(work, c) }) }()
	var err error
	select {
	case <-ctx.Done():
		if err = s.listener.Close(); errors.Is(err, net.ErrClosed) {
			err = nil
		}
		err = errors.Join(err, <-failed)
	case err = <-failed:
	}
	s.conns.Close()
	s.conns.Wait()
	return err
}

// Bounds of the reader: its buffer, and how deep a message nests.
const (
	readBufferBytes = 64 << 10
	maxDepth        = 64
)

// read takes messages off conn until it ends.
func (s *Server) read(ctx context.Context, conn net.Conn) {
	r := msgp.NewReaderSize(conn, readBufferBytes)
	r.SetMaxRecursionDepth(maxDepth)
	for {
		// A new buffer each time: the rows refer to it.
		message := &bounded{room: s.maxBytes}
		_, err := r.CopyNext(message)
		var ne net.Error
		if errors.Is(err, io.EOF) || errors.Is(err, net.ErrClosed) || errors.As(err, &ne) || errors.Is(err, msgp.ErrShortBytes) || errors.Is(err, io.ErrUnexpectedEOF) {
			return // it left, or was silent for too long
		}
		if err != nil {
			if !errors.Is(err, fault.ErrTooLarge) {
				err = fmt.Errorf("not a message of the forward protocol: %w: %w", err, fault.ErrInvalid)
			}
			_ = s.sink.Refuse(ctx, err) // nothing after it could be told apart
			return
		}
		if s.message(ctx, conn, message.Bytes()) != nil {
			return // counted; the sender keeps what is not acknowledged
		}
	}
}

// message stores one message and acknowledges it. After an error the
// connection is of no more use.
func (s *Server) message(ctx context.Context, conn net.Conn, b []byte) error {
	m, err := parseMessage(b, s.maxBytes)
	if err != nil {
		return s.sink.Refuse(ctx, err)
	}
	if m == nil {
		return nil // a heartbeat
	}
	if err := s.store(ctx, m, len(b)); err != nil {
		return err
	}
	if m.chunk == "" {
		return nil
	}
	ack := msgp.AppendString(msgp.AppendString(msgp.AppendMapHeader(nil, 1), "ack"), m.chunk)
	_, err = conn.Write(ack)
	return err
}

// storeRows is how many rows are stored at once. The smallest entry has a few
// bytes, and a row of it many times as many in memory.
const storeRows = 1 << 16

// store stores the entries of a message of size bytes, a part after the other.
// Of one that fails, those before it are stored; the sender sends it again.
func (s *Server) store(ctx context.Context, m *message, size int) error {
	now := time.Now()
	for {
		rows := s.sink.Begin(64, now)
		more, err := s.entries(m, rows)
		if err != nil {
			return s.sink.Refuse(ctx, err)
		}
		if err := rows.Store(ctx, size); err != nil || !more {
			return err
		}
		size = 0 // counted
	}
}

// A bounded buffer takes so many bytes and no more.
type bounded struct {
	bytes.Buffer
	room int64
}

// Write implements io.Writer.
func (b *bounded) Write(p []byte) (int, error) {
	if int64(len(p)) > b.room {
		return 0, fmt.Errorf("message is larger than the limit: %w", fault.ErrTooLarge)
	}
	b.room -= int64(len(p))
	return b.Buffer.Write(p)
}

// ReadFrom implements io.ReaderFrom.
func (b *bounded) ReadFrom(r io.Reader) (int64, error) {
	n, err := b.Buffer.ReadFrom(io.LimitReader(r, b.room+1))
	if b.room -= n; b.room < 0 {
		return n, fmt.Errorf("message is larger than the limit: %w", fault.ErrTooLarge)
	}
	return n, err
}
