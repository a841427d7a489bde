package event

import (
	"errors"
	"fmt"
	"slices"

	"github.com/oriel-obs/oriel/storage"
)

// columns names columns of a granule: those of a projection, but of spans those
// in spans.
type columns struct {
	storage.Projection
	spans spanColumns
}

// add adds the columns that hold f and returns their relative cost.
func (c *columns) add(f storage.Field) int {
	switch f.Place {
	case storage.Body, storage.JSON, storage.JSONPath, storage.Logfmt, storage.LogfmtKey:
		c.Body = true
		return 10
	case storage.Attr:
		if !slices.Contains(c.Attrs, f.Key) {
			c.Attrs = append(c.Attrs, f.Key)
		}
		return 2
	case storage.EventName, storage.EventAttr, storage.EventTime:
		c.Events = true
		return 20
	case storage.LinkTraceID, storage.LinkSpanID, storage.LinkAttr:
		c.Links = true
		return 20
	case storage.Stream, storage.ScopeName, storage.ScopeVersion, storage.ScopeAttr:
		return 0
	}
	c.spans |= spanColumnOf(f.Place)
	return 4
}

// columnsOf returns what p names; nil names everything.
func columnsOf(p *storage.Projection) columns {
	if p == nil {
		p = &storage.Projection{Body: true, EveryAttr: true, Span: true, Events: true, Links: true}
	}
	return columns{Projection: *p, spans: projectedSpans(p)}
}

// load makes sure that the batch holds c of all rows.
func (b *block) load(c columns) error {
	if b.part == nil {
		return nil
	}
	var errs []error
	if c.Body && !b.loaded.Body {
		errs = append(errs, b.loadBody())
	}
	if c.EveryAttr || len(c.Attrs) > 0 {
		errs = append(errs, b.loadAttrs(&c.Projection))
	}
	if b.batch.Spans != nil {
		errs = append(errs, b.loadSpans(c))
	}
	return errors.Join(errs...)
}

func (b *block) loadSpans(c columns) (err error) {
	s, all := b.batch.Spans, b.everyRow()
	if err = b.readSpans(s, c.spans&^b.loaded.spans, all); err != nil {
		return err
	}
	b.loaded.spans |= c.spans
	if c.Events && !b.loaded.Events {
		if s.Events, err = b.readEvents(all); err != nil {
			return err
		}
		b.loaded.Events = true
	}
	if c.Links && !b.loaded.Links {
		s.Links, err = b.readLinks(all)
		b.loaded.Links = err == nil
	}
	return err
}

func (b *block) loadBody() error {
	plan, err := b.part.bodyPlan()
	if err != nil {
		return err
	}
	b.loaded.Body = true
	if plan != nil {
		return b.build(b.everyRow())
	}
	body, all, err := b.strings(colBody)
	if err != nil {
		return err
	}
	b.batch.Body, b.bodies = body, all
	return b.full(colBody, len(body))
}

// strings decodes a required column. all is what its values are consecutive
// parts of, or "" if they are not in one piece.
func (b *block) strings(name string) (out []string, all string, err error) {
	err = b.each(name, func(pg *page) error {
		vals, data, err := pageStrings(pg)
		if out == nil {
			out, all = vals, data
		} else {
			out, all = append(out, vals...), ""
		}
		return err
	})
	return out, all, err
}

// pageStrings copies the byte arrays out of a page, without nulls. all is what
// they are consecutive parts of, or "" with a dictionary.
func pageStrings(pg *page) (vals []string, all string, err error) {
	data, err := pg.data()
	if err != nil {
		return nil, "", err
	}
	if pg.words == nil {
		vals, all = cutStrings(data.ByteArray())
		return vals, all, nil
	}
	words, _ := cutStrings(pg.words.ByteArray())
	for _, i := range data.Int32() {
		if uint32(i) >= uint32(len(words)) {
			return nil, "", fmt.Errorf("refers to word %d of %d", i, len(words))
		}
		vals = append(vals, words[i])
	}
	return vals, "", nil
}

func cutStrings(data []byte, offsets []uint32) (vals []string, all string) {
	if len(offsets) < 2 {
		return nil, ""
	}
	first, last := offsets[0], offsets[len(offsets)-1]
	all = string(data[first:last])
	vals = make([]string, len(offsets)-1)
	for i := range vals {
		vals[i] = all[offsets[i]-first : offsets[i+1]-first]
	}
	return vals, all
}
