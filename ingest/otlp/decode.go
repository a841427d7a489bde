package otlp

import (
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
// follow a JSON document, JSON null stands for an absent field, and an id of a
// wrong length is no id, rather than the end of everything sent with it.
func decode[M message](fresh func() M, k kind, body []byte, isJSON bool) (M, error) {
	m := fresh()
	if isJSON {
		if err := checkJSONNesting(body); err != nil {
			return m, fmt.Errorf("decode JSON: %w", err)
		}
		err := m.UnmarshalJSON(body)
		if err == nil {
			return m, nil
		}
		if mended, ok := mendJSON(body); ok {
			m = fresh() // the first has what came before the fault
			err = m.UnmarshalJSON(mended)
		}
		if err != nil {
			return m, fmt.Errorf("decode JSON: %w: %w", err, fault.ErrInvalid)
		}
		return m, nil
	}
	if err := checkNesting(body, k, 0); err != nil {
		return m, fmt.Errorf("decode protobuf: %w", err)
	}
	err := m.UnmarshalProto(body)
	if err == nil {
		return m, nil
	}
	if mended, ok := dropWrongIDs(make([]byte, 0, len(body)), body, k); ok && len(mended) < len(body) {
		m = fresh()
		err = m.UnmarshalProto(mended)
	}
	if err != nil {
		return m, fmt.Errorf("decode protobuf: %w: %w", err, fault.ErrInvalid)
	}
	return m, nil
}
