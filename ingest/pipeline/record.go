package pipeline

import (
	"slices"

	"github.com/oriel-obs/oriel/internal/auth"
	"github.com/oriel-obs/oriel/model"
)

// A record is a log record on its way through the stages. One is used for all
// of a batch, one after the other.
type record struct {
	time   int64 // ns since the Unix epoch
	line   string
	stream *model.Stream
	attrs  []model.Attr // in no order, each key once
}

// A stage changes a record, and returns false to drop it. It is safe for
// concurrent use.
type stage interface {
	apply(r *record) (keep bool)
}

func (r *record) index(key string) int {
	return slices.IndexFunc(r.attrs, func(a model.Attr) bool { return a.Key == key })
}

// set gives the record an attribute, whatever it was before.
func (r *record) set(key string, v model.Value) {
	if i := r.index(key); i >= 0 {
		r.attrs[i].Value = v
		return
	}
	r.attrs = append(r.attrs, model.Attr{Key: key, Value: v})
}

// text returns the text of an attribute of the record, or else of its stream;
// "" if there is none.
func (r *record) text(key string) string {
	if i := r.index(key); i >= 0 {
		return r.attrs[i].Value.Text()
	}
	return r.stream.Attr(key).Text()
}

// tenant returns whose record it is.
func (r *record) tenant() string { return r.stream.Attr(auth.TenantLabel).Str() }

// source returns the text to look into: an attribute, or the line.
func (r *record) source(from string) string {
	if from == "" {
		return r.line
	}
	return r.text(from)
}
