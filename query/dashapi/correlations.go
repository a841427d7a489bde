package dashapi

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"github.com/oriel-obs/oriel/internal/fault"
	"github.com/oriel-obs/oriel/storage/state"
)

// Correlations are how the page leads from one signal to another.
type correlations struct {
	Rules []correlationRule `json:"rules"` // that people added
	Off   []string          `json:"off"`   // ids of the page's own that they switched off
}

// A correlationRule is a way from a subject to a place where more is told of it.
type correlationRule struct {
	ID      string          `json:"id"`
	From    []string        `json:"from"`
	To      string          `json:"to"`
	Title   string          `json:"title"`
	Queries []string        `json:"queries"` // templates with {{service}} and the like
	Around  json.RawMessage `json:"around"`  // "page", or an object of before and after
	When    string          `json:"when,omitempty"`
}

var (
	subjectKinds = []string{"series", "line", "span", "alert", "exemplar", "service"}
	targetKinds  = []string{"logs", "traces", "metrics", "browse", "trace", "service"}
	rulePattern  = regexp.MustCompile(`^[a-zA-Z0-9_-]{1,80}$`)
)

const (
	maxRules     = 100
	maxTemplates = 10      // of a rule
	maxTemplate  = 4 << 10 // bytes
	maxMinutes   = 7 * 24 * 60
)

func (c correlations) check() error {
	if len(c.Rules) > maxRules || len(c.Off) > maxRules {
		return fmt.Errorf("rules: at most %d, and as many off: %w", maxRules, fault.ErrInvalid)
	}
	seen := map[string]bool{}
	for i, rule := range c.Rules {
		if err := rule.check(); err != nil {
			return fmt.Errorf("rules[%d]: %w: %w", i, err, fault.ErrInvalid)
		}
		if seen[rule.ID] {
			return fmt.Errorf("rules[%d].id: %q occurs twice: %w", i, rule.ID, fault.ErrInvalid)
		}
		seen[rule.ID] = true
	}
	return nil
}

func (r correlationRule) check() error {
	switch {
	case !rulePattern.MatchString(r.ID):
		return fmt.Errorf("id: %.100q: up to 80 letters, digits, - and _", r.ID)
	case strings.TrimSpace(r.Title) == "" || len(r.Title) > 200:
		return errors.New("title: 1 to 200 bytes")
	case len(r.From) == 0:
		return fmt.Errorf("from: at least one of %v", subjectKinds)
	case !slices.Contains(targetKinds, r.To):
		return fmt.Errorf("to: %.40q: one of %v", r.To, targetKinds)
	case len(r.Queries) == 0 || len(r.Queries) > maxTemplates:
		return fmt.Errorf("queries: 1 to %d", maxTemplates)
	case r.When != "" && r.When != "error" && r.When != "latency":
		return fmt.Errorf("when: %.40q: error or latency", r.When)
	}
	for _, from := range r.From {
		if !slices.Contains(subjectKinds, from) {
			return fmt.Errorf("from: %.40q: one of %v", from, subjectKinds)
		}
	}
	for i, q := range r.Queries {
		if strings.TrimSpace(q) == "" || len(q) > maxTemplate {
			return fmt.Errorf("queries[%d]: 1 to %d bytes", i, maxTemplate)
		}
	}
	return checkAround(r.Around)
}

// checkAround allows "page" and {"before": …, "after": …}, each minutes or
// "step", after also "now".
func checkAround(text json.RawMessage) error {
	var word string
	if json.Unmarshal(text, &word) == nil {
		if word != "page" {
			return fmt.Errorf("around: %.40q: page, or before and after", word)
		}
		return nil
	}
	var a struct{ Before, After any }
	if err := json.Unmarshal(text, &a); err != nil {
		return errors.New("around: page, or before and after")
	}
	for name, side := range map[string]any{"before": a.Before, "after": a.After} {
		switch v := side.(type) {
		case float64:
			if v < 0 || v > maxMinutes {
				return fmt.Errorf("around.%s: %v: 0 to %d minutes", name, v, maxMinutes)
			}
		case string:
			if v != "step" && (v != "now" || name != "after") {
				return fmt.Errorf("around.%s: %.40q is no time", name, v)
			}
		default:
			return fmt.Errorf("around.%s: minutes, or step", name)
		}
	}
	return nil
}

func (h *Handler) getCorrelations(w http.ResponseWriter, r *http.Request) error {
	kept, err := h.db.Correlations(r.Context())
	if err != nil {
		return err
	}
	c := correlations{Rules: []correlationRule{}, Off: []string{}}
	if kept.Version > 0 {
		if err := json.Unmarshal(kept.JSON, &c); err != nil {
			return fmt.Errorf("decode correlation rules: %w", err)
		}
	}
	answer := map[string]any{"version": kept.Version, "rules": c.Rules, "off": c.Off}
	if kept.Version > 0 {
		answer["updated"], answer["updatedBy"] = kept.Updated, kept.Author
	}
	return writeJSON(w, answer)
}

func (h *Handler) putCorrelations(w http.ResponseWriter, r *http.Request) error {
	var b struct {
		Version int `json:"version"`
		correlations
	}
	if err := readJSON(w, r, &b); err != nil {
		return err
	}
	if err := b.check(); err != nil {
		return err
	}
	b.Off = nonNil(b.Off)
	if b.Rules == nil {
		b.Rules = []correlationRule{}
	}
	text, err := json.Marshal(b.correlations)
	if err != nil {
		return err
	}
	version, err := h.db.SaveCorrelations(r.Context(), state.Correlations{JSON: text, Version: b.Version, Author: h.opts.User(r)})
	if err != nil {
		return err
	}
	return writeJSON(w, map[string]any{"version": version})
}
