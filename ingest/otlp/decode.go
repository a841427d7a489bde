package otlp

import (
	"bytes"
	"encoding/json"
	"fmt"

	"github.com/oriel-obs/oriel/internal/fault"
)

// A message is one of pdata's export requests.
type message interface {
	UnmarshalProto(data []byte) error
	UnmarshalJSON(data []byte) error
}

// decode reads body, of kind k, into a message from fresh. Errors are
// fault.ErrInvalid. Beyond pdata's reading, nesting is bounded, nothing may
// follow a JSON document, and JSON null stands for an absent field.
func decode[M message](fresh func() M, k kind, body []byte, isJSON bool) (M, error) {
	m := fresh()
	if !isJSON {
		if err := checkNesting(body, k, 0); err != nil {
			return m, fmt.Errorf("decode protobuf: %w", err)
		}
		if err := m.UnmarshalProto(body); err != nil {
			return m, fmt.Errorf("decode protobuf: %w: %w", err, fault.ErrInvalid)
		}
		return m, nil
	}
	if err := checkJSONNesting(body); err != nil {
		return m, fmt.Errorf("decode JSON: %w", err)
	}
	err := m.UnmarshalJSON(body)
	if err != nil && bytes.Contains(body, []byte("null")) {
		if plain, nullErr := dropNulls(body); nullErr == nil {
			m = fresh() // the first has what came before the null
			err = m.UnmarshalJSON(plain)
		}
	}
	if err != nil {
		return m, fmt.Errorf("decode JSON: %w: %w", err, fault.ErrInvalid)
	}
	return m, nil
}

// dropNulls returns the JSON object body without its members that are null:
// proto3 reads them as absent, pdata takes them for messages and lists only.
func dropNulls(body []byte) ([]byte, error) {
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return nil, err
	}
	return json.Marshal(withoutNulls(v))
}

func withoutNulls(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for k, m := range v {
			if m == nil {
				delete(v, k)
				continue
			}
			v[k] = withoutNulls(m)
		}
	case []any:
		for i := range v {
			v[i] = withoutNulls(v[i])
		}
	}
	return v
}
