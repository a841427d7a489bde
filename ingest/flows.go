package ingest

import (
	"cmp"
	"slices"
	"time"
)

// A Grouping is what a row of Flows is of.
type Grouping string

// The groupings, each besides the signal.
const (
	ByEndpoint Grouping = "endpoint" // the protocol
	ByService  Grouping = "service"  // the service, or job, of a tenant
	ByTenant   Grouping = "tenant"
)

// Groupings are all of them.
func Groupings() []Grouping { return []Grouping{ByEndpoint, ByService, ByTenant} }

// A Flow is what came of a group of sources since the start of the process.
type Flow struct {
	Signal   string `json:"signal"`
	Protocol string `json:"protocol"` // "" but by endpoint
	Tenant   string `json:"tenant"`
	Service  string `json:"service"` // "" is of rows that name none
	Left     int    `json:"left"`    // sources that this sums up because they made room

	Rows           int64   `json:"rows"`
	Bytes          int64   `json:"bytes"` // of requests, after decompression, shared out by rows; 0 where a protocol does not tell
	RowsPerSecond  float64 `json:"rowsPerSecond"`
	BytesPerSecond float64 `json:"bytesPerSecond"`

	// Recent are rows a second in each step of the last five minutes, the
	// oldest first.
	Recent []float64 `json:"recent"`

	// Samples that came after another of their series, as far as series are
	// followed, and those among them that are older than the newest of it.
	// Log records and spans are stored in whatever order they come.
	Followed int64 `json:"followed"`
	Late     int64 `json:"late"`

	Newest  *time.Time `json:"newest"` // time of the newest row; nil if none was taken
	Refused []Refusal  `json:"refused"`
}

// Step is how long each of Flow.Recent is.
const Step = turnLength

// Since is when a began to count.
func (a *Account) Since() time.Time { return a.since }

// LongestLine is that of all log records that came, in bytes.
func (a *Account) LongestLine() int64 { return a.longestLine.Load() }

// LargestRequest is that of all requests that were taken, in bytes after
// decompression.
func (a *Account) LargestRequest() int64 { return a.largestRequest.Load() }

// A place is one signal of one tenant.
type place struct{ signal, tenant string }

type group struct {
	key  sourceKey
	left bool
}

// groupOf is the row that k is in. Sources that made room have a row of their
// own where services are told apart.
func (by Grouping) groupOf(k sourceKey, left bool) group {
	switch by {
	case ByEndpoint:
		return group{key: sourceKey{signal: k.signal, protocol: k.protocol}}
	case ByTenant:
		return group{key: sourceKey{signal: k.signal, tenant: k.tenant}}
	default:
		k.protocol = ""
		return group{k, left}
	}
}

// Flows returns what came and was refused by now, of those signals and tenants
// that sees is true for, the most rows a second first. Of services it knows
// the refusals of the store and of quotas: what does not decode names none.
func (a *Account) Flows(by Grouping, sees func(signal, tenant string) bool, now time.Time) []Flow {
	groups, count := map[group]*flow{}, map[group]int{}
	of := func(g group) *flow {
		x := groups[g]
		if x == nil {
			x = &flow{}
			groups[g] = x
		}
		return x
	}
	seen := map[place]bool{}
	may := func(p place) bool {
		yes, known := seen[p]
		if !known {
			yes = sees(p.signal, p.tenant)
			seen[p] = yes
		}
		return yes
	}
	a.sources.each(func(k sourceKey, x *flow, left int) {
		if !may(place{k.signal, k.tenant}) {
			return
		}
		g := by.groupOf(k, left > 0)
		sum := of(g)
		count[g] += left
		refused := sum.refused
		sum.merge(x)
		if by != ByService {
			sum.refused = refused // those of receivers are more, and follow
		}
	})
	if by != ByService {
		a.eachRefusal(func(k refusalKey, r Refusal) {
			if may(place{k.signal, k.tenant}) {
				of(by.groupOf(sourceKey{signal: k.signal, protocol: k.protocol, tenant: k.tenant}, false)).refuse(r)
			}
		})
	}
	out := make([]Flow, 0, len(groups))
	for g, x := range groups {
		out = append(out, x.told(g.key, count[g], now))
	}
	slices.SortFunc(out, func(x, y Flow) int {
		return cmp.Or(cmp.Compare(y.RowsPerSecond, x.RowsPerSecond), cmp.Compare(x.Signal, y.Signal), cmp.Compare(x.Protocol, y.Protocol),
			cmp.Compare(x.Tenant, y.Tenant), cmp.Compare(x.Service, y.Service))
	})
	return out
}

func (f *flow) told(k sourceKey, left int, now time.Time) Flow {
	out := Flow{
		Signal: k.signal, Protocol: k.protocol, Tenant: k.tenant, Service: k.service, Left: left,
		Rows: f.rows, Bytes: f.bytes, Followed: f.followed, Late: f.late, Refused: []Refusal{},
	}
	out.Recent, out.RowsPerSecond, out.BytesPerSecond = f.rates(now)
	if f.newest != 0 {
		t := time.UnixMilli(f.newest).UTC()
		out.Newest = &t
	}
	for _, r := range f.refused {
		out.Refused = append(out.Refused, r)
	}
	slices.SortFunc(out.Refused, func(x, y Refusal) int { return y.Last.Compare(x.Last) })
	return out
}
