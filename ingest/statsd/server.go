package statsd

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/oriel-obs/oriel/ingest"
	"github.com/oriel-obs/oriel/ingest/namemap"
	"github.com/oriel-obs/oriel/ingest/samples"
	"github.com/oriel-obs/oriel/internal/lines"
)

// A Server reads lines from sockets and stores what they add up to.
type Server struct {
	sockets *lines.Sockets
	config  Config
	sink    *samples.Sink
	sums    *aggregate
}

// New returns a Server of s, which it closes at the end of Run. It reads the
// mapping file.
func New(s *lines.Sockets, c Config, o samples.Options) (*Server, error) {
	rules, err := namemap.Load(c.MappingFile)
	if err != nil {
		return nil, err
	}
	l := limits{labels: o.Limits.MaxLabels, bytes: o.Limits.MaxLabelValueBytes}
	return &Server{sockets: s, config: c, sink: samples.NewSink("statsd", o), sums: newAggregate(c, rules, l)}, nil
}

// Run reads until ctx ends, then closes the sockets and stores what has
// arrived. It returns early when a socket fails.
func (s *Server) Run(ctx context.Context) error {
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		s.flushLoop(stop)
	}()
	err := s.sockets.Serve(ctx, lines.Options{
		Conns: s.config.limits(), MaxLineBytes: s.config.MaxLineBytes,
		NewReader: func() lines.Reader { return newReader(s) },
		Refused:   func(why string) { s.sink.Reject(context.Background(), ingest.ReasonOverload, 1, why) },
	})
	close(stop)
	<-stopped
	s.flush(time.Now()) // what the last readers left
	return err
}

// flushLoop stores what has added up, at every interval until stop is closed.
func (s *Server) flushLoop(stop <-chan struct{}) {
	t := time.NewTicker(s.config.FlushInterval)
	defer t.Stop()
	for {
		select {
		case <-stop:
			return
		case now := <-t.C:
			s.flush(now)
		}
	}
}

func (s *Server) flush(now time.Time) {
	b := s.sink.Begin(context.Background(), now) // Store ends it
	s.sums.flush(b, now)
	_ = b.Store(0) // counted; the sums stay for the next time
}

// A reader adds the lines of one connection, or of one socket of datagrams, up.
type reader struct {
	s   *Server
	add func(*value) error
	x   value
}

func newReader(s *Server) *reader {
	return &reader{s: s, add: func(x *value) error { return s.sums.add(x, time.Now()) }}
}

// Line implements lines.Reader.
func (r *reader) Line(line []byte) {
	if err := r.x.parse(line, r.add); err != nil {
		r.s.sink.Reject(context.Background(), reasonOf(err), 1, fmt.Sprintf("line %.128q: %v", line, err))
	}
}

// TooLong implements lines.Reader.
func (r *reader) TooLong(start []byte) {
	r.s.sink.Reject(context.Background(), ingest.ReasonTooLarge, 1, fmt.Sprintf("line is longer than max_line_bytes, %d: %.64q", r.s.config.MaxLineBytes, start))
}

// Flush implements lines.Reader. The interval decides instead.
func (r *reader) Flush() {}

func reasonOf(err error) string {
	switch {
	case errors.Is(err, errUnmapped):
		return namemap.ReasonUnmapped
	case errors.Is(err, errFull):
		return ingest.ReasonOverload
	case errors.Is(err, errLabels):
		return ingest.ReasonLabels
	case errors.Is(err, errNoMetric):
		return ingest.ReasonTranslate
	}
	return ingest.ReasonMalformed
}
