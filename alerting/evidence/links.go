package evidence

import (
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/oriel-obs/oriel/alerting"
	"github.com/oriel-obs/oriel/internal/auth"
	"github.com/oriel-obs/oriel/model"
)

// base is where the page is, without a slash at the end.
func (c *Collector) base() string { return strings.TrimRight(c.opts.ExternalURL.String(), "/") }

// page returns a link to a place of the page, as the tenant sees it whose alert
// matters most.
func (s *search) page(path string) string {
	whose := ""
	if s.c.opts.Tenants {
		whose = string(s.main().Labels[auth.TenantLabel])
	}
	return alerting.In(s.c.base()+path, whose)
}

// ask returns a link to a query on the page, in a range of time.
func (s *search) ask(path, query string, r model.Range) string {
	ms := func(ns int64) string { return strconv.FormatInt(time.Unix(0, ns).UnixMilli(), 10) }
	return s.page(path + "?" + url.Values{"q": {query}, "from": {ms(r.Start)}, "to": {ms(r.End)}}.Encode())
}

// alertURL returns a link to the expression of an alert's rule, around its
// start.
func (s *search) alertURL(sub *subject) string {
	if sub.expr == "" {
		return ""
	}
	path := "/explore/metrics"
	switch sub.signal() {
	case alerting.Logs:
		path = "/explore/logs"
	case alerting.Traces:
		path = "/explore/traces"
	default:
	}
	text := sub.expr
	if sub.err == nil {
		text = sub.cond.measured // what it compares shows more than what it lets through
	}
	return s.ask(path, text, s.shown(sub))
}

func (s *search) logsURL(query string, r model.Range) string {
	return s.ask("/explore/logs", query, r)
}

func (s *search) tracesURL(query string, r model.Range) string {
	return s.ask("/explore/traces", query, r)
}

func (s *search) traceURL(id, span string) string {
	path := "/trace/" + id
	if span != "" {
		path += "?span=" + span
	}
	return s.page(path)
}

// pageURL returns a link to the page of an alert.
func (s *search) pageURL(sub *subject) string {
	return s.page("/alerts?fp=" + sub.Fingerprint().String())
}
