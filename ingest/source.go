package ingest

import (
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// A sourceKey says where rows come from: over which protocol, of which tenant,
// and from which service or, for metrics, job.
type sourceKey struct{ signal, protocol, tenant, service string }

// A source is what is known of one of them.
type source struct {
	key  sourceKey
	last atomic.Int64 // when something last came, in s since the Unix epoch
	gone atomic.Bool  // it made room for others
	seat atomic.Int32 // where its tally was in the transaction that looked last

	mu   sync.Mutex
	flow flow
}

// A flow is what came of a source, or of several together.
type flow struct {
	rows, bytes int64

	// Samples that came after another of their series, and those among them
	// that are older than the newest of it.
	followed, late int64

	newest  int64     // time of the newest row, in ms since the Unix epoch; 0 is none
	first   time.Time // when the first row came
	recent  [turns]turn
	refused map[string]Refusal // by reason; nil while there is none
}

// Rates are those of the last turns, each of which is turnLength long.
const (
	turnLength = 10 * time.Second
	turns      = 30
)

// A turn is what came in one turnLength.
type turn struct {
	number      int64 // since the Unix epoch
	rows, bytes int64
}

// A Refusal is how many rows were refused for one reason, with the newest
// example.
type Refusal struct {
	Reason  string    `json:"reason"`
	Rows    int64     `json:"rows"`
	Example string    `json:"example"` // at most maxExample bytes
	Last    time.Time `json:"last"`
}

func (r *Refusal) add(o Refusal) {
	r.Reason = o.Reason
	r.Rows += o.Rows
	if !o.Last.Before(r.Last) {
		r.Last, r.Example = o.Last, o.Example
	}
}

func turnOf(t time.Time) int64 { return t.Unix() / int64(turnLength/time.Second) }

// take adds rows that came at now.
func (f *flow) take(rows, bytes int64, now time.Time) {
	f.rows += rows
	f.bytes += bytes
	if f.first.IsZero() {
		f.first = now
	}
	f.at(turnOf(now)).add(rows, bytes)
}

// at returns the turn of a number, an empty one if it was that of another.
func (f *flow) at(number int64) *turn {
	t := &f.recent[number%turns]
	if t.number < number {
		*t = turn{number: number}
	}
	return t
}

func (t *turn) add(rows, bytes int64) {
	t.rows += rows
	t.bytes += bytes
}

func (f *flow) refuse(r Refusal) {
	if f.refused == nil {
		f.refused = map[string]Refusal{}
	}
	sum := f.refused[r.Reason]
	sum.add(r)
	f.refused[r.Reason] = sum
}

// merge adds what came of another source.
func (f *flow) merge(o *flow) {
	f.rows += o.rows
	f.bytes += o.bytes
	f.followed += o.followed
	f.late += o.late
	f.newest = max(f.newest, o.newest)
	if f.first.IsZero() || !o.first.IsZero() && o.first.Before(f.first) {
		f.first = o.first
	}
	for _, t := range o.recent {
		if mine := f.at(t.number); mine.number == t.number {
			mine.add(t.rows, t.bytes)
		}
	}
	for _, r := range o.refused {
		f.refuse(r)
	}
}

// rates returns rows a second of each turn until now, the oldest first, and the
// rows and bytes a second of all of them, or of the time since the first row.
func (f *flow) rates(now time.Time) (each []float64, rows, bytes float64) {
	number := turnOf(now)
	began := time.Unix((number-turns+1)*int64(turnLength/time.Second), 0)
	each = make([]float64, turns)
	for _, t := range f.recent {
		if back := number - t.number; back >= 0 && back < turns {
			each[turns-1-back] = float64(t.rows) / turnLength.Seconds()
			rows += float64(t.rows)
			bytes += float64(t.bytes)
		}
	}
	if f.first.After(began) {
		began = f.first
	}
	seconds := max(now.Sub(began), turnLength).Seconds()
	return each, rows / seconds, bytes / seconds
}

// Bounds of what is known: of a tenant, and of all.
const (
	maxTenantSources = 1000
	maxSources       = 10_000
)

// sources are those that are known. Of too many, those that have been silent
// longest make room; what came of them stays as one sum.
type sources struct {
	mu      sync.RWMutex
	tenants map[string]*tenantSources
	count   int
}

type tenantSources struct {
	known map[sourceKey]*source
	left  map[sourceKey]*leftSources // that made room, by signal and protocol
}

type leftSources struct {
	flow  flow
	count int
}

// find returns the source of k, whose strings may be a request's.
func (s *sources) find(k sourceKey, now time.Time) *source {
	s.mu.RLock()
	var src *source
	if t := s.tenants[k.tenant]; t != nil {
		src = t.known[k]
	}
	s.mu.RUnlock()
	if src != nil {
		return src
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.tenants == nil {
		s.tenants = map[string]*tenantSources{}
	}
	k = sourceKey{k.signal, k.protocol, strings.Clone(k.tenant), strings.Clone(k.service)}
	t := s.tenants[k.tenant]
	if t == nil {
		t = &tenantSources{known: map[sourceKey]*source{}, left: map[sourceKey]*leftSources{}}
		s.tenants[k.tenant] = t
	}
	if src = t.known[k]; src != nil {
		return src
	}
	if len(t.known) >= maxTenantSources {
		s.makeRoom(t)
	} else if s.count >= maxSources {
		s.makeRoom(s.largest())
	}
	src = &source{key: k}
	src.last.Store(now.Unix())
	t.known[k] = src
	s.count++
	return src
}

// largest is the tenant with most sources. s.mu is held.
func (s *sources) largest() (most *tenantSources) {
	for _, t := range s.tenants {
		if most == nil || len(t.known) > len(most.known) {
			most = t
		}
	}
	return most
}

// makeRoom has the source of t go that has been silent longest. s.mu is held.
func (s *sources) makeRoom(t *tenantSources) {
	var oldest *source
	for _, src := range t.known {
		if oldest == nil || src.last.Load() < oldest.last.Load() {
			oldest = src
		}
	}
	delete(t.known, oldest.key)
	s.count--
	k := oldest.key
	k.service = ""
	l := t.left[k]
	if l == nil {
		l = &leftSources{}
		t.left[k] = l
	}
	oldest.mu.Lock()
	defer oldest.mu.Unlock()
	oldest.gone.Store(true)
	l.flow.merge(&oldest.flow)
	l.count++
}

// each calls f with a flow of every source, and of those that made room, how
// many these are.
func (s *sources) each(f func(k sourceKey, x *flow, left int)) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	for _, t := range s.tenants {
		for k, src := range t.known {
			src.mu.Lock()
			f(k, &src.flow, 0)
			src.mu.Unlock()
		}
		for k, l := range t.left {
			f(k, &l.flow, l.count)
		}
	}
}
