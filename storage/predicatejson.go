package storage

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"unicode/utf8"

	"github.com/oriel-obs/oriel/model"
)

// EncodePredicate returns p as JSON that DecodePredicate reads back; nil is
// null. The form is part of the on-disk format (docs/format/delete.md).
func EncodePredicate(p Predicate) ([]byte, error) {
	j, err := toJSON(p)
	if err != nil {
		return nil, err
	}
	return json.Marshal(j)
}

// DecodePredicate reads what EncodePredicate wrote.
func DecodePredicate(b []byte) (Predicate, error) {
	var j *jsonPredicate
	if err := json.Unmarshal(b, &j); err != nil {
		return nil, fmt.Errorf("predicate: %w", err)
	}
	return j.predicate()
}

// A jsonPredicate has exactly one member.
type jsonPredicate struct {
	And      *[]*jsonPredicate `json:"and,omitempty"`
	Or       *[]*jsonPredicate `json:"or,omitempty"`
	Not      *jsonPredicate    `json:"not,omitempty"`
	Compare  *jsonLeaf         `json:"compare,omitempty"`
	Match    *jsonLeaf         `json:"match,omitempty"`
	Contains *jsonLeaf         `json:"contains,omitempty"`
	Exists   *jsonLeaf         `json:"exists,omitempty"`
}

// A jsonLeaf is a predicate on one field.
type jsonLeaf struct {
	Place string   `json:"place"`
	Key   jsonText `json:"key,omitempty"`

	Op    string   `json:"op,omitempty"`    // of compare
	Kind  string   `json:"kind,omitempty"`  // of compare
	Value jsonText `json:"value,omitempty"` // of compare: Value.Text

	Regexp jsonText `json:"regexp,omitempty"` // of match

	Needle   jsonText `json:"needle,omitempty"` // of contains
	FoldCase bool     `json:"fold_case,omitempty"`
}

// A jsonText is a JSON string, or an object with the member base64 if it is not
// valid UTF-8, which JSON cannot hold.
type jsonText string

// MarshalJSON implements json.Marshaler.
func (t jsonText) MarshalJSON() ([]byte, error) {
	if utf8.ValidString(string(t)) {
		return json.Marshal(string(t))
	}
	return json.Marshal(map[string]string{"base64": base64.StdEncoding.EncodeToString([]byte(t))})
}

// UnmarshalJSON implements json.Unmarshaler.
func (t *jsonText) UnmarshalJSON(b []byte) error {
	if len(b) > 0 && b[0] == '{' {
		var raw struct {
			Base64 []byte `json:"base64"`
		}
		err := json.Unmarshal(b, &raw)
		*t = jsonText(raw.Base64)
		return err
	}
	return json.Unmarshal(b, (*string)(t))
}

// kindNames are the kinds of values in JSON.
var kindNames = [...]string{
	model.KindNone: "none", model.KindString: "string", model.KindInt: "int", model.KindFloat: "float",
	model.KindBool: "bool", model.KindBytes: "bytes", model.KindArray: "array", model.KindMap: "map",
}

// KindName returns what a kind of values is called in JSON.
func KindName(k model.Kind) string { return kindNames[k] }

func toJSON(p Predicate) (*jsonPredicate, error) {
	leaf := func(f Field) *jsonLeaf { return &jsonLeaf{Place: f.Place.String(), Key: jsonText(f.Key)} }
	several := func(ps []Predicate) (*[]*jsonPredicate, error) {
		out := make([]*jsonPredicate, len(ps))
		for i, q := range ps {
			j, err := toJSON(q)
			if err != nil {
				return nil, err
			}
			out[i] = j
		}
		return &out, nil
	}
	j := &jsonPredicate{}
	var err error
	switch p := p.(type) {
	case nil:
		return nil, nil
	case And:
		j.And, err = several(p)
	case Or:
		j.Or, err = several(p)
	case Not:
		if j.Not, err = toJSON(p.P); j.Not == nil && err == nil {
			err = errors.New("predicate: not of nothing")
		}
	case Compare:
		j.Compare = leaf(p.Field)
		j.Compare.Op, j.Compare.Kind, j.Compare.Value = p.Op.String(), kindNames[p.Value.Kind()], jsonText(p.Value.Text())
	case Match:
		j.Match = leaf(p.Field)
		j.Match.Regexp = jsonText(p.Regexp.String())
	case Contains:
		j.Contains = leaf(p.Field)
		j.Contains.Needle, j.Contains.FoldCase = jsonText(p.Needle), p.FoldCase
	case Exists:
		j.Exists = leaf(p.Field)
	default:
		err = fmt.Errorf("predicate %T has no JSON form", p)
	}
	return j, err
}

func (j *jsonPredicate) predicate() (Predicate, error) {
	if j == nil {
		return nil, nil
	}
	several := func(js []*jsonPredicate) ([]Predicate, error) {
		out := make([]Predicate, len(js))
		for i, j := range js {
			p, err := j.predicate()
			if err != nil {
				return nil, err
			}
			if p == nil {
				return nil, errors.New("predicate: null in a list")
			}
			out[i] = p
		}
		return out, nil
	}
	switch {
	case j.And != nil:
		ps, err := several(*j.And)
		return And(ps), err
	case j.Or != nil:
		ps, err := several(*j.Or)
		return Or(ps), err
	case j.Not != nil:
		p, err := j.Not.predicate()
		return Not{P: p}, err
	case j.Compare != nil:
		return j.Compare.compare()
	case j.Match != nil:
		f, err := j.Match.field()
		if err != nil {
			return nil, err
		}
		re, err := regexp.Compile(string(j.Match.Regexp))
		return Match{Field: f, Regexp: re}, err
	case j.Contains != nil:
		f, err := j.Contains.field()
		return Contains{Field: f, Needle: string(j.Contains.Needle), FoldCase: j.Contains.FoldCase}, err
	case j.Exists != nil:
		f, err := j.Exists.field()
		return Exists{Field: f}, err
	}
	return nil, errors.New("predicate: none of and, or, not, compare, match, contains, exists")
}

func (l *jsonLeaf) field() (Field, error) {
	i := slices.Index(placeNames[:], l.Place)
	if l.Place == "" || i < 0 {
		return Field{}, fmt.Errorf("predicate: unknown place %q", l.Place)
	}
	return Field{Place: Place(i), Key: string(l.Key)}, nil
}

func (l *jsonLeaf) compare() (Predicate, error) {
	f, err := l.field()
	if err != nil {
		return nil, err
	}
	op := Eq
	for op.String() != l.Op {
		if op++; op > Ge {
			return nil, fmt.Errorf("predicate: unknown operator %q", l.Op)
		}
	}
	v, err := l.value()
	return Compare{Field: f, Op: op, Value: v}, err
}

func (l *jsonLeaf) value() (model.Value, error) {
	text := string(l.Value)
	switch model.Kind(slices.Index(kindNames[:], l.Kind)) {
	case model.KindNone:
		return model.Value{}, nil
	case model.KindString:
		return model.String(text), nil
	case model.KindInt:
		n, err := strconv.ParseInt(text, 10, 64)
		return model.Int(n), err
	case model.KindFloat:
		x, err := strconv.ParseFloat(text, 64)
		return model.Float(x), err
	case model.KindBool:
		b, err := strconv.ParseBool(text)
		return model.Bool(b), err
	case model.KindBytes:
		return model.Bytes(text), nil
	case model.KindArray:
		return model.Array(text), nil
	case model.KindMap:
		return model.Map(text), nil
	}
	return model.Value{}, fmt.Errorf("predicate: unknown kind of value %q", l.Kind)
}
