package graphite

import (
	"context"
	"fmt"
	"time"

	"github.com/oriel-obs/oriel/ingest"
	"github.com/oriel-obs/oriel/ingest/namemap"
	"github.com/oriel-obs/oriel/ingest/samples"
	"github.com/oriel-obs/oriel/internal/lines"
)

// A Server reads lines from sockets and stores their samples.
type Server struct {
	sockets *lines.Sockets
	config  Config
	rules   *namemap.Rules
	sink    *samples.Sink
}

// New returns a Server of s, which it closes at the end of Run. It reads the
// mapping file.
func New(s *lines.Sockets, c Config, o samples.Options) (*Server, error) {
	rules, err := namemap.Load(c.MappingFile)
	if err != nil {
		return nil, err
	}
	return &Server{sockets: s, config: c, rules: rules, sink: samples.NewSink("graphite", o)}, nil
}

// Run reads until ctx ends, then closes the sockets and stores what has
// arrived. It returns early when a socket fails.
func (s *Server) Run(ctx context.Context) error {
	return s.sockets.Serve(ctx, lines.Options{
		Conns: s.config.limits(), MaxLineBytes: s.config.MaxLineBytes,
		NewReader: func() lines.Reader {
			return &reader{s: s, decoder: decoder{rules: s.rules, strict: s.config.StrictMatch}}
		},
		Refused: func(why string) { s.sink.Reject(context.Background(), ingest.ReasonOverload, 1, why) },
	})
}

// maxBatch is the number of samples that are stored at once.
const maxBatch = 10_000

// A reader gathers the samples of one connection, or of one socket of
// datagrams.
type reader struct {
	s *Server
	decoder
	batch *samples.Batch // nil for none yet
	lines int
	bytes int
}

// Line implements lines.Reader.
func (r *reader) Line(line []byte) {
	if r.batch == nil {
		r.batch = r.s.sink.Begin(context.Background(), time.Now()) // Store ends it, not a connection
	}
	if err := r.line(line, r.batch); err != nil {
		r.batch.Refuse(ingest.ReasonMalformed, 1, err)
	}
	r.lines++
	r.bytes += len(line)
	if r.lines >= maxBatch {
		r.Flush()
	}
}

// TooLong implements lines.Reader.
func (r *reader) TooLong(start []byte) {
	r.s.sink.Reject(context.Background(), ingest.ReasonTooLarge, 1, fmt.Sprintf("line is longer than max_line_bytes, %d: %.64q", r.s.config.MaxLineBytes, start))
}

// Flush implements lines.Reader.
func (r *reader) Flush() {
	if r.batch == nil {
		return
	}
	_ = r.batch.Store(r.bytes) // counted; there is nobody to tell
	r.batch, r.lines, r.bytes = nil, 0, 0
}
