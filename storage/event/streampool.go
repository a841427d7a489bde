package event

import (
	"runtime"
	"strings"
	"sync"
	"weak"

	"github.com/oriel-obs/oriel/model"
)

// A streamPool has each stream once, however many parts have rows of it. It
// does not keep streams that nobody uses. It is safe for concurrent use.
type streamPool struct {
	mu sync.Mutex
	of map[string]weak.Pointer[model.Stream] // by canonical encoding
}

func newStreamPool() *streamPool {
	return &streamPool{of: map[string]weak.Pointer[model.Stream]{}}
}

// parse is model.ParseStream, but returns the same stream for the same bytes,
// which it does not refer to, and whether the stream is new.
func (p *streamPool) parse(encoded string) (s *model.Stream, fresh bool, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if s := p.of[encoded].Value(); s != nil {
		return s, false, nil
	}
	key := strings.Clone(encoded)
	s, err = model.ParseStream(key)
	if err != nil {
		return nil, false, err
	}
	p.of[key] = weak.Make(s)
	runtime.AddCleanup(s, p.forget, key)
	return s, true, nil
}

// forget drops a stream that is gone, unless it has come back.
func (p *streamPool) forget(key string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.of[key].Value() == nil {
		delete(p.of, key)
	}
}
