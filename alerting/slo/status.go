package slo

import (
	"context"
	"fmt"
	"math"
	"strings"
	"time"

	promodel "github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/promql"

	"github.com/oriel-obs/oriel/internal/auth"
)

// Ask evaluates a PromQL expression at a moment; it is rules.QueryFunc.
type Ask func(ctx context.Context, expr string, at time.Time) (promql.Vector, error)

// A Status is how an objective does. Numbers are nil where nothing is recorded
// yet, or no event came.
type Status struct {
	Objective
	Good            *float64           `json:"good"`            // share of good events in the whole window
	Errors          map[string]float64 `json:"errors"`          // bad share of events by window
	BudgetRemaining *float64           `json:"budgetRemaining"` // of 1; below 0 it is overdrawn
	BurnRate        *float64           `json:"burnRate"`        // over an hour (of a window of 30 days); 1 lasts exactly a window
	Exhaustion      Exhaustion         `json:"exhaustion"`
	Editable        bool               `json:"editable"` // it came through the API
	File            string             `json:"file"`
	Tenant          string             `json:"tenant,omitempty"` // whose it is, in answers across tenants
}

// Exhaustion tells when the budget is used up if it goes on burning as in the
// last hour.
type Exhaustion struct {
	State string     `json:"state"`        // "exhausted", "at", "not in this window" or "unknown"
	At    *time.Time `json:"at,omitempty"` // of state "at"
}

// statuses returns how the objectives do at a moment.
func (m *Manager) statuses(ctx context.Context, all []known, at time.Time) ([]Status, error) {
	v, err := m.opts.Ask(ctx, fmt.Sprintf(`{__name__=~%q}`, strings.Join([]string{errorRatio, burnRate, budgetRemaining}, "|")), at)
	if err != nil {
		return nil, fmt.Errorf("ask for what is recorded: %w", err)
	}
	out := make([]Status, len(all))
	index := map[id]*Status{}
	several := false
	own := auth.From(ctx)
	if own != nil {
		several = len(own.Tenants) > 1
	}
	for i, o := range all {
		out[i] = Status{Objective: o.Objective, Errors: map[string]float64{}, Editable: o.editable, File: o.path}
		index[id{o.tenant, o.Name}] = &out[i]
		if several {
			out[i].Tenant = o.tenant
		}
	}
	for _, sample := range v {
		of := id{own.Tenant(), sample.Metric.Get("slo")}
		if several { // else it is not shown
			of.tenant = sample.Metric.Get(auth.TenantLabel)
		}
		s := index[of]
		if s == nil || math.IsNaN(sample.F) || math.IsInf(sample.F, 0) {
			continue
		}
		value := rounded(sample.F)
		switch sample.Metric.Get(promodel.MetricNameLabel) {
		case errorRatio:
			window := sample.Metric.Get("window")
			s.Errors[window] = value
			if window == s.Window.String() {
				good := rounded(1 - value)
				s.Good = &good
			}
		case burnRate:
			s.BurnRate = &value
		case budgetRemaining:
			s.BudgetRemaining = &value
		}
	}
	for i := range out {
		out[i].Exhaustion = forecast(out[i].BudgetRemaining, out[i].BurnRate, time.Duration(out[i].Window), at)
	}
	return out, nil
}

// forecast carries the burn rate on. A window's worth of time at rate 1 uses up
// the whole budget.
func forecast(remaining, burn *float64, window time.Duration, now time.Time) Exhaustion {
	switch {
	case remaining == nil || burn == nil:
		return Exhaustion{State: "unknown"}
	case *remaining <= 0:
		return Exhaustion{State: "exhausted"}
	case *burn <= 0 || *remaining / *burn > 1:
		return Exhaustion{State: "not in this window"}
	}
	at := now.Add(time.Duration(*remaining / *burn * float64(window))).UTC().Truncate(time.Second)
	return Exhaustion{State: "at", At: &at}
}
