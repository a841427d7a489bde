package oracletest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// An Asker returns the status and the body of a server's answer to a GET of a
// path below Loki's prefix, its parameters included.
type Asker func(path string) (int, []byte)

// Run asks every question in a test of its own.
func (o *Answers) Run(t *testing.T, ask Asker) {
	for _, q := range o.questions {
		t.Run(q.ID, func(t *testing.T) {
			t.Parallel()
			code, body := ask(o.path(t, q))
			want := o.answers[q.ID]
			switch want.Status {
			case http.StatusOK:
				require.Equal(t, http.StatusOK, code, "%s\n%s", q.Query, body)
				if diffs := o.compare(t, q, want, body); len(diffs) > 0 {
					t.Errorf("%s\n  %s", q.Query, strings.Join(diffs[:min(len(diffs), 6)], "\n  "))
				}
			case http.StatusInternalServerError:
				require.Contains(t, []int{http.StatusBadRequest, http.StatusUnprocessableEntity, want.Status}, code, "%s\n%s\nwant %s", q.Query, body, want.Message)
			default:
				require.Equal(t, want.Status, code, "%s\n%s\nwant %s", q.Query, body, want.Message)
			}
		})
	}
}

// path returns what comes behind Loki's prefix.
func (o *Answers) path(t *testing.T, q question) string {
	t.Helper()
	p := url.Values{}
	for name, v := range map[string]*int64{"start": q.Start, "end": q.End, "time": q.Time} {
		if v != nil {
			p.Set(name, strconv.FormatInt(o.base+*v, 10))
		}
	}
	for name, v := range map[string]any{"step": q.Step, "limit": q.Limit, "direction": q.Dir, "interval": q.Interval} {
		if v != nil && v != "" {
			p.Set(name, fmt.Sprint(v))
		}
	}
	var texts []string
	if err := json.Unmarshal(q.Query, &texts); err != nil {
		texts = []string{""}
		require.NoError(t, json.Unmarshal(q.Query, &texts[0]))
	}
	path := "query_range"
	switch q.Type {
	case "instant":
		path = "query"
	case "series":
		path = "series"
		p["match[]"] = texts
	case "labels":
		path = "labels"
	case "values":
		path = "label/" + url.PathEscape(q.Label) + "/values"
	}
	if q.Type != "series" && texts[0] != "" {
		p["query"] = texts[:1]
	}
	return "/api/v1/" + path + "?" + p.Encode()
}
