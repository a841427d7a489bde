package logql

import (
	"context"
	"slices"
	"strings"

	"github.com/oriel-obs/oriel/internal/linefield"
	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/query"
	"github.com/oriel-obs/oriel/storage"
)

// A catalogue is what a planner asks a store about names, once each.
type catalogue struct {
	src      query.EventSource
	within   model.Range
	selector storage.Predicate // of streams
	shown    bool              // the plan is, so that names in it must be the asker's

	keys        []storage.Key // of attributes
	keysDone    bool
	streams     []*model.Stream
	streamsDone bool
}

func (c *catalogue) attrs(ctx context.Context) ([]storage.Key, error) {
	if !c.keysDone {
		keys, err := c.src.Keys(ctx, storage.KeysRequest{Signal: model.Logs, Range: c.within, Place: storage.Attr, Names: true, Wide: !c.shown})
		if err != nil {
			return nil, err
		}
		c.keys, c.keysDone = keys, true
	}
	return c.keys, nil
}

// attrsOf returns the attributes whose label is name, sorted by key.
func (c *catalogue) attrsOf(ctx context.Context, name string) ([]storage.Key, error) {
	keys, err := c.attrs(ctx)
	if err != nil {
		return nil, err
	}
	var out []storage.Key
	for _, k := range keys {
		if linefield.Label(k.Name) == name {
			out = append(out, k)
		}
	}
	return out, nil
}

// attrKeys returns the keys of attributes whose label may be called name, or
// may decide whether a label is called so.
func (c *catalogue) attrKeys(ctx context.Context, name string) ([]string, error) {
	if !strings.Contains(name, "_") {
		return []string{name}, nil // no other key is written so
	}
	keys, err := c.attrs(ctx)
	if err != nil {
		return nil, err
	}
	base := strings.TrimSuffix(name, extractedSuffix)
	var out []string
	for _, k := range keys {
		if label := linefield.Label(k.Name); label == name || label == base {
			out = append(out, k.Name)
		}
	}
	return out, nil
}

// presence says how many of the selected streams have a label.
type presence struct {
	some, every bool
	texts       bool // its values are strings, where it is
}

func (c *catalogue) presence(ctx context.Context, name string) (presence, error) {
	if !c.streamsDone {
		streams, err := c.src.Streams(ctx, storage.StreamsRequest{Signal: model.Logs, Range: c.within, Where: c.selector})
		if err != nil {
			return presence{}, err
		}
		c.streams, c.streamsDone = streams, true
	}
	p := presence{every: true, texts: true}
	for _, st := range c.streams {
		switch st.Attr(name).Kind() {
		case model.KindNone:
			p.every = false
		case model.KindString:
			p.some = true
		default:
			p.some, p.texts = true, false
		}
	}
	p.every = p.every && p.some
	return p, nil
}

// texts reports whether all values of an attribute are strings.
func texts(k storage.Key) bool { return slices.Equal(k.Kinds, []model.Kind{model.KindString}) }
