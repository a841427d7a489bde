// Package conns serves the connections of stream listeners within bounds: how
// many there are, how many are of one peer, and how long one may be silent.
package conns

import (
	"errors"
	"fmt"
	"net"
	"sync"
	"syscall"
	"time"
)

// Limits bound the connections of a Server. All are positive, but Idle.
type Limits struct {
	Max        int           // connections at once
	MaxPerPeer int           // of one address; Unix sockets have one together
	Idle       time.Duration // a read that takes longer fails; 0 is for ever
}

// A Server keeps the account of open connections. It is safe for concurrent
// use, and starts no goroutine but those of Serve.
type Server struct {
	limits  Limits
	refused func(why string)

	handlers sync.WaitGroup

	mu     sync.Mutex
	open   map[net.Conn]struct{}
	peers  map[string]int
	closed bool
}

// New returns a Server. refused is told of connections beyond the limits,
// which are closed at once.
func New(l Limits, refused func(why string)) *Server {
	return &Server{limits: l, refused: refused, open: map[net.Conn]struct{}{}, peers: map[string]int{}}
}

// acceptPause is waited when the system has no connection to give.
const acceptPause = 100 * time.Millisecond

// Serve calls handle with each connection of l, in a goroutine of its own, and
// closes the connection afterwards. It returns when l is closed, or fails.
func (s *Server) Serve(l net.Listener, handle func(net.Conn)) error {
	for {
		c, err := l.Accept()
		switch {
		case errors.Is(err, syscall.EMFILE), errors.Is(err, syscall.ENFILE), errors.Is(err, syscall.ECONNABORTED):
			time.Sleep(acceptPause) // others may leave meanwhile
			continue
		case errors.Is(err, net.ErrClosed):
			return nil
		case err != nil:
			return err
		}
		peer := PeerIP(c.RemoteAddr())
		if why := s.admit(c, peer); why != "" {
			s.refused(why)
			_ = c.Close() // nothing was read from it
			continue
		}
		go func() {
			defer s.leave(c, peer)
			handle(&patient{c, s.limits.Idle})
		}()
	}
}

// admit registers c, or says why it is not taken.
func (s *Server) admit(c net.Conn, peer string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.closed:
		return "the server is stopping"
	case len(s.open) >= s.limits.Max:
		return fmt.Sprintf("max_connections: %d connections are open", len(s.open))
	case s.peers[peer] >= s.limits.MaxPerPeer:
		return fmt.Sprintf("max_connections_per_peer: %d connections are open from %s", s.peers[peer], peer)
	}
	s.open[c] = struct{}{}
	s.peers[peer]++
	s.handlers.Add(1)
	return ""
}

func (s *Server) leave(c net.Conn, peer string) {
	defer s.handlers.Done()
	_ = c.Close() // what matters was read, or failed
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.open, c)
	if s.peers[peer]--; s.peers[peer] == 0 {
		delete(s.peers, peer)
	}
}

// Close closes every connection, and those that are still to come. Wait tells
// when their handlers have returned.
func (s *Server) Close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	for c := range s.open {
		_ = c.Close()
	}
}

// Wait returns when every handler has. Close comes first.
func (s *Server) Wait() { s.handlers.Wait() }

// PeerIP returns the address of addr, without its port; "" for a Unix socket.
func PeerIP(addr net.Addr) string {
	switch a := addr.(type) {
	case *net.UDPAddr:
		return a.IP.String()
	case *net.TCPAddr:
		return a.IP.String()
	}
	return ""
}

// A patient connection gives each read its own time.
type patient struct {
	net.Conn
	idle time.Duration
}

// Read implements net.Conn.
func (p *patient) Read(b []byte) (int, error) {
	if p.idle > 0 {
		if err := p.SetReadDeadline(time.Now().Add(p.idle)); err != nil {
			return 0, err
		}
	}
	return p.Conn.Read(b)
}
