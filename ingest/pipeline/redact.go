package pipeline

import (
	"errors"

	"github.com/oriel-obs/oriel/internal/redact"
	"github.com/oriel-obs/oriel/model"
)

type redactStage struct{ redact.Redactor }

func newRedact(c *redact.Config) (stage, error) {
	r, err := redact.New(*c)
	if err != nil {
		return nil, err
	}
	if len(r) == 0 {
		return nil, errors.New("needs patterns or expressions")
	}
	return redactStage{r}, nil
}

func (s redactStage) apply(r *record) bool {
	r.line = s.Text(r.line)
	for i, a := range r.attrs {
		switch a.Value.Kind() {
		case model.KindString:
			if text := s.Text(a.Value.Str()); text != a.Value.Str() {
				r.attrs[i].Value = model.String(text)
			}
		case model.KindArray, model.KindMap:
			if text := s.Text(a.Value.Str()); text != a.Value.Str() {
				r.attrs[i].Value = model.String(text) // it may be no JSON any more
			}
		case model.KindInt: // a number may be a card's
			if text := a.Value.Text(); s.Text(text) != text {
				r.attrs[i].Value = model.String(s.Text(text))
			}
		}
	}
	return true
}
