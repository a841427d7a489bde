package history

import (
	"math"
	"time"

	amalert "github.com/prometheus/alertmanager/alert"
	promodel "github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/rules"

	"github.com/oriel-obs/oriel/storage/state"
)

// Evaluated takes down what has changed in g, which was evaluated at a time.
func (h *History) Evaluated(g *rules.Group, at time.Time) {
	now := map[state.AlertKey]state.AlertChange{}   // pending and firing
	ended := map[state.AlertKey]state.AlertChange{} // firing before
	external := h.opts.ExternalLabels()
	for _, r := range g.Rules() {
		rule, ok := r.(*rules.AlertingRule)
		if !ok {
			continue
		}
		rule.ForEachActiveAlert(func(a *rules.Alert) {
			c := changeOf(g, rule.Name(), a, external)
			switch {
			case a.State == rules.StateInactive:
				ended[c.AlertKey] = c
			case now[c.AlertKey].State != state.AlertFiring: // rules of one name may have one alert
				now[c.AlertKey] = c
			}
		})
	}

	h.mu.Lock()
	defer h.mu.Unlock()
	var changes []state.AlertChange
	known := h.known[groupKey{g.File(), g.Name()}]
	for key, c := range now {
		was := known[key].State
		if was == state.AlertFiring && c.State == state.AlertPending {
			continue // after a restart, until its state is restored
		}
		if was != c.State {
			changes = append(changes, c)
		}
	}
	for key, was := range known {
		if _, ok := now[key]; ok {
			continue
		}
		c, ok := ended[key]
		if !ok {
			c = state.AlertChange{At: at, AlertState: was, Value: math.NaN()}
		}
		c.State = over(was.State)
		changes = append(changes, c)
	}
	h.record(changes)
}

// over is what the end of an alert is called.
func over(was string) string {
	if was == state.AlertFiring {
		return state.AlertResolved
	}
	return state.AlertInactive
}

func changeOf(g *rules.Group, rule string, a *rules.Alert, external labels.Labels) state.AlertChange {
	set := textsOf(a.Labels)
	external.Range(func(l labels.Label) {
		if _, ok := set[l.Name]; !ok {
			set[l.Name] = l.Value
		}
	})
	c := state.AlertChange{Value: a.Value, AlertState: state.AlertState{
		AlertKey: state.AlertKey{File: g.File(), Group: g.Name(), Rule: rule, Fingerprint: fingerprint(set)},
		Labels:   set, Annotations: textsOf(a.Annotations),
	}}
	switch a.State {
	case rules.StateFiring:
		c.State, c.At = state.AlertFiring, a.FiredAt
	case rules.StateInactive:
		c.At = a.ResolvedAt
	default:
		c.State, c.At = state.AlertPending, a.ActiveAt
	}
	return c
}

// textsOf leaves out empty values: they are the same as none.
func textsOf(ls labels.Labels) map[string]string {
	out := make(map[string]string, ls.Len())
	ls.Range(func(l labels.Label) {
		if l.Value != "" {
			out[l.Name] = l.Value
		}
	})
	return out
}

// fingerprint is Alertmanager's.
func fingerprint(set map[string]string) string {
	ls := make(promodel.LabelSet, len(set))
	for k, v := range set {
		ls[promodel.LabelName(k)] = promodel.LabelValue(v)
	}
	return ls.Fingerprint().String()
}

// Received takes down alerts that others sent.
func (h *History) Received(as ...*amalert.Alert) {
	now := time.Now()
	h.mu.Lock()
	defer h.mu.Unlock()
	var changes []state.AlertChange
	for _, a := range as {
		key := state.AlertKey{Rule: a.Name(), Fingerprint: a.Fingerprint().String()}
		was, known := h.known[groupKey{}][key]
		c := state.AlertChange{At: a.StartsAt, Value: math.NaN(), AlertState: state.AlertState{
			AlertKey: key, State: state.AlertFiring, Labels: textsIn(a.Labels), Annotations: textsIn(a.Annotations), Until: a.EndsAt,
		}}
		switch firing := a.EndsAt.After(now); {
		case firing && known:
			was.Until = a.EndsAt
			h.keep(was)
		case firing:
			changes = append(changes, c)
		case known:
			c.At, c.State = a.EndsAt, state.AlertResolved
			changes = append(changes, c)
		}
	}
	h.record(changes)
}

func textsIn(set promodel.LabelSet) map[string]string {
	out := make(map[string]string, len(set))
	for k, v := range set {
		out[string(k)] = string(v)
	}
	return out
}

// sweep ends alerts of which nobody would tell: those that others sent and do
// not send again, and those of groups that are no more.
func (h *History) sweep(now time.Time) {
	groups := h.opts.Groups()
	h.mu.Lock()
	defer h.mu.Unlock()
	there := map[groupKey]bool{{}: true}
	for _, g := range groups {
		there[groupKey{g.File(), g.Name()}] = true
	}
	var changes []state.AlertChange
	for g, known := range h.known {
		for _, s := range known {
			c := state.AlertChange{At: now, AlertState: s, Value: math.NaN()}
			c.State = over(s.State)
			switch {
			case groups != nil && !there[g]:
				c.Comment = "the rule is no more"
			case g == groupKey{} && s.Until.Before(now):
				c.At = s.Until
			default:
				continue
			}
			changes = append(changes, c)
		}
	}
	h.record(changes)
}
