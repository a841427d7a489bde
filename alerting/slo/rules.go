package slo

import (
	"bytes"
	"fmt"
	"maps"
	"strconv"
	"strings"
	"time"

	promodel "github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/rulefmt"
	"go.yaml.in/yaml/v3"

	"github.com/oriel-obs/oriel/alerting"
)

// Names of what is recorded. Each series has the labels slo and service.
const (
	badRate         = "slo:events_bad:rate"   // per second, over the shortest window
	totalRate       = "slo:events_total:rate" // likewise
	errorRatio      = "slo:error_ratio"       // bad share of events, with the label window
	objectiveRatio  = "slo:objective:ratio"
	budgetRemaining = "slo:error_budget_remaining:ratio" // 1 is untouched, below 0 is overdrawn
	burnRate        = "slo:burn_rate"                    // 1 uses the budget up exactly in the window; over an hour of 30 days
)

// ownLabels are those that only Rules sets.
var ownLabels = []string{"slo", "service", "window", "severity"}

// A burn is one condition of an alert: both windows burn at least so many times
// faster than the budget allows. Windows are of an objective of 30 days; the
// workbook's table 5-8.
type burn struct {
	rate        float64
	long, short time.Duration
}

var (
	pages   = []burn{{14.4, time.Hour, 5 * time.Minute}, {6, 6 * time.Hour, 30 * time.Minute}}
	tickets = []burn{{3, 24 * time.Hour, 2 * time.Hour}, {1, 72 * time.Hour, 6 * time.Hour}}
)

// scaled is a window for the objective's own, which has at least a minute: the
// shorter the objective, the coarser its alerts.
func (o *Objective) scaled(w time.Duration) time.Duration {
	w = time.Duration(float64(w) * float64(o.Window) / float64(defaultWindow))
	return max(w.Truncate(time.Minute), time.Minute)
}

// shortest is what the rates of events are taken over.
func (o *Objective) shortest() time.Duration { return o.scaled(pages[0].short) }

// interval is how often the rules are evaluated.
func (o *Objective) interval() time.Duration { return max(o.shortest()/10, 5*time.Second) }

// Rules renders the rule file of a complete Objective.
func (o *Objective) Rules() []byte {
	interval := promodel.Duration(o.interval())
	indicator := alerting.RuleGroup{RuleGroup: rulefmt.RuleGroup{Name: "slo-" + o.Name + "-indicator", Interval: interval}}
	bad, total := o.events(o.shortest())
	if o.Indicator.LogQL != nil {
		indicator.Signal = alerting.Logs
	}
	indicator.Rules = []rulefmt.Rule{o.record(badRate, bad), o.record(totalRate, total)}

	budget := alerting.RuleGroup{RuleGroup: rulefmt.RuleGroup{Name: "slo-" + o.Name + "-budget", Interval: interval}}
	for _, w := range o.windows() {
		r := o.record(errorRatio, o.ratio(w))
		r.Labels["window"] = promodel.Duration(w).String()
		budget.Rules = append(budget.Rules, r)
	}
	allowed := number(1 - o.Objective/100)
	budget.Rules = append(budget.Rules,
		o.record(objectiveRatio, "vector("+number(o.Objective/100)+")"),
		o.record(burnRate, fmt.Sprintf("%s / %s", o.series(errorRatio, o.scaled(time.Hour)), allowed)),
		o.record(budgetRemaining, fmt.Sprintf("1 - %s / %s", o.series(errorRatio, time.Duration(o.Window)), allowed)))

	alerts := alerting.RuleGroup{RuleGroup: rulefmt.RuleGroup{Name: "slo-" + o.Name + "-alerts", Interval: interval}}
	if !o.Alerts.Page.Disabled {
		alerts.Rules = append(alerts.Rules, o.alert("page", pages, o.Alerts.Page, "burns its error budget fast"))
	}
	if !o.Alerts.Ticket.Disabled {
		alerts.Rules = append(alerts.Rules, o.alert("ticket", tickets, o.Alerts.Ticket, "burns its error budget faster than it lasts"))
	}

	groups := []alerting.RuleGroup{indicator, budget}
	if len(alerts.Rules) > 0 {
		groups = append(groups, alerts)
	}
	var b bytes.Buffer
	enc := yaml.NewEncoder(&b)
	enc.SetIndent(2)
	if err := enc.Encode(map[string]any{"groups": groups}); err != nil {
		panic(err) // a buffer takes all, and strings and numbers encode
	}
	return b.Bytes()
}

// events returns the expressions of bad and of all events per second over w. A
// stretch without bad events has 0 of them as long as there are any events.
func (o *Objective) events(w time.Duration) (bad, total string) {
	in := func(text string) string { return in(text, w) }
	switch i := o.Indicator; {
	case i.SpanMetrics != nil:
		s := i.SpanMetrics
		where := fmt.Sprintf(`service=%q, span_kind=~"SPAN_KIND_SERVER|SPAN_KIND_CONSUMER"`, s.Service)
		if s.Operation != "" {
			where += fmt.Sprintf(`, span_name=%q`, s.Operation)
		}
		total = in(fmt.Sprintf("sum(rate(traces_spanmetrics_calls_total{%s}[%s]))", where, windowMark))
		bad = in(fmt.Sprintf(`sum(rate(traces_spanmetrics_calls_total{%s, status_code="STATUS_CODE_ERROR"}[%s]))`, where, windowMark))
		if s.Latency > 0 {
			// Bad is what is not both fast and free of error.
			fine := in(fmt.Sprintf(`%s{%s, status_code!="STATUS_CODE_ERROR"}[%s]`, "traces_spanmetrics_latency", where, windowMark))
			// A histogram without observations has no fraction: NaN is not >= 0.
			bad = fmt.Sprintf("%s - (sum(histogram_count(rate(%s)) * histogram_fraction(0, %s, rate(%s)) >= 0) or 0 * %s)",
				total, fine, number(time.Duration(s.Latency).Seconds()), fine, total)
			return bad, total
		}
	case i.LogQL != nil:
		// LogQL has no series without lines, and `or` wants equal labels, which
		// sums over everything have.
		total, bad = in(i.LogQL.Total), in(i.LogQL.Bad)
		return fmt.Sprintf("(%s) or (0 * (%s))", bad, total), total
	default:
		total, bad = in(i.PromQL.Total), in(i.PromQL.Bad)
	}
	return fmt.Sprintf("(%s) or 0 * (%s)", bad, total), total
}

// ratio is the bad share of events over w. It weighs events, not time: a quiet
// night does not make up for a bad day.
func (o *Objective) ratio(w time.Duration) string {
	if w == o.shortest() {
		return fmt.Sprintf("%s / (%s > 0)", o.recorded(badRate), o.recorded(totalRate))
	}
	over := promodel.Duration(w)
	return fmt.Sprintf("sum_over_time(%s[%s]) / (sum_over_time(%s[%s]) > 0)", o.recorded(badRate), over, o.recorded(totalRate), over)
}

// windows are those that something needs, each once, ascending.
func (o *Objective) windows() []time.Duration {
	all := []time.Duration{o.shortest()}
	add := func(w time.Duration) {
		for i, have := range all {
			if have == w {
				return
			}
			if have > w {
				all = append(all[:i], append([]time.Duration{w}, all[i:]...)...)
				return
			}
		}
		all = append(all, w)
	}
	for _, burns := range [][]burn{pages, tickets} {
		for _, b := range burns {
			add(o.scaled(b.long))
			add(o.scaled(b.short))
		}
	}
	add(time.Duration(o.Window))
	return all
}

func (o *Objective) record(name, expr string) rulefmt.Rule {
	return rulefmt.Rule{Record: name, Expr: expr, Labels: o.labels()}
}

func (o *Objective) labels() map[string]string {
	all := map[string]string{}
	maps.Copy(all, o.Labels)
	all["slo"] = o.Name
	if o.Service != "" {
		all["service"] = o.Service
	}
	return all
}

func (o *Objective) recorded(name string) string { return fmt.Sprintf("%s{slo=%q}", name, o.Name) }

func (o *Objective) series(name string, w time.Duration) string {
	return fmt.Sprintf("%s{slo=%q, window=%q}", name, o.Name, promodel.Duration(w).String())
}

func (o *Objective) alert(severity string, burns []burn, a Alert, what string) rulefmt.Rule {
	var conditions []string
	for _, b := range burns {
		limit := number(b.rate * (1 - o.Objective/100))
		conditions = append(conditions, fmt.Sprintf("(%s > %s and ignoring (window) %s > %s)",
			o.series(errorRatio, o.scaled(b.long)), limit, o.series(errorRatio, o.scaled(b.short)), limit))
	}
	r := rulefmt.Rule{
		Alert: "SLOBurn" + strings.ToUpper(severity[:1]) + severity[1:], Labels: o.labels(),
		// Whichever condition holds, it is one alert.
		Expr: "max without (window) (" + strings.Join(conditions, "\nor\n") + ")",
		Annotations: map[string]string{
			"summary":     fmt.Sprintf("%s %s: {{ $value | humanizePercentage }} of events are bad, %s%% may be", escape(o.title()), what, number(100-o.Objective)),
			"description": escape(o.Description),
		},
	}
	if o.Description == "" {
		delete(r.Annotations, "description")
	}
	r.Labels["severity"] = severity
	maps.Copy(r.Labels, a.Labels)
	maps.Copy(r.Annotations, a.Annotations)
	return r
}

func (o *Objective) title() string {
	if o.Service == "" || strings.Contains(o.Name, o.Service) {
		return o.Name
	}
	return o.Service + " " + o.Name
}

// escape keeps a text from being taken for a template.
func escape(text string) string { return strings.ReplaceAll(text, "{{", `{{ "{{" }}`) }

// number writes v without the dust that binary fractions leave.
func number(v float64) string {
	return strconv.FormatFloat(rounded(v), 'f', -1, 64)
}

func rounded(v float64) float64 {
	r, _ := strconv.ParseFloat(strconv.FormatFloat(v, 'g', 12, 64), 64)
	return r
}
