package evidence

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
)

// finish sums up what was found, adds the links, and cuts what is too much.
func (c *Collector) finish(e *Evidence, s *search) {
	for i := range e.Alerts {
		for name, value := range e.Alerts[i].Labels {
			e.Alerts[i].Labels[name] = cut(value, maxLine)
		}
	}
	e.blameFirst()
	e.Page = s.pageURL(s.main())
	e.Summary = c.clean(e.summary(), maxSummary)
	now := time.Now()
	if e.Picture != nil {
		e.Picture.URL = c.link(e.ID+".png", now)
	}
	e.URL = c.link(e.ID+".json", now)
	c.fit(e)
}

const maxSummary = 600

// blameFirst puts error lines of the service where the failure began before
// those of the services that only passed it on.
func (e *Evidence) blameFirst() {
	f := e.failed()
	if f == nil || e.Logs == nil {
		return
	}
	slices.SortStableFunc(e.Logs.Lines, func(a, b LogLine) int {
		return cmp.Or(cmp.Compare(min(rank(a.Level), 2), min(rank(b.Level), 2)), boolInt(a.Service != f.Service)-boolInt(b.Service != f.Service))
	})
}

// summary says in a line what fails, where, and what it says.
func (e *Evidence) summary() string {
	var parts []string
	if len(e.Alerts) > 0 {
		text := e.Alerts[0].text()
		if n := len(e.Alerts) - 1; n > 0 {
			text += fmt.Sprintf(", and %d more", n)
		}
		parts = append(parts, text)
	}
	if f := e.failed(); f != nil {
		text := fmt.Sprintf("%s fails in %q", f.Service, f.Name)
		if f.Message != "" {
			text += ": " + f.Message
		}
		parts = append(parts, text)
	}
	if e.Logs != nil && len(e.Logs.Lines) > 0 && rank(e.Logs.Lines[0].Level) < 2 {
		l := e.Logs.Lines[0]
		parts = append(parts, strings.TrimSpace(l.Service+" logs")+": "+cut(l.Line, maxMessage))
	}
	return strings.Join(parts, ". ")
}

// text is an alert in short, as in HighErrorRatio of shop/payment: 36.4 %
// (> 5 %).
func (a *Alert) text() string {
	out := a.Name
	if a.Where != "" {
		out += " of " + a.Where
	}
	if a.ValueText != "" {
		out += ": " + a.ValueText
	}
	if a.Threshold != nil {
		out += " (" + a.Threshold.Text + ")"
	}
	return out
}

func (e *Evidence) failed() *Span {
	if e.Traces == nil {
		return nil
	}
	for _, t := range e.Traces.Items {
		if t.Failed != nil {
			return t.Failed
		}
	}
	return nil
}

// fit cuts e until it is no longer than Config.MaxBytes as JSON: of what there
// is most, the last goes first.
func (c *Collector) fit(e *Evidence) {
	most, dropped := c.opts.Config.MaxBytes, false
	for size(e) > most {
		lines, traces := 0, 0
		if e.Logs != nil {
			lines = len(e.Logs.Lines)
		}
		if e.Traces != nil {
			traces = len(e.Traces.Items)
		}
		switch {
		case lines > 1 && lines >= traces:
			e.Logs.Lines = e.Logs.Lines[:lines-1]
		case traces > 1:
			e.Traces.Items = e.Traces.Items[:traces-1]
		case len(e.Alerts) > 1:
			e.Alerts = e.Alerts[:len(e.Alerts)-1]
		case lines == 1:
			e.Logs = nil
		case traces == 1:
			e.Traces = nil
		case len(e.Deploys) > 0:
			e.Deploys = nil
		case len(e.Errors) > 1:
			e.Errors = e.Errors[:1]
		default: // one alert with very long labels
			a := &e.Alerts[0]
			if a.Labels == nil {
				return
			}
			a.Labels, a.Expression, a.Measured, a.URL = nil, cut(a.Expression, maxLine), cut(a.Measured, maxLine), ""
		}
		if !dropped {
			dropped = true
			c.miss(e, "keeping", fmt.Errorf("cut to evidence.max_bytes, %d", most))
		}
	}
}

func size(e *Evidence) int {
	b, err := json.Marshal(e)
	if err != nil {
		return 0
	}
	return len(b)
}

// keep puts e and its picture where their links lead. One that cannot be kept
// is sent without links.
func (c *Collector) keep(e *Evidence) {
	if e.PNG != nil {
		if err := c.shelf.put(e.ID+".png", e.PNG); err != nil {
			c.miss(e, "keeping", err)
			c.log.Error("picture not kept", "err", err)
			e.Picture.URL = ""
		}
	}
	b, err := json.Marshal(e)
	if err == nil {
		err = c.shelf.put(e.ID+".json", b)
	}
	if err != nil {
		c.miss(e, "keeping", err)
		c.log.Error("evidence not kept", "err", err)
		e.URL = ""
	}
}
