package event

import "time"

// MergeEagerly makes merges of two equal parts pay.
func (c *Config) MergeEagerly() { c.gain = mergeGainCold }

// ExpireAt does what retention would do at a time.
func (s *Store) ExpireAt(now time.Time) {
	for _, t := range s.tables {
		t.expire(now)
	}
	s.trim()
}

// ShreddedParts returns how many parts of logs have shredded bodies.
func (s *Store) ShreddedParts() (n int) {
	for _, p := range s.tables[0].parts {
		if p.meta.file(templatesFile).Name != "" {
			n++
		}
	}
	return n
}

// ColumnBytes returns the size of the columns of all parts of logs.
func (s *Store) ColumnBytes() (n int64) {
	for _, p := range s.tables[0].parts {
		n += p.meta.file(eventsFile).Size
	}
	return n
}
