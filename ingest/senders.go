package ingest

import (
	"cmp"
	"slices"
	"time"
)

// A Sender is a service, or of metrics a job, and what came of it over one
// protocol since the start of the process.
type Sender struct {
	Protocol string    `json:"protocol"`
	Signal   string    `json:"signal"`
	Tenant   string    `json:"tenant"`
	Service  string    `json:"service"`
	Rows     int64     `json:"rows"`
	Last     time.Time `json:"last"` // when something last came, to the second
}

// Senders returns at most n of those that are known by name and of which rows
// were taken, the last to send first.
func (a *Account) Senders(n int) []Sender {
	out := []Sender{}
	a.sources.mu.RLock()
	for _, t := range a.sources.tenants {
		for k, src := range t.known {
			src.mu.Lock()
			rows := src.flow.rows
			src.mu.Unlock()
			if k.service != "" && rows > 0 {
				out = append(out, Sender{k.protocol, k.signal, k.tenant, k.service, rows, time.Unix(src.last.Load(), 0).UTC()})
			}
		}
	}
	a.sources.mu.RUnlock()
	slices.SortFunc(out, func(x, y Sender) int {
		return cmp.Or(y.Last.Compare(x.Last), cmp.Compare(x.Signal, y.Signal), cmp.Compare(x.Protocol, y.Protocol), cmp.Compare(x.Tenant, y.Tenant), cmp.Compare(x.Service, y.Service))
	})
	return out[:min(n, len(out))]
}
