package servicegraph

import (
	"strings"

	"github.com/oriel-obs/oriel/ingest/derived"
	"github.com/oriel-obs/oriel/internal/auth"
	"github.com/oriel-obs/oriel/model"
)

// A half is one side of a call.
type half struct {
	meeting  // its span id is zero if nothing can be met
	kind     model.SpanKind
	failed   bool
	database bool   // peer is one
	party    *party // whose span it is
	peer     string // the other side as this one names it; "" if it does not
	start    int64  // ns since the Unix epoch
	end      int64
}

// A party is what spans have in common that are alike in the labels of edges.
type party struct {
	service string
	dims    string // values of Config.Dimensions, each but the first after a separator
	tenant  string // see auth.TenantLabel
}

// calling reports whether h is the side that calls or produces.
func (h *half) calling() bool { return h.kind == model.SpanClient || h.kind == model.SpanProducer }

func (h *half) messaging() bool {
	return h.kind == model.SpanProducer || h.kind == model.SpanConsumer
}

// A reading is what is noted of a batch before it is given away. It is used
// again.
type reading struct {
	halves    []half
	parties   []*party   // by stream; of those spans that have no dimensions of their own
	resource  [][]string // values of dimensions, by stream
	dims      []attrs    // cursors, by dimension
	own       bool       // spans may have dimensions of their own
	databases attrs
	peers     attrs
	buf       []byte
	skipped   int
}

// attrs are the columns of a batch that have some attributes, in the order in
// which they are asked.
type attrs []model.Cursor

func (as attrs) find(b *model.Batch, keys []string) attrs {
	as = as[:0]
	for _, k := range keys {
		for _, c := range b.Attrs {
			if c.Key == k {
				as = append(as, c.Cursor())
			}
		}
	}
	return as
}

// first returns the first value of row i that is not empty.
func (as attrs) first(i int) string {
	for j := range as {
		if v := as[j].At(i); !v.IsNone() {
			if s := v.Text(); s != "" {
				return derived.Label(s)
			}
		}
	}
	return ""
}

// read notes the spans of b that are sides of calls.
func (g *Graph) read(r *reading, b *model.Batch, now int64) {
	r.halves, r.skipped = r.halves[:0], 0
	r.databases = r.databases.find(b, g.cfg.DatabaseAttributes)
	r.peers = r.peers.find(b, g.cfg.PeerAttributes)

	g.book.Lock()
	defer g.book.Unlock()
	g.readStreams(r, b)
	sp := b.Spans
	for i, kind := range sp.Kind {
		tenant := r.parties[b.StreamOf[i]].tenant
		h := half{meeting: meeting{trace: sp.TraceID[i], tenant: tenant}, kind: kind}
		switch kind {
		case model.SpanClient:
			h.span = sp.SpanID[i]
			if h.peer = r.databases.first(i); h.peer != "" {
				h.database = true
			} else {
				h.peer = r.peers.first(i)
			}
		case model.SpanProducer:
			h.span, h.peer = sp.SpanID[i], r.peers.first(i)
		case model.SpanServer:
			h.span = sp.ParentID[i]
		case model.SpanConsumer:
			h.span = sp.ParentID[i]
			if links := sp.Links[i]; len(links) > 0 {
				h.meeting = meeting{links[0].TraceID, links[0].SpanID, tenant}
			}
		default:
			continue
		}
		h.start, h.end = b.Time[i], b.Time[i]+sp.Duration[i]
		if !g.cfg.Counts(h.end, now) {
			r.skipped++
			continue
		}
		stream := b.StreamOf[i]
		h.failed = sp.Status[i] == model.StatusError
		h.peer = g.interned.String(h.peer)
		if h.party = r.parties[stream]; r.own {
			h.party = g.special(r, stream, i)
		}
		r.halves = append(r.halves, h)
	}
	clear(r.parties)
	clear(r.resource)
	clear(r.databases)
	clear(r.peers)
	for i := range r.dims {
		clear(r.dims[i])
	}
}

// separator stands before the values of dimensions; no UTF-8 has it.
const separator = '\xff'

// readStreams notes what the streams of b say.
func (g *Graph) readStreams(r *reading, b *model.Batch) {
	r.parties, r.resource, r.dims, r.own = r.parties[:0], r.resource[:0], r.dims[:0], false
	for _, d := range g.cfg.Dimensions {
		columns := attrs(nil).find(b, []string{d})
		r.dims = append(r.dims, columns)
		r.own = r.own || len(columns) > 0
	}
	for _, s := range b.Streams {
		values := make([]string, len(g.cfg.Dimensions))
		r.buf = append(r.buf[:0], derived.Service(s)...)
		for i, d := range g.cfg.Dimensions {
			values[i] = derived.Label(s.Attr(d).Text())
			r.buf = append(append(r.buf, separator), values[i]...)
		}
		r.parties = append(r.parties, g.party(r.buf, s.Attr(auth.TenantLabel).Str()))
		r.resource = append(r.resource, values)
	}
}

// special returns the party of row i, which is of a stream and may have
// dimensions of its own.
func (g *Graph) special(r *reading, stream uint32, i int) *party {
	r.buf = append(r.buf[:0], r.parties[stream].service...)
	for j, v := range r.resource[stream] {
		if v == "" {
			v = r.dims[j].first(i)
		}
		r.buf = append(append(r.buf, separator), v...)
	}
	return g.party(r.buf, r.parties[stream].tenant)
}

// party returns the one of a service and the values of all dimensions.
func (g *Graph) party(b []byte, tenant string) *party {
	n := len(b)
	if tenant != "" {
		b = append(append(b, separator, separator), tenant...)
	}
	if p := g.parties[string(b)]; p != nil {
		return p
	}
	if len(g.parties) >= 2*g.cfg.MaxLabelSets {
		clear(g.parties) // edges go by what parties hold
	}
	text := string(b)
	service, dims, _ := strings.Cut(text[:n], string([]byte{separator}))
	p := &party{service, dims, strings.Clone(tenant)}
	g.parties[text] = p
	return p
}
