package syslog

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"os"
	"slices"
	"sync"
	"time"

	"github.com/oriel-obs/oriel/ingest"
	"github.com/oriel-obs/oriel/ingest/logrecord"
	"github.com/oriel-obs/oriel/internal/conns"
	"github.com/oriel-obs/oriel/model"
)

// A Server reads messages from sockets and stores them.
type Server struct {
	sockets *Sockets
	config  Config
	limits  ingest.Limits
	sink    *logrecord.Sink
	records *logrecord.Collector
	conns   *conns.Server
	host    string // of this machine, for messages from Unix sockets
}

// New returns a Server of s, which it closes at the end of Run. s was opened
// with c.
func New(s *Sockets, c Config, o logrecord.Options) *Server {
	sink := logrecord.NewSink("syslog", o)
	host, _ := os.Hostname() // without one the label is left out
	return &Server{
		sockets: s, config: c, limits: o.Limits, sink: sink, records: logrecord.NewCollector(sink), host: host,
		conns: conns.New(conns.Limits{Max: c.MaxConnections, MaxPerPeer: c.MaxConnectionsPerPeer, Idle: c.IdleTimeout}, func(why string) {
			sink.Reject(context.Background(), ingest.ReasonOverload, 1, why)
		}),
	}
}

// Run reads until ctx ends, then closes the sockets and stores what has
// arrived. It returns early when a socket fails.
func (s *Server) Run(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var (
		readers sync.WaitGroup
		failed  = make(chan error, len(s.sockets.streams)+len(s.sockets.packets)*packetReaders)
	)
	for _, st := range s.sockets.streams {
		readers.Go(func() {
			failed <- s.conns.Serve(st, func(c net.Conn) { s.read(c, st) })
		})
	}
	for _, p := range s.sockets.packets {
		for range packetReaders {
			readers.Go(func() { failed <- s.readPackets(p) })
		}
	}
	stored := make(chan struct{})
	go func() {
		defer close(stored)
		s.records.Store(ctx)
	}()

	var err error
	select {
	case <-ctx.Done():
	case err = <-failed:
	}
	err = errors.Join(err, s.sockets.Close())
	s.conns.Close()
	s.records.End()
	readers.Wait()
	s.conns.Wait()
	cancel()
	<-stored
	last, cancel := context.WithTimeout(context.Background(), lastWait)
	defer cancel()
	s.records.Flush(last) // what the last readers left
	return err
}

// lastWait is how long a busy store is asked to take what came last.
const lastWait = 10 * time.Second

// packetReaders is the number of goroutines that read one socket of datagrams.
const packetReaders = 2

// newParser returns the parser of one connection, or of one reader of packets.
func (s *Server) newParser(l Listener) *parser {
	zone, err := time.LoadLocation(l.TimeZone)
	if err != nil { // Validate has loaded it
		zone = time.UTC
	}
	ps := &parser{limits: s.limits, zone: zone}
	for _, name := range slices.Sorted(maps.Keys(l.Labels)) {
		ps.labels = append(ps.labels, model.Attr{Key: name, Value: model.String(l.Labels[name])})
	}
	return ps
}

// readPackets reads datagrams, a message each, until the socket is closed.
func (s *Server) readPackets(p packets) error {
	buf := make([]byte, 64<<10)
	ps := s.newParser(p.l)
	var (
		rec  logrecord.Record
		kept texts
	)
	for {
		n, addr, err := p.ReadFrom(buf)
		if err != nil {
			if errors.Is(err, net.ErrClosed) {
				return nil
			}
			return err
		}
		msg := kept.keep(bytes.TrimLeft(buf[:n], "\r\n\x00 "))
		if msg == "" {
			continue
		}
		ps.parse(msg, s.peerOf(addr), time.Now(), &rec)
		s.records.Add(&rec, n, p.l.Network == "unixgram")
	}
}

func (s *Server) peerOf(addr net.Addr) peer {
	if ip := conns.PeerIP(addr); ip != "" {
		return peer{host: ip, ip: ip}
	}
	return peer{host: s.host}
}

// handshakeTimeout bounds the start of a TLS connection.
const handshakeTimeout = 10 * time.Second

// read takes messages off conn until it ends.
func (s *Server) read(conn net.Conn, st stream) {
	p := s.peerOf(conn.RemoteAddr())
	err := s.messages(conn, &p, st)
	var ne net.Error
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, net.ErrClosed) || errors.As(err, &ne) {
		return // it left, or was silent for too long
	}
	s.sink.Reject(context.Background(), reasonOf(err), 1, fmt.Sprintf("read from %s: %v", p.host, err))
}

// messages stores what comes over conn. The error says why it ended.
func (s *Server) messages(conn net.Conn, p *peer, st stream) error {
	if st.tls != nil {
		tc := tls.Server(conn, st.tls)
		ctx, cancel := context.WithTimeout(context.Background(), handshakeTimeout)
		defer cancel()
		if err := tc.HandshakeContext(ctx); err != nil {
			return errors.New("TLS handshake: " + err.Error()) // not wrapped: a refused certificate is a net.Error too
		}
		if certs := tc.ConnectionState().PeerCertificates; len(certs) > 0 {
			p.cn = certs[0].Subject.CommonName
		}
		conn = tc
	}
	frames, err := newFrameReader(conn, s.config.MaxMessageBytes, func() {
		s.sink.Reject(context.Background(), ingest.ReasonTooLarge, 1, fmt.Sprintf("message from %s is longer than %d bytes", p.host, s.config.MaxMessageBytes))
	})
	ps := s.newParser(st.l)
	var (
		rec  logrecord.Record
		kept texts
	)
	for err == nil {
		var frame []byte
		if frame, err = frames.next(); err == nil {
			ps.parse(kept.keep(frame), *p, time.Now(), &rec)
			s.records.Add(&rec, len(frame), true)
		}
	}
	return err
}

func reasonOf(err error) string {
	if errors.Is(err, errTooLong) || errors.Is(err, errInflates) {
		return ingest.ReasonTooLarge
	}
	return ingest.ReasonMalformed
}
