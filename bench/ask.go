package main

import (
	"net/url"
	"slices"
	"time"
)

// A query is one request repeated as is, or with each as one of a sequence.
type query struct {
	name   string
	path   string
	params url.Values
	each   func(i int) string               // when set, gives the path of repetition i
	rows   func(answer []byte) (int, error) // how much was answered: points, lines, spans, traces
}

func (q query) url(base string, i int) string {
	path := q.path
	if q.each != nil {
		path = q.each(i)
	}
	if len(q.params) == 0 {
		return base + path
	}
	return base + path + "?" + q.params.Encode()
}

// enough is how long a query is repeated once it has been so three times.
const enough = 8 * time.Second

// Short queries are repeated more often than asked for, as long as atLeast: of a
// few milliseconds the garbage that other queries left is most.
const (
	atLeast  = time.Second
	mostReps = 20 // times as often
)

// ask puts each query once to warm up, then reps times, and records latency,
// the server's CPU time, its peak memory, and the rows answered: targets whose
// rows differ did not answer the same question.
func ask(s *server, base string, queries []query, reps int, m *measures) {
	client := newClient()
	for _, q := range queries {
		key := "query." + q.name
		answer, err := get(client, q.url(base, 0))
		if err != nil {
			m.fail(key, err)
			continue
		}
		rows, err := q.rows(answer)
		if err != nil {
			m.fail(key, err)
			continue
		}
		peakKnown := s.resetPeak()
		var took []float64
		begin, cpu := time.Now(), s.fineCPU()
		goOn := func(i int) bool {
			since := time.Since(begin)
			return i <= reps && (i <= 3 || since < enough) || i <= mostReps*reps && since < atLeast
		}
		for i := 1; goOn(i); i++ {
			t := time.Now()
			if _, err = get(client, q.url(base, i)); err != nil {
				break
			}
			took = append(took, ms(time.Since(t)))
		}
		if err != nil {
			m.fail(key, err)
			continue
		}
		cpu = s.fineCPU() - cpu
		slices.Sort(took)
		m.set(key+".p50", "ms", took[len(took)/2])
		m.set(key+".p95", "ms", took[len(took)*95/100])
		m.set(key+".cpu", "ms", ms(cpu)/float64(len(took)))
		if peakKnown {
			m.set(key+".peak_rss", "MB", float64(s.peakRSS())/1e6)
		}
		m.set(key+".rows", "", float64(rows))
	}
}

// askCold puts each query once to a server that was stopped and started before
// (each), or before the first one (once), after dropping the machine's page
// cache if that is permitted.
func askCold(s *server, base string, queries []query, o *options, m *measures) error {
	client := newClient()
	dropped := 1.0
	drop := func() {
		if err := o.dropCache(); err != nil {
			dropped = 0
		}
	}
	for i, q := range queries {
		if i == 0 || o.cold == "each" {
			s.stop()
			drop() // mapped files too, while nobody maps them
			if _, err := s.start(startLimit); err != nil {
				return err
			}
		}
		drop() // what the start, or the query before, has read
		key := "query." + q.name
		read, begin := s.diskRead(), time.Now()
		if _, err := get(client, q.url(base, 0)); err != nil {
			m.fail(key+".cold", err)
			continue
		}
		m.set(key+".cold", "ms", ms(time.Since(begin)))
		m.set(key+".cold_read", "MB", float64(s.diskRead()-read)/1e6)
	}
	m.set("cold.cache_dropped", "", dropped)
	return nil
}

func ms(d time.Duration) float64 { return d.Seconds() * 1e3 }
