package quota

import (
	"context"
	"fmt"

	"github.com/oriel-obs/oriel/internal/auth"
	"github.com/oriel-obs/oriel/internal/fault"
)

// A Measure holds what somebody sends to a Shape.
type Measure struct {
	Shape
	keep *Keeper
	of   source
}

// Measures returns those of who writes in ctx: of the tenant and of the token,
// if they have any.
func (k *Keeper) Measures(ctx context.Context) ([]Measure, error) {
	if !k.config.Load().shapes {
		return nil, nil
	}
	accounts, err := k.accounts(auth.From(ctx))
	if err != nil {
		return nil, err
	}
	var out []Measure
	for _, a := range accounts {
		if shape := a.terms.Load().Shape; shape != (Shape{}) {
			out = append(out, Measure{shape, k, a.source})
		}
	}
	return out, nil
}

// Over returns why something that has so many of what limit, the key of a Shape,
// is about is refused, if it has more than most; kind is what the error wraps
// besides fault.ErrInvalid, or nil.
func (m Measure) Over(limit Kind, what string, have, most int, kind error) error {
	if most == 0 || have <= most {
		return nil
	}
	m.keep.refused.WithLabelValues(m.of.kind, m.of.name, string(limit)).Inc()
	if kind == nil {
		kind = fault.ErrInvalid
	}
	return fmt.Errorf("%s: %d, but %v may have %d (limits.rates %s): %w", what, have, m.of, most, limit, kind)
}

// The limits of a Shape.
const (
	Labels     Kind = "max_labels"
	LabelName  Kind = "max_label_name_bytes"
	LabelValue Kind = "max_label_value_bytes"
	Line       Kind = "max_line_bytes"
	Attrs      Kind = "max_attrs"
	AttrBytes  Kind = "max_attr_bytes"
)

// Label returns why a label is refused, if it is; owner is what has it.
func (m Measure) Label(owner, name string, valueBytes int, kind error) error {
	if m.LabelName > 0 && len(name) > m.LabelName {
		return m.Over(LabelName, fmt.Sprintf("%s: bytes of the name of label %.64q", owner, name), len(name), m.LabelName, kind)
	}
	if m.LabelValue > 0 && valueBytes > m.LabelValue {
		return m.Over(LabelValue, fmt.Sprintf("%s: bytes of label %.64q", owner, name), valueBytes, m.LabelValue, kind)
	}
	return nil
}
