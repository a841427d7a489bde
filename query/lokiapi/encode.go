package lokiapi

import (
	"bufio"
	"math"
	"net/http"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/prometheus/prometheus/model/labels"

	"github.com/oriel-obs/oriel/query/logql"
)

// An encoder writes JSON to a client piece by piece. The first failure stays
// and is that of the connection.
type encoder struct {
	w   *bufio.Writer
	buf []byte
}

func (e *encoder) raw(s string) { _, _ = e.w.WriteString(s) }

func (e *encoder) str(s string) {
	e.buf = appendString(e.buf[:0], s)
	_, _ = e.w.Write(e.buf)
}

// comma separates the elements of a list.
func (e *encoder) comma(i int) {
	if i > 0 {
		_ = e.w.WriteByte(',')
	}
}

func (e *encoder) labels(ls labels.Labels) {
	_ = e.w.WriteByte('{')
	i := 0
	ls.Range(func(l labels.Label) {
		e.comma(i)
		i++
		e.str(l.Name)
		_ = e.w.WriteByte(':')
		e.str(l.Value)
	})
	_ = e.w.WriteByte('}')
}

// encoding says how lines are written.
type encoding struct {
	categorize bool // labels told apart by origin
	forward    bool // oldest first
}

// writeResult answers with a query's result.
func writeResult(w http.ResponseWriter, res *logql.Result, o encoding) error {
	w.Header().Set("Content-Type", "application/json; charset=UTF-8")
	e := &encoder{w: bufio.NewWriterSize(w, 32<<10)}
	e.raw(`{"status":"success","data":{"resultType":"` + string(res.Kind) + `"`)
	if o.categorize && res.Kind == logql.KindStreams {
		e.raw(`,"encodingFlags":["categorize-labels"]`)
	}
	e.raw(`,"result":`)
	switch res.Kind {
	case logql.KindStreams:
		e.streams(res.Streams, o)
	case logql.KindMatrix:
		e.matrix(res.Matrix)
	case logql.KindVector:
		e.vector(res.Matrix)
	case logql.KindScalar:
		e.point(res.Matrix[0].Points[0])
	}
	e.raw(`,"stats":`)
	e.stats(res)
	e.raw("}}\n")
	_ = e.w.Flush() // a client that is gone needs no answer
	return nil
}

func (e *encoder) streams(streams []logql.Stream, o encoding) {
	if o.categorize {
		streams = regroup(streams, o.forward)
	}
	e.raw("[")
	for i, s := range streams {
		e.comma(i)
		e.raw(`{"stream":`)
		e.labels(s.Labels)
		e.raw(`,"values":[`)
		for j, en := range s.Entries {
			e.comma(j)
			e.entry(en, o.categorize)
		}
		e.raw("]}")
	}
	e.raw("]")
}

func (e *encoder) entry(en logql.Entry, categorize bool) {
	e.buf = append(e.buf[:0], '[', '"')
	e.buf = strconv.AppendInt(e.buf, en.Time, 10)
	e.buf = append(e.buf, '"', ',')
	e.buf = appendString(e.buf, en.Line)
	_, _ = e.w.Write(e.buf)
	if categorize {
		e.raw(",{")
		if en.Metadata.Len() > 0 {
			e.raw(`"structuredMetadata":`)
			e.labels(en.Metadata)
		}
		if en.Parsed.Len() > 0 {
			if en.Metadata.Len() > 0 {
				e.raw(",")
			}
			e.raw(`"parsed":`)
			e.labels(en.Parsed)
		}
		e.raw("}")
	}
	e.raw("]")
}

func (e *encoder) matrix(m []logql.Series) {
	e.raw("[")
	for i, s := range m {
		e.comma(i)
		e.raw(`{"metric":`)
		e.labels(s.Labels)
		e.raw(`,"values":[`)
		for j, p := range s.Points {
			e.comma(j)
			e.point(p)
		}
		e.raw("]}")
	}
	e.raw("]")
}

func (e *encoder) vector(m []logql.Series) {
	e.raw("[")
	for i, s := range m {
		e.comma(i)
		e.raw(`{"metric":`)
		e.labels(s.Labels)
		e.raw(`,"value":`)
		e.point(s.Points[0])
		e.raw("}")
	}
	e.raw("]")
}

// point writes [seconds, "value"], the time with milliseconds at most.
func (e *encoder) point(p logql.Point) {
	e.buf = append(e.buf[:0], '[')
	e.buf = strconv.AppendFloat(e.buf, float64(p.Time/int64(time.Millisecond))/1000, 'f', -1, 64)
	e.buf = append(e.buf, ',', '"')
	e.buf = appendValue(e.buf, p.Value)
	e.buf = append(e.buf, '"', ']')
	_, _ = e.w.Write(e.buf)
}

// appendValue writes a number as Prometheus does.
func appendValue(b []byte, v float64) []byte {
	switch {
	case math.IsInf(v, 1):
		return append(b, "+Inf"...)
	case math.IsInf(v, -1):
		return append(b, "-Inf"...)
	}
	return strconv.AppendFloat(b, v, 'f', -1, 64)
}

// appendString writes a JSON string; what is no UTF-8 becomes U+FFFD.
func appendString(b []byte, s string) []byte {
	const hex = "0123456789abcdef"
	b = append(b, '"')
	start := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c >= utf8.RuneSelf {
			r, size := utf8.DecodeRuneInString(s[i:])
			if r == utf8.RuneError && size == 1 {
				b = append(append(b, s[start:i]...), `\ufffd`...)
				start = i + 1
			}
			i += size
			continue
		}
		if c >= ' ' && c != '"' && c != '\\' {
			i++
			continue
		}
		b = append(b, s[start:i]...)
		switch c {
		case '"', '\\':
			b = append(b, '\\', c)
		case '\n':
			b = append(b, '\\', 'n')
		case '\t':
			b = append(b, '\\', 't')
		case '\r':
			b = append(b, '\\', 'r')
		default:
			b = append(b, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
		}
		i++
		start = i
	}
	return append(append(b, s[start:]...), '"')
}
