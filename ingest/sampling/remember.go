package sampling

import "github.com/oriel-obs/oriel/model"

// A memory is a bounded set of trace ids: the newest win.
type memory struct {
	max  int
	ring []model.TraceID
	next int
	set  map[model.TraceID]struct{}
}

func newMemory(max int) *memory { return &memory{max: max, set: map[model.TraceID]struct{}{}} }

func (m *memory) has(id model.TraceID) bool {
	_, ok := m.set[id]
	return ok
}

func (m *memory) add(id model.TraceID) {
	if m.max == 0 || m.has(id) {
		return
	}
	if len(m.ring) < m.max {
		m.ring = append(m.ring, id)
	} else {
		delete(m.set, m.ring[m.next])
		m.ring[m.next] = id
		m.next = (m.next + 1) % m.max
	}
	m.set[id] = struct{}{}
}
