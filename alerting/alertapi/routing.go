package alertapi

import (
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/go-chi/chi/v5"
	amconfig "github.com/prometheus/alertmanager/config"
	"github.com/prometheus/alertmanager/dispatch"
	"github.com/prometheus/alertmanager/timeinterval"
	promodel "github.com/prometheus/common/model"
	"go.yaml.in/yaml/v3"

	"github.com/oriel-obs/oriel/alerting/notify"
	"github.com/oriel-obs/oriel/internal/fault"
	"github.com/oriel-obs/oriel/internal/httpx"
	"github.com/oriel-obs/oriel/internal/redact"
)

// A node is a route, with what it inherits.
type node struct {
	ID                  string   `json:"id"`
	Receiver            string   `json:"receiver"`
	Matchers            []string `json:"matchers"`
	GroupBy             []string `json:"groupBy"` // ["..."] is by all labels
	GroupWait           string   `json:"groupWait"`
	GroupInterval       string   `json:"groupInterval"`
	RepeatInterval      string   `json:"repeatInterval"`
	Continue            bool     `json:"continue"`
	MuteTimeIntervals   []string `json:"muteTimeIntervals"`
	ActiveTimeIntervals []string `json:"activeTimeIntervals"`
	Routes              []node   `json:"routes"`
}

func nodeOf(r *dispatch.Route) node {
	n := node{
		ID: r.ID(), Receiver: r.RouteOpts.Receiver, Matchers: matchersOf(r), GroupBy: groupBy(r), Continue: r.Continue,
		GroupWait: duration(r.RouteOpts.GroupWait), GroupInterval: duration(r.RouteOpts.GroupInterval), RepeatInterval: duration(r.RouteOpts.RepeatInterval),
		MuteTimeIntervals: slices.Concat([]string{}, r.RouteOpts.MuteTimeIntervals), ActiveTimeIntervals: slices.Concat([]string{}, r.RouteOpts.ActiveTimeIntervals),
		Routes: make([]node, 0, len(r.Routes)),
	}
	for _, child := range r.Routes {
		n.Routes = append(n.Routes, nodeOf(child))
	}
	return n
}

func duration(d time.Duration) string { return promodel.Duration(d).String() }

func matchersOf(r *dispatch.Route) []string {
	out := make([]string, 0, len(r.Matchers))
	for _, m := range r.Matchers {
		out = append(out, m.String())
	}
	return out
}

func groupBy(r *dispatch.Route) []string {
	if r.RouteOpts.GroupByAll {
		return []string{"..."}
	}
	out := make([]string, 0, len(r.RouteOpts.GroupBy))
	for name := range r.RouteOpts.GroupBy {
		out = append(out, string(name))
	}
	slices.Sort(out)
	return out
}

// A receiver is shown as YAML, in which Alertmanager's packages hide secrets.
type receiver struct {
	Name   string `json:"name"`
	Config string `json:"config"`
}

// namedIntervals are time intervals, which Alertmanager's packages know to
// encode.
type namedIntervals struct {
	Name      string                      `json:"name"`
	Intervals []timeinterval.TimeInterval `json:"intervals"`
}

// A routed is who hears of what, and when.
type routed struct {
	Route         node             `json:"route"`
	Receivers     []receiver       `json:"receivers"`
	InhibitRules  []string         `json:"inhibitRules"`  // YAML
	TimeIntervals []namedIntervals `json:"timeIntervals"` // as in the configuration
}

// routing answers GET /routing.
func (d *Desk) routing(w http.ResponseWriter, _ *http.Request) error {
	answer, err := routedBy(d.opts.Notifications.Routing())
	if err != nil {
		return err
	}
	return httpx.WriteJSON(w, answer)
}

func routedBy(conf *amconfig.Config, root *dispatch.Route) (routed, error) {
	answer := routed{nodeOf(root), []receiver{}, []string{}, []namedIntervals{}}
	for _, rc := range conf.Receivers {
		text, err := yaml.Marshal(rc)
		if err != nil {
			return answer, fmt.Errorf("receiver %q: %w", rc.Name, err)
		}
		answer.Receivers = append(answer.Receivers, receiver{rc.Name, string(text)})
	}
	for _, rule := range conf.InhibitRules {
		text, err := yaml.Marshal(rule)
		if err != nil {
			return answer, fmt.Errorf("inhibition rule: %w", err)
		}
		answer.InhibitRules = append(answer.InhibitRules, string(text))
	}
	for _, ti := range conf.MuteTimeIntervals {
		answer.TimeIntervals = append(answer.TimeIntervals, namedIntervals{ti.Name, ti.TimeIntervals})
	}
	for _, ti := range conf.TimeIntervals {
		answer.TimeIntervals = append(answer.TimeIntervals, namedIntervals{ti.Name, ti.TimeIntervals})
	}
	return answer, nil
}

// A hit is a route that takes an alert.
type hit struct {
	Receiver       string            `json:"receiver"`
	Path           []string          `json:"path"` // the matchers of the routes that lead there, the root's first
	RouteID        string            `json:"routeID"`
	GroupKey       string            `json:"groupKey"`
	GroupLabels    promodel.LabelSet `json:"groupLabels"`
	GroupWait      string            `json:"groupWait"`
	GroupInterval  string            `json:"groupInterval"`
	RepeatInterval string            `json:"repeatInterval"`
}

// route answers POST /routing/test: who would hear of an alert with these
// labels, now or by a draft.
func (d *Desk) route(w http.ResponseWriter, r *http.Request) error {
	var body struct {
		Labels promodel.LabelSet `json:"labels"`
		Draft  *draft            `json:"draft"`
	}
	if err := readBody(r, &body); err != nil {
		return err
	}
	if err := body.Labels.Validate(); err != nil {
		return fmt.Errorf("labels: %w: %w", err, fault.ErrInvalid)
	}
	_, root := d.opts.Notifications.Routing()
	if body.Draft != nil {
		checked, err := d.opts.Notifications.Check(r.Context(), body.Draft.draft())
		if err != nil {
			return err
		}
		if checked.Problems != nil {
			return checked.Problems
		}
		_, root = checked.Routing()
	}
	hits := []hit{}
	for _, to := range root.Match(body.Labels) {
		group := promodel.LabelSet{}
		for name, v := range body.Labels {
			if _, ok := to.RouteOpts.GroupBy[name]; ok || to.RouteOpts.GroupByAll {
				group[name] = v
			}
		}
		hits = append(hits, hit{
			Receiver: to.RouteOpts.Receiver, Path: pathTo(root, to), RouteID: to.ID(), GroupKey: fmt.Sprintf("%s:%s", to.Key(), group), GroupLabels: group,
			GroupWait: duration(to.RouteOpts.GroupWait), GroupInterval: duration(to.RouteOpts.GroupInterval), RepeatInterval: duration(to.RouteOpts.RepeatInterval),
		})
	}
	return httpx.WriteJSON(w, map[string]any{"routes": hits})
}

// pathTo returns the matchers from a route down to another, nil if the other
// is not below.
func pathTo(from, to *dispatch.Route) []string {
	here := from.Matchers.String()
	if from == to {
		return []string{here}
	}
	for _, child := range from.Routes {
		if rest := pathTo(child, to); rest != nil {
			return append([]string{here}, rest...)
		}
	}
	return nil
}

// A testAlert is what a test of a receiver sends.
type testAlert struct {
	Labels      promodel.LabelSet `json:"labels"`
	Annotations promodel.LabelSet `json:"annotations"`
}

func newTestAlert() testAlert {
	return testAlert{
		Labels:      promodel.LabelSet{promodel.AlertNameLabel: "TestAlert", "severity": "info"},
		Annotations: promodel.LabelSet{"summary": "A test of this receiver; nothing is wrong."},
	}
}

// testReceiver answers POST /receivers/{name}/test: it sends a notification.
func (d *Desk) testReceiver(w http.ResponseWriter, r *http.Request) error {
	body := newTestAlert()
	if err := readBody(r, &body); err != nil {
		return err
	}
	return answerTest(w, body, func() ([]notify.TestResult, error) {
		return d.opts.Notifications.Test(r.Context(), chi.URLParam(r, "name"), body.Labels, body.Annotations)
	})
}

// answerTest answers what came of a test, whose alert must be one.
func answerTest(w http.ResponseWriter, a testAlert, test func() ([]notify.TestResult, error)) error {
	if err := a.Labels.Validate(); err != nil {
		return fmt.Errorf("labels: %w: %w", err, fault.ErrInvalid)
	}
	results, err := test()
	if err != nil {
		return err
	}
	type result struct {
		Integration string  `json:"integration"`
		Seconds     float64 `json:"seconds"`
		Error       string  `json:"error,omitempty"`
	}
	out := make([]result, 0, len(results))
	for _, res := range results {
		one := result{Integration: res.Integration, Seconds: res.Took.Seconds()}
		if res.Err != nil {
			one.Error = redact.Addresses(res.Err.Error())
		}
		out = append(out, one)
	}
	return httpx.WriteJSON(w, map[string]any{"results": out})
}
