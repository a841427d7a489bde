package fulltext

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/storage"
)

// A Builder writes the index of a part, a granule at a time. What it holds
// grows with the different words of the part; the bloom is written as it goes.
type Builder struct {
	bloom bloomWriter
	words *dictionary
	dict  io.Writer

	set     hashSet
	folded  []byte // scratch
	shape   []byte // scratch
	streams []bool // scratch: those that rows refer to

	unescaped []byte // scratch
}

// NewBuilder returns a Builder that writes tokens.bloom and tokens.fst. It
// neither syncs nor closes them.
func NewBuilder(bloom, dict io.Writer) *Builder {
	return &Builder{bloom: bloomWriter{w: bufio.NewWriterSize(bloom, 4096)}, words: newDictionary(), dict: dict}
}

// Reset makes b, finished or not, start on another part. It keeps the memory
// it has, so that building one part after another allocates little.
func (b *Builder) Reset(bloom, dict io.Writer) {
	b.bloom.reset(bloom)
	b.words.reset()
	b.dict = dict
}

// Add indexes the next granule: those rows of g, a batch with every column,
// that in says; nil means all. It keeps nothing of g.
func (b *Builder) Add(g *model.Batch, in func(row int) bool) error {
	b.set.reset()
	for i, text := range g.Body {
		if in != nil && !in(i) {
			continue
		}
		b.text(text)
		if strings.IndexByte(text, '\\') >= 0 {
			b.unescaped = appendUnescaped(b.unescaped[:0], text)
			b.text(string(b.unescaped))
		}
	}
	for _, c := range g.Attrs {
		b.column(c, in)
	}
	b.streamTerms(g, in)
	if g.Spans != nil {
		b.spanTerms(g.Spans, in)
	}
	b.words.endGranule()
	if err := b.bloom.add(b.set.list); err != nil {
		return fmt.Errorf("write bloom: %w", err)
	}
	return nil
}

// Finish writes the rest of both files.
func (b *Builder) Finish() error {
	if err := b.bloom.close(); err != nil {
		return fmt.Errorf("write bloom: %w", err)
	}
	if err := b.words.write(b.dict); err != nil {
		return fmt.Errorf("write dictionary: %w", err)
	}
	return nil
}

// text indexes the tokens of a text.
func (b *Builder) text(text string) {
	b.words.text += int64(len(text))
	s := scanner{text: text}
	for s.scan() {
		if b.set.add(s.hash) && !s.uuid {
			b.word(text[s.start:s.end])
		}
	}
}

// word gives the dictionary a token that is new in the granule.
func (b *Builder) word(token string) {
	if len(token) <= traceIDLen && isHexOnly(token) {
		return // as most are that are new
	}
	b.folded = appendFolded(b.folded[:0], token)
	var word bool
	if b.shape, word = appendShape(b.shape[:0], b.folded, false, false); word {
		b.words.add(b.shape)
	}
	if hidesID(b.folded) {
		b.words.long.Set(uint(b.words.granule()))
	}
}

// column indexes the rows' own values of one attribute.
func (b *Builder) column(c *model.Column, in func(int) bool) {
	field := fieldHash(storage.Field{Place: storage.Attr, Key: c.Key})
	var last model.Value
	for j, v := range c.Vals {
		if v == last {
			continue
		}
		row := j
		if c.Rows != nil {
			row = int(c.Rows[j])
		}
		if in == nil || in(row) {
			b.value(field, v)
			last = v
		}
	}
}

// value indexes a value of a field.
func (b *Builder) value(field uint64, v model.Value) {
	switch v.Kind() {
	case model.KindNone:
		return
	case model.KindArray:
		for _, e := range storage.Elements(v) {
			b.value(field, e)
		}
		return
	}
	b.set.add(finish(field))
	if h, ok := valueHash(field, v); ok {
		b.set.add(h)
	}
}

func (b *Builder) string(p storage.Place, s string) {
	if s != "" {
		b.value(fieldHash(storage.Field{Place: p}), model.String(s))
	}
}

func (b *Builder) attrs(p storage.Place, attrs []model.Attr) {
	for _, a := range attrs {
		b.value(fieldHash(storage.Field{Place: p, Key: a.Key}), a.Value)
	}
}

// streamTerms indexes the streams that rows belong to.
func (b *Builder) streamTerms(g *model.Batch, in func(int) bool) {
	b.streams = append(b.streams[:0], make([]bool, len(g.Streams))...)
	for row, i := range g.StreamOf {
		b.streams[i] = b.streams[i] || in == nil || in(row)
	}
	for i, used := range b.streams {
		if used {
			s := g.Streams[i]
			b.attrs(storage.Stream, s.Attrs)
			b.attrs(storage.ScopeAttr, s.ScopeAttrs)
			b.string(storage.ScopeName, s.ScopeName)
			b.string(storage.ScopeVersion, s.ScopeVersion)
		}
	}
}

// spanTerms indexes what only spans have.
func (b *Builder) spanTerms(s *model.SpanColumns, in func(int) bool) {
	var last model.TraceID
	kind, status := fieldHash(storage.Field{Place: storage.Kind}), fieldHash(storage.Field{Place: storage.Status})
	link := fieldHash(storage.Field{Place: storage.LinkTraceID})
	first := true
	for i, id := range s.TraceID {
		if in != nil && !in(i) {
			continue
		}
		if first || id != last {
			b.string(storage.TraceID, id.String())
			first, last = false, id
		}
		b.value(kind, model.Int(int64(s.Kind[i])))
		b.value(status, model.Int(int64(s.Status[i])))
		b.text(s.StatusMessage[i])
		for j := range s.Events[i] {
			e := &s.Events[i][j]
			b.text(e.Name)
			b.attrs(storage.EventAttr, e.Attrs)
		}
		for j := range s.Links[i] {
			l := &s.Links[i][j]
			b.value(link, model.String(l.TraceID.String())) // an absent id counts as ""
			b.attrs(storage.LinkAttr, l.Attrs)
		}
	}
}
