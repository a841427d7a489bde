package main

import (
	"encoding/hex"
	"fmt"
	"math"
	"math/rand/v2"
	"strconv"
	"sync"
	"time"

	"github.com/klauspost/compress/gzip"
)

const (
	spansPerTrace  = 10
	tracesPerBatch = 100
)

// services are those of the shop; a trace starts at the first.
func services() []string {
	return []string{
		"frontend", "gateway", "checkout", "cart", "catalog", "payment", "shipping", "currency", "email", "search", "users", "inventory",
	}
}

// A callSpan is one span of a template; a trace is a template with fresh ids,
// times and attribute values.
type callSpan struct {
	service, parent int
	name, kind      string // kind: server, client, db, internal
}

// callTemplates invents eight call trees that start at the frontend.
func callTemplates(rnd *rand.Rand) (all [][]callSpan) {
	verbs := []string{"Get", "List", "Place", "Update", "Reserve", "Quote"}
	for t := range 8 {
		tree := []callSpan{{0, -1, "GET /" + routes()[t], "server"}}
		for i := 1; i < spansPerTrace; i++ {
			parent := rnd.IntN(i)
			if tree[parent].kind == "db" {
				parent = 0
			}
			sp := callSpan{service: tree[parent].service, parent: parent}
			switch i % 4 {
			case 0:
				sp.name, sp.kind = "SELECT "+routes()[rnd.IntN(len(routes()))], "db"
			case 1:
				sp.service = 1 + rnd.IntN(len(services())-1)
				sp.name, sp.kind = services()[sp.service]+"/"+verbs[rnd.IntN(len(verbs))], "server"
			case 2:
				sp.name, sp.kind = "HTTP POST", "client"
			default:
				sp.name, sp.kind = "render "+routes()[rnd.IntN(len(routes()))], "internal"
			}
			tree = append(tree, sp)
		}
		all = append(all, tree)
	}
	return all
}

func attrString(b []byte, field int, key, value string) []byte {
	return pbBytes(b, field, pbBytes(pbBytes(nil, 1, key), 2, pbBytes(nil, 1, value)))
}

func attrInt(b []byte, field int, key string, value int) []byte {
	return pbBytes(b, field, pbBytes(pbBytes(nil, 1, key), 2, pbVarint(nil, 3, uint64(value))))
}

func resource(service int) []byte {
	name, r := services()[service], []byte(nil)
	for _, kv := range [][2]string{
		{"service.name", name},
		{"service.version", "1.4." + strconv.Itoa(service)},
		{"service.namespace", "shop"},
		{"service.instance.id", fmt.Sprintf("%s-7d9f8b6c5-%05x", name, service*7919)},
		{"deployment.environment", "production"},
		{"k8s.cluster.name", "prod-eu-1"},
		{"k8s.namespace.name", "shop"},
		{"k8s.pod.name", fmt.Sprintf("%s-7d9f8b6c5-%05x", name, service*7919)},
		{"host.name", fmt.Sprintf("ip-10-0-0-%d", service)},
		{"telemetry.sdk.language", "go"},
		{"telemetry.sdk.name", "opentelemetry"},
		{"telemetry.sdk.version", "1.30.0"},
	} {
		r = attrString(r, 1, kv[0], kv[1])
	}
	return r
}

// appendSpan encodes one span with about eight attributes.
func appendSpan(rnd *rand.Rand, tpl callSpan, traceID, id, parent []byte, start, stop time.Time, failed bool, customer int) []byte {
	kinds := map[string]uint64{"internal": 1, "server": 2, "client": 3, "db": 3}
	b := pbBytes(pbBytes(nil, 1, traceID), 2, id)
	if parent != nil {
		b = pbBytes(b, 4, parent)
	}
	b = pbVarint(pbBytes(b, 5, tpl.name), 6, kinds[tpl.kind])
	b = pbFixed64(pbFixed64(b, 7, uint64(start.UnixNano())), 8, uint64(stop.UnixNano()))
	status := 200
	if failed {
		status = 500
	}
	switch tpl.kind {
	case "db":
		b = attrString(b, 9, "db.system", "postgresql")
		b = attrString(b, 9, "db.name", "shop")
		b = attrString(b, 9, "db.statement", tpl.name+" WHERE id = $1 AND tenant = $2 LIMIT 50")
		b = attrString(b, 9, "server.address", "db-"+strconv.Itoa(rnd.IntN(4))+".internal")
		b = attrInt(b, 9, "server.port", 5432)
		b = attrInt(b, 9, "db.rows", rnd.IntN(50))
	case "internal":
		b = attrInt(b, 9, "thread.id", rnd.IntN(64))
		b = attrString(b, 9, "code.function", tpl.name)
		b = attrInt(b, 9, "items", rnd.IntN(500))
	default:
		b = attrString(b, 9, "http.request.method", "GET")
		b = attrString(b, 9, "http.route", "/"+tpl.name)
		b = attrString(b, 9, "url.path", "/api/v1/"+strconv.Itoa(rnd.IntN(100000)))
		b = attrInt(b, 9, "http.response.status_code", status)
		b = attrString(b, 9, "server.address", services()[tpl.service]+".shop.svc.cluster.local")
		b = attrString(b, 9, "network.protocol.version", "1.1")
		b = attrString(b, 9, "client.address", fmt.Sprintf("10.0.%d.%d", rnd.IntN(4), rnd.IntN(256)))
		b = attrString(b, 9, "user_agent.original", "grpc-go/1.67.0")
	}
	if parent == nil {
		b = attrString(b, 9, "enduser.id", "c-"+strconv.Itoa(customer))
	}
	if failed {
		event := pbBytes(pbFixed64(nil, 1, uint64(stop.UnixNano())), 2, "exception")
		event = attrString(event, 3, "exception.type", "java.net.SocketTimeoutException")
		event = attrString(event, 3, "exception.message", "Read timed out")
		b = pbBytes(b, 11, event)
		return pbBytes(b, 15, pbVarint(pbBytes(nil, 2, "Read timed out"), 3, 2))
	}
	return b
}

// A traceLoad is an encoded workload of spans.
type traceLoad struct {
	*load
	ids [][]string // per connection, in order of sending
}

// encodeTraces makes OTLP requests of tracesPerBatch traces, as a collector
// batches them.
func encodeTraces(o *options) *traceLoad {
	templates := callTemplates(rand.New(rand.NewPCG(o.seed, 0)))
	out := &traceLoad{
		load: &load{
			header: map[string]string{"Content-Type": "application/x-protobuf", "Content-Encoding": "gzip"},
			conns:  make([][]body, o.conns),
		},
		ids: make([][]string, o.conns),
	}
	perConn := o.traces / o.conns
	var wg sync.WaitGroup
	for c := range o.conns {
		wg.Go(func() {
			rnd := rand.New(rand.NewPCG(o.seed, uint64(c+1)))
			bytesOf := func(n int) []byte {
				b := make([]byte, 0, 16)
				for len(b) < n {
					b = append(b, byte(rnd.Uint32()))
				}
				return b
			}
			for from := 0; from < perConn; from += tracesPerBatch {
				scope := make([][]byte, len(services())) // the spans of each service, encoded
				n := min(tracesPerBatch, perConn-from)
				for i := range n {
					begin := o.start().Add(o.span * time.Duration(from+i) / time.Duration(perConn))
					total := time.Duration(80e6 * math.Exp(rnd.NormFloat64()))
					tree, traceID := templates[rnd.IntN(len(templates))], bytesOf(16)
					out.ids[c] = append(out.ids[c], hex.EncodeToString(traceID))
					failing, customer := -1, rnd.IntN(5000)
					if rnd.IntN(50) == 0 {
						failing = rnd.IntN(spansPerTrace)
					}
					ids := make([][]byte, len(tree))
					for k, sp := range tree {
						ids[k] = bytesOf(8)
						var parent []byte
						if sp.parent >= 0 {
							parent = ids[sp.parent]
						}
						at := begin.Add(total * time.Duration(k) / spansPerTrace / 2)
						enc := appendSpan(rnd, sp, traceID, ids[k], parent, at, at.Add(total/time.Duration(k+1)), k == failing, customer)
						scope[sp.service] = pbBytes(scope[sp.service], 2, enc)
					}
				}
				var request []byte
				for s, spans := range scope {
					if spans != nil {
						ss := pbBytes(nil, 1, pbBytes(pbBytes(nil, 1, "otelhttp"), 2, "0.55.0"))
						rs := pbBytes(pbBytes(nil, 1, resource(s)), 2, append(ss, spans...))
						request = pbBytes(request, 1, rs)
					}
				}
				data := zipped(func(out *gzip.Writer) error {
					_, err := out.Write(request)
					return err
				})
				out.conns[c] = append(out.conns[c], body{data: data, units: n * spansPerTrace})
			}
		})
	}
	wg.Wait()
	return out
}
