package event

import (
	"context"
	"errors"
	"time"

	"github.com/oriel-obs/oriel/storage"
)

// Status is what the status page shows of one signal.
type Status struct {
	Signal      string    `json:"signal"`
	Parts       int       `json:"parts"`
	PartRows    int64     `json:"part_rows"`
	PartBytes   int64     `json:"part_bytes"` // on disk
	HeadRows    int       `json:"head_rows"`  // in memory
	HeadBytes   int64     `json:"head_bytes"`
	WALBytes    int64     `json:"wal_bytes"` // on disk
	Oldest      time.Time `json:"oldest"`    // row; zero if there is none
	Newest      time.Time `json:"newest"`
	Quarantined int       `json:"quarantined"` // damaged parts and segments set aside
	Deletes     int       `json:"deletes"`     // whose rows are in no answer but may still be on disk
	ReadOnly    string    `json:"read_only"`   // why writes are refused; empty if they are not
}

// Status returns the state of each signal.
func (s *Store) Status(context.Context) []Status {
	out := make([]Status, 0, len(s.tables))
	for _, t := range s.tables {
		out = append(out, t.status())
	}
	return out
}

func (t *table) status() Status {
	t.mu.RLock()
	defer t.mu.RUnlock()
	st := Status{Signal: t.signal.String(), Parts: len(t.parts), Quarantined: t.damaged, Deletes: len(t.deletes)}
	span := func(first, last int64) {
		if a := time.Unix(0, first).UTC(); st.Oldest.IsZero() || a.Before(st.Oldest) {
			st.Oldest = a
		}
		if z := time.Unix(0, last).UTC(); st.Newest.IsZero() || z.After(st.Newest) {
			st.Newest = z
		}
	}
	for _, p := range t.parts {
		st.PartRows += p.meta.Rows
		st.PartBytes += p.meta.bytes()
		span(p.meta.MinTime, p.meta.MaxTime)
	}
	heads := t.frozen
	if t.active != nil {
		heads = append(heads[:len(heads):len(heads)], t.active)
	}
	for _, h := range heads {
		h.mu.RLock()
		st.HeadRows += h.rows
		st.HeadBytes += h.bytes
		st.WALBytes += h.logged
		if h.rows > 0 {
			span(h.minTime, h.maxTime)
		}
		h.mu.RUnlock()
	}
	if err := t.unavailable(); err != nil && !errors.Is(err, storage.ErrClosed) {
		st.ReadOnly = err.Error()
	}
	return st
}
