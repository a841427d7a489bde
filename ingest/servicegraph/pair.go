package servicegraph

import (
	"strings"

	"github.com/prometheus/prometheus/model/labels"

	"github.com/oriel-obs/oriel/ingest/derived"
	"github.com/oriel-obs/oriel/internal/auth"
	"github.com/oriel-obs/oriel/model"
)

// An edge is what tells label sets apart.
type edge struct {
	client, server         string
	clientDims, serverDims string // as in party
	connection             connection
	tenant                 string
}

// A connection is how two services are connected.
type connection string

const (
	direct      connection = ""
	messaging   connection = "messaging_system"
	database    connection = "database"
	virtualNode connection = "virtual_node"
)

// user is the client of server spans without parent.
const user = "user"

// arrive makes the edges that h completes, or lets it wait. It returns false
// if there is no room for that. It needs the book's lock, as do the others
// below.
func (g *Graph) arrive(h *half, now int64) bool {
	switch {
	case h.database:
		g.single(h, database, now)
	case h.span.IsZero() && h.kind == model.SpanServer:
		g.entry(h, now)
	case h.span.IsZero():
		g.metrics.unpairedServer.Inc()
	case h.calling():
		met := false
		for i := g.waiting.find(h.meeting, false); i != none; i = g.waiting.find(h.meeting, false) {
			g.pair(h, &g.waiting.seats[i].half, now)
			g.waiting.leave(i)
			met = true
		}
		if met && h.kind != model.SpanProducer { // a producer may have more consumers
			return true
		}
		return g.waiting.enter(*h, now+int64(g.cfg.Wait), met)
	default:
		i := g.waiting.find(h.meeting, true)
		if i == none {
			return g.waiting.enter(*h, now+int64(g.cfg.Wait), false)
		}
		s := &g.waiting.seats[i]
		g.pair(&s.half, h, now)
		if s.kind == model.SpanProducer {
			s.met = true
		} else {
			g.waiting.leave(i)
		}
	}
	return true
}

// expire sees off those who have waited in vain.
func (g *Graph) expire(now int64) {
	for i := g.waiting.first; i != none && g.waiting.seats[i].until <= now; i = g.waiting.first {
		s := &g.waiting.seats[i]
		switch {
		case s.met:
		case !s.calling():
			g.metrics.unpairedServer.Inc()
		case g.cfg.VirtualNodes && s.peer != "":
			g.single(&s.half, virtualNode, now)
		default:
			g.metrics.unpairedClient.Inc()
		}
		g.waiting.leave(i)
	}
}

// pair counts the call from one half to the other.
func (g *Graph) pair(from, to *half, now int64) {
	e := edge{client: from.party.service, server: to.party.service, clientDims: from.party.dims, serverDims: to.party.dims, tenant: from.party.tenant}
	if from.messaging() || to.messaging() {
		e.connection = messaging
	}
	s := g.count(e, from.failed || to.failed, now)
	g.book.Observe(s, serverSeconds, to.end-to.start)
	g.book.Observe(s, clientSeconds, from.end-from.start)
	if e.connection == messaging {
		g.book.Observe(s, messagingSeconds, max(to.start-from.end, 0))
	}
}

// single counts a call to a peer that is known from the calling side alone.
func (g *Graph) single(from *half, c connection, now int64) {
	s := g.count(edge{client: from.party.service, server: from.peer, clientDims: from.party.dims, connection: c, tenant: from.party.tenant}, from.failed, now)
	g.book.Observe(s, serverSeconds, from.end-from.start)
	g.book.Observe(s, clientSeconds, from.end-from.start)
}

// entry counts a call from outside.
func (g *Graph) entry(to *half, now int64) {
	if g.cfg.VirtualNodes {
		s := g.count(edge{client: user, server: to.party.service, serverDims: to.party.dims, connection: virtualNode, tenant: to.party.tenant}, to.failed, now)
		g.book.Observe(s, serverSeconds, to.end-to.start)
	}
}

// count counts a call on the set of e, or, if there is no room for one more,
// on that of all such edges.
func (g *Graph) count(e edge, isFailed bool, now int64) *derived.Set {
	s := g.book.Get(e)
	if s == nil && g.book.Full() {
		e = edge{client: derived.Overflow, server: derived.Overflow, connection: e.connection, tenant: e.tenant}
		s = g.book.Get(e)
		g.book.Overflowed(1)
	}
	if s == nil {
		s = g.book.Put(e, g.labels(e), now)
	}
	s.Add(requests, 1, now)
	if isFailed {
		s.Add(failed, 1, now)
	}
	return s
}

func (g *Graph) labels(e edge) labels.Labels {
	b := labels.NewBuilder(labels.EmptyLabels())
	b.Set("client", e.client)
	b.Set("server", e.server)
	b.Set("connection_type", string(e.connection)) // empty labels are none
	b.Set(auth.TenantLabel, e.tenant)
	setDimensions(b, g.clientLabels, e.clientDims)
	setDimensions(b, g.serverLabels, e.serverDims)
	return b.Labels()
}

func setDimensions(b *labels.Builder, names []string, dims string) {
	for i, v := range strings.Split(dims, string([]byte{separator})) {
		if i < len(names) {
			b.Set(names[i], v)
		}
	}
}
