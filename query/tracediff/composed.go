package tracediff

import (
	"encoding/json"
	"fmt"
)

// A Composed is a Summary, with the Patch if that is small.
type Composed struct {
	Version      string          `json:"version"`
	Summary      *Summary        `json:"summary"`
	Patch        json.RawMessage `json:"patch,omitempty"`
	PatchOmitted *Omitted        `json:"patchOmitted,omitempty"`
}

// Omitted says how large a patch is that was left out, and why.
type Omitted struct {
	Bytes  int    `json:"bytes"`
	Reason string `json:"reason"` // "over_budget"
}

// patchBudget is the most that a patch may take of a Composed, in bytes of JSON.
const patchBudget = 64 << 10

// Composed returns both documents in one.
func (d *Diff) Composed() (*Composed, error) {
	b, err := json.Marshal(d.patch)
	if err != nil {
		return nil, fmt.Errorf("encode patch: %w", err)
	}
	out := &Composed{Version: ComposedV0, Summary: d.Summary()}
	if len(b) > patchBudget {
		out.PatchOmitted = &Omitted{len(b), "over_budget"}
	} else {
		out.Patch = b
	}
	return out, nil
}
