package oracletest

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// An Asker returns the status and the body of a server's answer to a GET of a
// path below Tempo's prefix.
type Asker func(path string, params url.Values) (int, []byte)

// Run asks every question in a test of its own.
func (o *Answers) Run(t *testing.T, ask Asker) {
	for _, q := range o.questions {
		t.Run(q.ID, func(t *testing.T) {
			t.Parallel()
			if diff := o.compare(t, q, ask); len(diff) > 0 {
				t.Errorf("%s\n%s", q.Q+q.Tag, strings.Join(diff[:min(len(diff), 6)], "\n"))
			}
		})
	}
}

// request returns the path and the parameters of a question.
func (o *Answers) request(q question) (path string, v url.Values) {
	begin := int(o.base.Unix())
	v = url.Values{
		"start": {strconv.Itoa(begin + q.Start)},
		"end":   {strconv.Itoa(begin + or(q.End, int(Window.Seconds())))},
	}
	if q.hasQ {
		v.Set("q", q.Q)
	}
	switch kind := cmp.Or(q.As, q.Kind); kind {
	case "search":
		path = "/api/search"
		v.Set("q", q.Q)
		v.Set("limit", strconv.Itoa(or(q.Limit, 1000)))
		v.Set("spss", strconv.Itoa(or(q.Spss, 100)))
	case "range":
		path = "/api/metrics/query_range"
		v.Set("q", q.Q)
		v.Set("step", cmp.Or(q.Step, "5m"))
	case "instant":
		path = "/api/metrics/query"
		v.Set("q", q.Q)
	case "tags":
		path = "/api/v2/search/tags"
		v.Set("limit", "10000")
		if q.Scope != "" {
			v.Set("scope", q.Scope)
		}
	default:
		path = "/api/v2/search/tag/" + url.PathEscape(q.Tag) + "/values"
	}
	return path, v
}

func or(p *int, def int) int {
	if p == nil {
		return def
	}
	return *p
}

// compare returns what differs between the recorded answer and ours.
func (o *Answers) compare(t *testing.T, q question, ask Asker) []string {
	t.Helper()
	want := o.answers[q.ID]
	require.NotNil(t, want, "no recorded answer")
	code, body := ask(o.request(q))
	if status, ok := want["status"]; ok || code != http.StatusOK {
		if ok && float64(code) == status {
			return nil
		}
		return []string{fmt.Sprintf("want %v, got status %d: %s", want, code, body)}
	}
	var doc map[string]any
	require.NoError(t, json.Unmarshal(body, &doc), string(body))
	switch {
	case want["ids"] != nil:
		var ids []any
		for _, tr := range list(doc["traces"]) {
			ids = append(ids, tr.(map[string]any)["traceID"])
		}
		slices.SortFunc(ids, func(a, b any) int { return strings.Compare(a.(string), b.(string)) })
		return diffAny("ids", want["ids"], any(ids))
	case want["traces"] != nil:
		return o.compareSearch(want["traces"].(map[string]any), doc, q)
	case want["series"] != nil:
		return diffSeries(list(want["series"]), o.seriesOf(doc, q.Kind == "instant"))
	case want["scopes"] != nil:
		return diffAny("scopes", want["scopes"], scopesOf(doc, q.Skip))
	}
	return diffAny("values", want["values"], valuesOf(doc))
}
