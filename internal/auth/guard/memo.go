package guard

import (
	"maps"
	"sync"
	"time"
)

// memory is how long something read from the store counts: what another process
// changes there, such as `oriel token revoke`, takes effect within it.
const memory = 2 * time.Second

// maxKnown bounds the entries of a memo.
const maxKnown = 10_000

// A memo keeps what was read for a moment. The zero memo is ready.
type memo struct {
	mu      sync.Mutex
	entries map[string]memoEntry
	age     int // counts what was forgotten
}

type memoEntry struct {
	value any
	until time.Time
}

// recall returns what read returned for key within the last moment, or else
// calls it. Errors are not kept.
func recall[T any](m *memo, key string, now time.Time, read func() (T, error)) (T, error) {
	m.mu.Lock()
	e, ok := m.entries[key]
	age := m.age
	m.mu.Unlock()
	if ok && now.Before(e.until) {
		return e.value.(T), nil
	}
	v, err := read()
	if err != nil {
		return v, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.age != age { // what was read may be what is to be forgotten
		return v, nil
	}
	if len(m.entries) >= maxKnown {
		maps.DeleteFunc(m.entries, func(_ string, e memoEntry) bool { return !now.Before(e.until) })
	}
	if len(m.entries) >= maxKnown {
		clear(m.entries)
	}
	if m.entries == nil {
		m.entries = map[string]memoEntry{}
	}
	m.entries[key] = memoEntry{v, now.Add(memory)}
	return v, nil
}

// forget drops everything.
func (m *memo) forget() {
	m.mu.Lock()
	defer m.mu.Unlock()
	clear(m.entries)
	m.age++
}
