package alertapi

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"

	"github.com/prometheus/alertmanager/api/v2/models"
	"github.com/prometheus/alertmanager/silence"
	"github.com/prometheus/alertmanager/silence/silencepb"
	"github.com/prometheus/prometheus/model/labels"

	"github.com/oriel-obs/oriel/internal/auth"
	"github.com/oriel-obs/oriel/internal/fault"
)

// A silence is somebody's to see or to change if all alerts that it may ever be
// about are, by its matchers alone.

var errNoSilence = fmt.Errorf("there is no such silence: %w", fault.ErrNotFound)

// within reports whether a silence is of alerts of r alone.
func within(r auth.Reach, s *silencepb.Silence) bool {
	for _, set := range s.MatcherSets {
		ms := make([]*labels.Matcher, len(set.Matchers))
		for i, m := range set.Matchers {
			var err error
			if ms[i], err = auth.SilenceMatcher(matchTypes[m.Type], m.Name, m.Pattern); err != nil {
				return false
			}
		}
		if r.Lacks(ms) != "" {
			return false
		}
	}
	return true
}

var matchTypes = map[silencepb.Matcher_Type]labels.MatchType{
	silencepb.Matcher_EQUAL: labels.MatchEqual, silencepb.Matcher_NOT_EQUAL: labels.MatchNotEqual,
	silencepb.Matcher_REGEXP: labels.MatchRegexp, silencepb.Matcher_NOT_REGEXP: labels.MatchNotRegexp,
}

// find returns a silence that id sees; another wraps fault.ErrNotFound.
func (h *Handler) find(r *http.Request, name string, id *auth.Identity) (*silencepb.Silence, error) {
	found, _, err := h.silences.Query(r.Context(), silence.QIDs(name))
	if errors.Is(err, silence.ErrNotFound) || err == nil && (len(found) == 0 || !within(id.Reach(auth.AlertsRead), found[0])) {
		return nil, errNoSilence
	}
	if err != nil {
		return nil, fmt.Errorf("find silence: %w", err)
	}
	return found[0], nil
}

// change returns why id may not change a silence, if it may not.
func (h *Handler) change(r *http.Request, name string, id *auth.Identity) error {
	s, err := h.find(r, name, id)
	if err == nil && !within(id.Reach(auth.AlertsWrite), s) {
		return fmt.Errorf("silence %s may be of alerts that are not yours to silence: %w", s.Id, fault.ErrForbidden)
	}
	return err
}

// silence answers what is about one.
func (h *Handler) silence(w http.ResponseWriter, r *http.Request, name string, id *auth.Identity, next http.HandlerFunc) error {
	if r.Method != http.MethodGet {
		if err := h.change(r, name, id); err != nil {
			return err
		}
		next(w, r)
		return nil
	}
	if _, err := h.find(r, name, id); err != nil {
		return err
	}
	return changed(w, r, next, func(body []byte) ([]byte, error) {
		var one map[string]any
		if err := decode(body, &one); err != nil {
			return nil, err
		}
		return json.Marshal(shownSilence(one, id))
	})
}

// ownSilences returns a list of silences without those that id does not see.
func (h *Handler) ownSilences(r *http.Request, body []byte, id *auth.Identity) ([]byte, error) {
	var all []map[string]any
	if err := decode(body, &all); err != nil {
		return nil, err
	}
	kept, _, err := h.silences.Query(r.Context())
	if err != nil {
		return nil, fmt.Errorf("find silences: %w", err)
	}
	theirs, reach := map[string]bool{}, id.Reach(auth.AlertsRead)
	for _, s := range kept {
		theirs[s.Id] = within(reach, s)
	}
	out := []map[string]any{}
	for _, s := range all {
		if name, _ := s["id"].(string); theirs[name] {
			out = append(out, shownSilence(s, id))
		}
	}
	return json.Marshal(out)
}

// shownSilence returns s as Alertmanager's API shows it to id.
func shownSilence(s map[string]any, id *auth.Identity) map[string]any {
	if matchers, ok := s["matchers"].([]any); ok && len(id.Tenants) == 1 {
		s["matchers"] = slices.DeleteFunc(matchers, func(matcher any) bool {
			one, _ := matcher.(map[string]any)
			return one["name"] == auth.TenantLabel
		})
	}
	return s
}

// postSilence sets one for alerts of id's alone, in id's name: who sets it is
// known, and whoever else it says is somebody's word.
func (h *Handler) postSilence(w http.ResponseWriter, r *http.Request, id *auth.Identity, next http.HandlerFunc) error {
	var s models.PostableSilence // and not a map: what is next takes keys in any case
	if err := readJSON(r, &s); err != nil {
		return err
	}
	if s.ID != "" {
		if err := h.change(r, s.ID, id); err != nil {
			return err
		}
	}
	ms, err := sentMatchers(s.Matchers)
	if err != nil {
		return err
	}
	if id.Tenants != nil {
		if ms, err = ownMatchers(&s, ms, id.Tenant()); err != nil {
			return err
		}
	}
	if len(ms) == 0 {
		return fmt.Errorf("a silence needs a matcher: %w", fault.ErrInvalid)
	}
	if lacks := id.Reach(auth.AlertsWrite).Lacks(ms); lacks != "" {
		return fmt.Errorf("a silence may be of your own alerts alone: add %s to its matchers: %w", lacks, fault.ErrForbidden)
	}
	if id.Kind != auth.Anonymous {
		s.CreatedBy = &id.Name
	}
	return passOn(w, r, s, next)
}

// sentMatchers reads the matchers of a silence as what is next does.
func sentMatchers(sent models.Matchers) ([]*labels.Matcher, error) {
	ms := make([]*labels.Matcher, len(sent))
	for i, m := range sent {
		if m == nil || m.Name == nil || m.Value == nil {
			return nil, fmt.Errorf("body: matcher %d: it has a name and a value: %w", i+1, fault.ErrInvalid)
		}
		t := labels.MatchEqual
		regex, equal := m.IsRegex != nil && *m.IsRegex, m.IsEqual == nil || *m.IsEqual
		switch {
		case regex && equal:
			t = labels.MatchRegexp
		case regex:
			t = labels.MatchNotRegexp
		case !equal:
			t = labels.MatchNotEqual
		}
		var err error
		if ms[i], err = auth.SilenceMatcher(t, *m.Name, *m.Value); err != nil {
			return nil, fmt.Errorf("body: %w: %w", err, fault.ErrInvalid)
		}
	}
	return ms, nil
}

// ownMatchers keeps s, which has ms, to the alerts of a tenant, and returns the
// matchers it has then; nil if there are no others than the tenant's.
func ownMatchers(s *models.PostableSilence, ms []*labels.Matcher, tenant string) ([]*labels.Matcher, error) {
	own := labels.MustNewMatcher(labels.MatchEqual, auth.TenantLabel, tenant)
	for _, m := range ms {
		if m.Name == auth.TenantLabel && m.String() != own.String() {
			return nil, fmt.Errorf("a silence is of the tenant that the request is about: leave %s out of its matchers: %w", auth.TenantLabel, fault.ErrInvalid)
		}
	}
	ms = slices.DeleteFunc(ms, func(m *labels.Matcher) bool { return m.Name == auth.TenantLabel })
	s.Matchers = slices.DeleteFunc(s.Matchers, func(m *models.Matcher) bool { return *m.Name == auth.TenantLabel })
	if len(ms) == 0 {
		return nil, nil
	}
	name, regex, equal := auth.TenantLabel, false, true
	s.Matchers = append(s.Matchers, &models.Matcher{Name: &name, Value: &tenant, IsRegex: &regex, IsEqual: &equal})
	return append(ms, own), nil
}
