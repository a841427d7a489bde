package dashapi

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/oriel-obs/oriel/internal/fault"
)

// A document is a dashboard's JSON with what is read of it here.
type document struct {
	json    []byte
	UID     string   `json:"uid"`
	Title   string   `json:"title"`
	Tags    []string `json:"tags"`
	Version int      `json:"version"`
}

// parseDocument reads a dashboard in Grafana's classic model. What it does not
// know it leaves alone. Errors wrap fault.ErrInvalid.
func parseDocument(text []byte) (document, error) {
	d := document{json: text}
	var members struct {
		UID      json.RawMessage `json:"uid"`
		Title    json.RawMessage `json:"title"`
		Tags     json.RawMessage `json:"tags"`
		Version  json.RawMessage `json:"version"`
		Kind     string          `json:"kind"`
		Elements json.RawMessage `json:"elements"`
		Spec     json.RawMessage `json:"spec"`
	}
	if err := json.Unmarshal(text, &members); err != nil {
		return d, fmt.Errorf("a dashboard is a JSON object: %w: %w", err, fault.ErrInvalid)
	}
	if members.Elements != nil || members.Spec != nil || members.Kind == "Dashboard" {
		return d, fmt.Errorf("this is Grafana's schema v2 (elements and layouts); export the dashboard in the classic model: %w", fault.ErrInvalid)
	}
	if json.Unmarshal(members.Title, &d.Title) != nil || strings.TrimSpace(d.Title) == "" {
		return d, fmt.Errorf("the dashboard has no title: %w", fault.ErrInvalid)
	}
	_ = json.Unmarshal(members.UID, &d.UID)         // null and numbers mean none
	_ = json.Unmarshal(members.Version, &d.Version) // likewise
	if json.Unmarshal(members.Tags, &d.Tags) != nil {
		d.Tags = nil
	}
	return d, nil
}

// withMembers returns the object text with members set: those that it has keep
// their place, new ones come last, by order. All other bytes stay.
func withMembers(text []byte, set map[string]any, order ...string) ([]byte, error) {
	dec := jsontext.NewDecoder(bytes.NewReader(text), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	if _, err := dec.ReadToken(); err != nil {
		return nil, err
	}
	out := make([]byte, 0, len(text)+64)
	copied, members, done := int64(0), 0, map[string]bool{}
	for dec.PeekKind() == '"' {
		name, err := dec.ReadToken()
		if err != nil {
			return nil, err
		}
		key := name.String()
		old, err := dec.ReadValue()
		if err != nil {
			return nil, err
		}
		members++
		v, ok := set[key]
		if !ok {
			continue
		}
		b, err := json.Marshal(v)
		if err != nil {
			return nil, err
		}
		end := dec.InputOffset()
		out = append(append(out, text[copied:end-int64(len(old))]...), b...)
		copied, done[key] = end, true
	}
	if _, err := dec.ReadToken(); err != nil {
		return nil, err
	}
	closing := dec.InputOffset() - 1
	out = append(out, text[copied:closing]...)
	for _, key := range order {
		if done[key] {
			continue
		}
		b, err := json.Marshal(set[key])
		if err != nil {
			return nil, err
		}
		out = bytes.TrimRight(out, " \t\r\n")
		if members++; members > 1 {
			out = append(out, ',')
		}
		out = append(fmt.Appendf(out, "%q:", key), b...)
	}
	return append(out, text[closing:]...), nil
}
