package traceql

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/oriel-obs/oriel/internal/fault"
	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/storage"
)

// An AttributeList is what attributes spans have, and how many values these
// take.
type AttributeList struct {
	Looked
	Spans      int64                  `json:"spans"`
	Attributes int                    `json:"attributes"` // those not listed included
	List       []AttributeCardinality `json:"list"`       // those with most values first
}

// An AttributeCardinality is one attribute, or one intrinsic with text of the
// sender's own.
type AttributeCardinality struct {
	Attribute string   `json:"attribute"` // as queries spell it
	Scope     string   `json:"scope"`     // "intrinsic" for these
	Name      string   `json:"name"`
	Kinds     []string `json:"kinds"` // of its values
	Rows      int64    `json:"rows"`  // spans that have it; in the scopes event and link, how many of these

	Distinct int64     `json:"distinct"` // values
	Counted  Certainty `json:"counted"`
}

// A Certainty says what a number of values is.
type Certainty string

// The certainties.
const (
	Exactly Certainty = "exactly"
	About   Certainty = "about"    // an estimate; of thousands some per cent off
	AtLeast Certainty = "at_least" // there were too many to count
)

// A ValueList is the values that an attribute takes.
type ValueList struct {
	Looked
	Attribute string           `json:"attribute"` // as queries spell it
	Values    int              `json:"values"`    // those not listed included
	List      []AttributeValue `json:"list"`      // those that most spans have first
}

// An AttributeValue is a value and the number of spans that have it.
type AttributeValue struct {
	Value string `json:"value"`
	Kind  string `json:"kind"`
	Cut   bool   `json:"cut,omitempty"` // Value is only the first maxShownValue bytes
	Spans int64  `json:"spans"`
}

// Looked says of what time an answer is. One that would cost too much is of
// the newest part of the range that was asked for.
type Looked struct {
	Start    time.Time `json:"start"`
	End      time.Time `json:"end"` // exclusive
	Complete bool      `json:"complete"`
}

const (
	maxLooking    = 10 * time.Second // for an answer, which is then of the newest part
	maxKeptValues = 100_000          // of an attribute; a range with more is made shorter
	maxKeptNames  = 10_000           // of spans
	maxStreams    = 100_000
	maxShownValue = 1024 // bytes
)

// Attributes returns the attributes that spans in r have, of which it lists
// those limit with most values. Those of resources and scopes are counted;
// for those of spans, events and links the store estimates.
func (e *Engine) Attributes(ctx context.Context, r model.Range, limit int) (*AttributeList, error) {
	list, looked, err := lookBack(ctx, e.in(ctx), r, func(ctx context.Context, r model.Range) (*AttributeList, error) {
		list := &AttributeList{List: []AttributeCardinality{}}
		if err := e.streamAttributes(ctx, r, list); err != nil {
			return nil, err
		}
		if err := e.spanNames(ctx, r, list); err != nil {
			return nil, err
		}
		for _, scope := range []Scope{ScopeSpan, ScopeEvent, ScopeLink} {
			keys, err := e.src.Keys(ctx, storage.KeysRequest{Signal: model.Spans, Range: r, Place: scopePlaces[scope], Within: true})
			if err != nil {
				return nil, fmt.Errorf("count %v attributes: %w", scope, err)
			}
			for _, k := range keys {
				list.add(Attribute{Scope: scope, Name: k.Name}, AttributeCardinality{Kinds: kindsOf(k.Kinds), Rows: k.Rows, Distinct: k.Distinct, Counted: About})
			}
		}
		return list, nil
	})
	if err != nil {
		return nil, err
	}
	list.Looked = looked
	list.Attributes = len(list.List)
	slices.SortFunc(list.List, func(a, b AttributeCardinality) int {
		return cmp.Or(cmp.Compare(b.Distinct, a.Distinct), cmp.Compare(b.Rows, a.Rows), strings.Compare(a.Attribute, b.Attribute))
	})
	list.List = list.List[:min(limit, len(list.List))]
	return list, nil
}

func (l *AttributeList) add(a Attribute, c AttributeCardinality) {
	c.Attribute, c.Scope, c.Name = a.String(), a.Scope.String(), a.Name
	if a.Intrinsic != NoIntrinsic {
		c.Scope, c.Name = "intrinsic", c.Attribute
	}
	l.List = append(l.List, c)
}

func kindsOf(kinds []model.Kind) []string {
	out := make([]string, len(kinds))
	for i, k := range kinds {
		out[i] = storage.KindName(k)
	}
	return out
}

// streamAttributes counts spans, and adds the attributes of resources and of
// scopes: what streams are made of.
func (e *Engine) streamAttributes(ctx context.Context, r model.Range, list *AttributeList) error {
	groups, err := e.src.Aggregate(ctx, storage.Aggregate{Signal: model.Spans, Range: r, ByStream: true, MaxGroups: maxStreams})
	if err != nil {
		return fmt.Errorf("count resource attributes: %w", err)
	}
	notes := map[Attribute]*streamNote{}
	note := func(a Attribute, v model.Value, rows int64) {
		n := notes[a]
		if n == nil {
			n = &streamNote{values: map[model.Value]bool{}}
			notes[a] = n
		}
		n.rows += rows
		n.values[v] = true
	}
	for _, g := range groups {
		rows := g.Buckets[0].Rows
		list.Spans += rows
		for _, a := range g.Stream.Attrs {
			note(Attribute{Scope: ScopeResource, Name: a.Key}, a.Value, rows)
		}
		for _, a := range g.Stream.ScopeAttrs {
			note(Attribute{Scope: ScopeInstrumentation, Name: a.Key}, a.Value, rows)
		}
		if name := g.Stream.ScopeName; name != "" {
			note(Attribute{Intrinsic: IntrinsicScopeName}, model.String(name), rows)
		}
	}
	for a, n := range notes {
		list.add(a, AttributeCardinality{Kinds: n.kinds(), Rows: n.rows, Distinct: int64(len(n.values)), Counted: Exactly})
	}
	return nil
}

type streamNote struct {
	rows   int64
	values map[model.Value]bool
}

func (n *streamNote) kinds() []string {
	var kinds []model.Kind
	for v := range n.values {
		if !slices.Contains(kinds, v.Kind()) {
			kinds = append(kinds, v.Kind())
		}
	}
	slices.Sort(kinds)
	return kindsOf(kinds)
}

// spanNames adds the names of spans, of which there are too many where
// somebody has put an id into them.
func (e *Engine) spanNames(ctx context.Context, r model.Range, list *AttributeList) error {
	if list.Spans == 0 {
		return nil
	}
	name := AttributeCardinality{Kinds: kindsOf([]model.Kind{model.KindString}), Rows: list.Spans, Counted: Exactly}
	names, err := e.src.Values(ctx, storage.ValuesRequest{Signal: model.Spans, Range: r, Field: storage.Field{Place: storage.Body}, MaxValues: maxKeptNames})
	switch name.Distinct = int64(len(names)); {
	case errors.Is(err, storage.ErrTooManyGroups):
		name.Distinct, name.Counted = maxKeptNames, AtLeast
	case err != nil:
		return fmt.Errorf("count names of spans: %w", err)
	}
	list.add(Attribute{Intrinsic: IntrinsicName}, name)
	return nil
}

// Values returns the values that an attribute takes on spans in r, of which it
// lists those limit that most spans have. Intrinsics are those whose text is
// the sender's.
func (e *Engine) Values(ctx context.Context, r model.Range, a Attribute, limit int) (*ValueList, error) {
	switch fields := fieldsOf(a); {
	case a.Intrinsic == NoIntrinsic && len(fields) > 1:
		return nil, fmt.Errorf("attribute %v: say of what it is, as in span%v or resource%v: %w", a, a, a, fault.ErrInvalid)
	case a.Intrinsic != NoIntrinsic && !slices.Contains([]Intrinsic{IntrinsicName, IntrinsicStatusMessage, IntrinsicEventName, IntrinsicScopeName, IntrinsicScopeVersion}, a.Intrinsic):
		return nil, fmt.Errorf("attribute %v: values are counted of attributes and names, not of this: %w", a, fault.ErrInvalid)
	}
	values, looked, err := lookBack(ctx, e.in(ctx), r, func(ctx context.Context, r model.Range) ([]storage.ValueCount, error) {
		return e.src.Values(ctx, storage.ValuesRequest{Signal: model.Spans, Range: r, Field: fieldsOf(a)[0], MaxValues: maxKeptValues})
	})
	if err != nil {
		return nil, fmt.Errorf("count values of %v: %w", a, err)
	}
	list := &ValueList{Looked: looked, Attribute: a.String(), Values: len(values), List: []AttributeValue{}}
	for _, v := range values[:min(limit, len(values))] {
		list.List = append(list.List, shownValue(v))
	}
	return list, nil
}

func shownValue(v storage.ValueCount) AttributeValue {
	out := AttributeValue{Value: v.Value.Text(), Kind: storage.KindName(v.Value.Kind()), Spans: v.Rows}
	if len(out.Value) > maxShownValue {
		end := maxShownValue
		for end > maxShownValue-utf8.UTFMax && !utf8.RuneStart(out.Value[end]) {
			end--
		}
		out.Value, out.Cut = out.Value[:end], true
	}
	return out
}

// lookBack asks about the end of r first, and then about ever more of it, and
// returns what the last question answered that did not take too much time or
// memory, and what that is of. As each asks about eight times as much, all but
// the last cost little.
func lookBack[T any](ctx context.Context, e *Engine, r model.Range, ask func(context.Context, model.Range) (T, error)) (answer T, looked Looked, err error) {
	in, cancel := e.deadline(ctx)
	defer cancel()
	in, enough := context.WithTimeout(in, maxLooking)
	defer enough()
	found := false
	for part := int64(512); part > 0; part /= 8 {
		some := r
		if part > 1 {
			some.Start = r.End - int64(max(1, uint64(r.End-r.Start)/uint64(part)))
		}
		next, err := ask(in, some)
		switch {
		case err == nil:
		case found && ctx.Err() == nil && (errors.Is(err, fault.ErrLimit) || errors.Is(err, context.DeadlineExceeded)):
			return answer, looked, nil
		default:
			return answer, looked, err
		}
		found, answer = true, next
		looked = Looked{Start: time.Unix(0, some.Start).UTC(), End: time.Unix(0, some.End).UTC(), Complete: part == 1}
	}
	return answer, looked, nil
}
