package main

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"time"
)

// A lineMaker writes log lines; facts about them that queries ask for are
// fixed here and in logQueries. The order in which it draws random numbers is
// part of the load: changing it makes figures incomparable.
type lineMaker struct {
	rnd     *rand.Rand
	words   []string   // of text lines
	lexicon []string   // of stack traces and logfmt, most frequent first
	zipf    *rand.Zipf // draws from lexicon
	lastReq string     // request id of the line made last
}

func newLineMaker(rnd *rand.Rand) *lineMaker {
	lexicon := inventWords(4000)
	return &lineMaker{
		rnd:     rnd,
		words:   strings.Fields("cache miss for key partition rebalanced consumer group lag committed offset retrying request upstream closed connection accepted worker started job finished batch flushed"),
		lexicon: lexicon,
		zipf:    rand.NewZipf(rnd, 1.2, 4, uint64(len(lexicon)-1)),
	}
}

// inventWords returns n different words, always the same.
func inventWords(n int) []string {
	syllables := strings.Fields("ac ban cor del en fa gra hol in jec ka lim men nor os pra qui res sta tor ul ven wex yon zi")
	rnd := rand.New(rand.NewPCG(7, 7))
	seen := map[string]bool{}
	var words []string
	for len(words) < n {
		var w string
		for range 2 + rnd.IntN(3) {
			w += syllables[rnd.IntN(len(syllables))]
		}
		if !seen[w] {
			seen[w] = true
			words = append(words, w)
		}
	}
	return words
}

func (g *lineMaker) word() string { return g.lexicon[g.zipf.Uint64()] }

func (g *lineMaker) hex(b []byte, digits int) []byte {
	const d = "0123456789abcdef"
	for ; digits > 0; digits -= 16 {
		v := g.rnd.Uint64()
		for range min(digits, 16) {
			b = append(b, d[v&15])
			v >>= 4
		}
	}
	return b
}

func (g *lineMaker) uuid(b []byte) []byte {
	from := len(b)
	b = append(g.hex(b, 8), '-')
	b = append(g.hex(b, 4), "-4"...)
	b = append(g.hex(b, 3), "-a"...)
	b = append(g.hex(b, 3), '-')
	b = g.hex(b, 12)
	g.lastReq = string(b[from:])
	return b
}

// skewed favours low numbers, as customers and routes do.
func (g *lineMaker) skewed(n int) int {
	f := g.rnd.Float64()
	return int(f * f * f * float64(n))
}

// anyOf draws one of the given, each as often as it is named.
func (g *lineMaker) anyOf(these ...string) string { return these[g.rnd.IntN(len(these))] }

func (g *lineMaker) method() string {
	return g.anyOf("GET", "GET", "GET", "POST", "PUT", "DELETE")
}

func (g *lineMaker) route() string { return routes()[g.skewed(len(routes()))] }

func routes() []string {
	return []string{"orders", "users", "items", "carts", "payments", "sessions", "reviews", "stock", "prices", "coupons", "shipments", "invoices"}
}

// line appends one line of the kind. Of JSON lines 1 in 20 says "timeout";
// rare text lines, and no others, say "segfault".
func (g *lineMaker) line(b []byte, kind string, at time.Time, rare bool) []byte {
	switch kind {
	case "json":
		return g.jsonLine(b)
	case "nginx":
		return g.accessLine(b, at)
	case "logfmt":
		return g.logfmtLine(b, at)
	case "java":
		return g.javaLines(b, at)
	default:
		return g.textLine(b, at, rare)
	}
}

func (g *lineMaker) jsonLine(b []byte) []byte {
	r := g.rnd
	level, msg, status := "info", "request completed", "200"
	switch p := r.IntN(100); {
	case p < 2:
		level, msg, status = "error", "upstream reset by peer after "+strconv.Itoa(r.IntN(9000)+100)+"ms", "503"
	case p < 7:
		level, msg, status = "warn", "upstream timeout", "504"
	case p < 20:
		level, msg = "debug", "cache lookup"
	case p < 25:
		status = "404"
	}
	b = append(b, `{"level":"`...)
	b = append(b, level...)
	b = append(b, `","msg":"`...)
	b = append(b, msg...)
	b = append(b, `","method":"`...)
	b = append(b, g.method()...)
	b = append(b, `","path":"/api/v1/`...)
	b = append(b, g.route()...)
	b = append(b, '/')
	b = strconv.AppendInt(b, int64(r.IntN(100000)), 10)
	b = append(b, `","status":`...)
	b = append(b, status...)
	b = append(b, `,"duration_ms":`...)
	b = strconv.AppendFloat(b, r.ExpFloat64()*40, 'f', 2, 64)
	b = append(b, `,"customer":"c-`...)
	b = strconv.AppendInt(b, int64(g.skewed(1000)), 10)
	b = append(b, `","trace_id":"`...)
	b = g.hex(b, 32)
	b = append(b, `","request_id":"`...)
	b = g.uuid(b)
	return append(b, `"}`...)
}

func (g *lineMaker) accessLine(b []byte, at time.Time) []byte {
	r := g.rnd
	b = fmt.Appendf(b, "10.%d.%d.%d - - [", r.IntN(4), r.IntN(256), r.IntN(256))
	b = at.AppendFormat(b, "02/Jan/2006:15:04:05 +0000")
	b = append(b, `] "`...)
	b = append(b, g.method()...)
	b = append(b, " /static/"...)
	b = append(b, g.route()...)
	b = append(b, '/')
	b = strconv.AppendInt(b, int64(r.IntN(5000)), 10)
	b = append(b, `.js HTTP/1.1" 200 `...)
	b = strconv.AppendInt(b, int64(r.IntN(90000)), 10)
	b = append(b, ` "https://shop.example.com/" "Mozilla/5.0 (X11; Linux x86_64) Chrome/1`...)
	b = strconv.AppendInt(b, int64(20+r.IntN(20)), 10)
	b = append(b, `.0 Safari/537.36" rt=`...)
	b = strconv.AppendFloat(b, r.ExpFloat64()/20, 'f', 3, 64)
	b = append(b, " req="...)
	return g.uuid(b)
}

func (g *lineMaker) textLine(b []byte, at time.Time, rare bool) []byte {
	r := g.rnd
	b = at.AppendFormat(b, "2006-01-02 15:04:05.000")
	b = fmt.Appendf(b, " %-5s [worker-%d] com.example.queue.Consumer -", g.anyOf("INFO", "INFO", "DEBUG", "WARN"), r.IntN(32))
	if rare {
		b = append(b, " segfault in native library,"...)
	}
	for range 6 + r.IntN(10) {
		b = append(b, ' ')
		b = append(b, g.words[r.IntN(len(g.words))]...)
	}
	b = append(b, " id="...)
	return g.uuid(b)
}

// logfmtLine is what Go services write.
func (g *lineMaker) logfmtLine(b []byte, at time.Time) []byte {
	r := g.rnd
	level := "info"
	switch p := r.IntN(100); {
	case p < 3:
		level = "error"
	case p < 10:
		level = "warn"
	}
	b = append(b, "ts="...)
	b = at.AppendFormat(b, "2006-01-02T15:04:05.000Z")
	b = fmt.Appendf(b, ` level=%s caller=%s.go:%d msg="%s %s %s"`, level, g.word(), 20+r.IntN(600), g.word(), g.word(), g.word())
	b = fmt.Appendf(b, " tenant=t-%d method=%s route=/%s duration=%s bytes=%d", g.skewed(300), g.method(), g.route(),
		time.Duration(r.ExpFloat64()*40e6).Round(time.Microsecond), r.IntN(1<<20))
	if level == "error" {
		b = fmt.Appendf(b, ` err="%s: connection refused to 10.%d.%d.%d:5432"`, g.word(), r.IntN(4), r.IntN(256), r.IntN(256))
	}
	b = append(b, " trace_id="...)
	return g.hex(b, 32)
}

// javaLines is a record of a Java service: one in 10 carries its stack trace,
// several lines in one entry as shippers join them.
func (g *lineMaker) javaLines(b []byte, at time.Time) []byte {
	r := g.rnd
	level, failed := g.anyOf("INFO", "INFO", "INFO", "WARN"), r.IntN(10) == 0
	if failed {
		level = "ERROR"
	}
	b = at.AppendFormat(b, "2006-01-02T15:04:05.000Z")
	b = fmt.Appendf(b, " %-5s 1 --- [nio-8080-exec-%d] c.e.ledger.%s :", level, 1+r.IntN(16), g.word())
	for range 4 + r.IntN(8) {
		b = append(append(b, ' '), g.word()...)
	}
	if !failed {
		return b
	}
	b = g.stack(b, "\norg.springframework.dao.DataAccessException: could not "+g.word())
	return g.stack(b, "\nCaused by: "+g.anyOf("java.net.SocketTimeoutException: Read timed out",
		"java.lang.NullPointerException", "java.sql.SQLException: deadlock detected", "java.io.IOException: Broken pipe"))
}

func (g *lineMaker) stack(b []byte, head string) []byte {
	b = append(b, head...)
	for range 5 + g.rnd.IntN(20) {
		w := g.word()
		b = fmt.Appendf(b, "\n\tat com.example.%s.%s.%s(%s.java:%d)", g.word(), w, g.word(), w, 20+g.skewed(900))
	}
	return b
}
