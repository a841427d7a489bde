package evidence

import (
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/oriel-obs/oriel/alerting"
	"github.com/oriel-obs/oriel/model"
)

// base is where the page is, without a slash at the end.
func (c *Collector) base() string { return strings.TrimRight(c.opts.ExternalURL.String(), "/") }

// page returns a link to a place of the page in a range of time.
func (c *Collector) page(path string, r model.Range, q url.Values) string {
	ms := func(ns int64) string { return strconv.FormatInt(time.Unix(0, ns).UnixMilli(), 10) }
	q.Set("from", ms(r.Start))
	q.Set("to", ms(r.End))
	return c.base() + path + "?" + q.Encode()
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
	return s.c.page(path, s.shown(sub), url.Values{"q": {text}})
}

func (s *search) logsURL(query string, r model.Range) string {
	return s.c.page("/explore/logs", r, url.Values{"q": {query}})
}

func (s *search) tracesURL(query string, r model.Range) string {
	return s.c.page("/explore/traces", r, url.Values{"q": {query}})
}

func (s *search) traceURL(id, span string) string {
	link := s.c.base() + "/trace/" + id
	if span != "" {
		link += "?span=" + span
	}
	return link
}

// pageURL returns a link to the page of an alert.
func (s *search) pageURL(sub *subject) string {
	return s.c.base() + "/alerts?fp=" + sub.Fingerprint().String()
}
