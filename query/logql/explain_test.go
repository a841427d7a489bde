package logql_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/query"
	"github.com/oriel-obs/oriel/query/logql"
	"github.com/oriel-obs/oriel/storage/storagetest"
)

// tidyStore has what well-behaved applications write.
func tidyStore(t *testing.T) *storagetest.Memory {
	t.Helper()
	store := &storagetest.Memory{}
	bd := model.NewBuilder(model.Logs, 60)
	for i := range 60 {
		app := []string{"api", "web"}[i%2]
		st := bd.Stream(&model.Stream{Attrs: []model.Attr{{Key: "app", Value: model.String(app)}}})
		level := []string{"info", "error", "warn"}[i%3]
		text := fmt.Sprintf(`{"level":%q,"customer":"c-%d","status":%d,"dur":"1ms","host":{"name":"h"}}`, level, i%7, 200+i%4)
		if app == "web" {
			text = fmt.Sprintf(`level=%s customer=c-%d status=%d dur=1ms`, level, i%7, 200+i%4)
		}
		bd.Row(st, int64(i)*int64(time.Minute), text)
		bd.Attr("detected_level", model.String(level))
	}
	require.NoError(t, store.Append(t.Context(), bd.Batch()))
	return store
}

func explain(t *testing.T, store query.EventSource, text string) *logql.Plan {
	t.Helper()
	expr, err := logql.Parse(text)
	require.NoError(t, err)
	p := logql.Params{Start: int64(10 * time.Minute), End: int64(time.Hour), Step: time.Minute, Limit: 5}
	plan, err := logql.NewEngine(store, query.DefaultLimits()).Explain(t.Context(), expr, p)
	require.NoError(t, err, text)
	require.Equal(t, expr.String(), plan.Query)
	return plan
}

func TestTheStoreAggregates(t *testing.T) {
	store := tidyStore(t)
	const minute = time.Minute
	tests := []struct {
		query string
		where string
		by    string
		step  time.Duration
	}{
		{`sum by (app) (rate({app=~".+"}[1m]))`, ``, `stream["app"]`, minute},
		{`rate({app="api"}[1m])`, ``, `every stream, attr["detected_level"]`, minute},
		{`sum without (detected_level) (rate({app="api"}[1m]))`, ``, `every stream, attr["detected_level"]`, minute},
		{`sum(count_over_time({app=~".+"} |~ "c-[12]" [1h]))`, ` and body =~ "c-[12]"`, ``, minute},
		{`sum by (detected_level) (count_over_time({app=~".+"}[90s]))`, ``, `attr["detected_level"]`, minute / 2},
		{`sum by (detected_level) (bytes_rate({app=~".+"} |= "x" [5m]))`, ` and body contains "x"`, `attr["detected_level"]`, minute},
		{`sum by (level) (count_over_time({app="api"} | json | level != "" [1m]))`, ` and (json["level"] exists and not json["level"] = "")`, `json, json["level"]`, minute},
		{`sum by (level) (count_over_time({app="api"} | json level="level" [1m]))`, ``, `json_path, json_path["level"]`, minute},
		{`sum(count_over_time({app="web"} | logfmt | level="error" [1m]))`, ` and logfmt["level"] = "error"`, ``, minute},
		{`sum by (app) (count_over_time({app="api"} | json | level=~"e.*" | __error__="" [1m]))`, ` and json["level"] =~ "^(?s:e.*)$" and not (json exists)`, `stream["app"]`, minute},
		{`sum by (l) (count_over_time({app="web"} | logfmt l="level", status | status="200" [1m]))`, ` and logfmt_key["status"] = "200"`, `logfmt_key["level"]`, minute},
		{`topk(10, sum by (customer) (count_over_time({app="api"} | json customer="customer" [1h])))`, ``, `json_path, json_path["customer"]`, minute},
		{`sum by (status) (count_over_time({app="api"} | json | status >= 202 [1m]))`, ` and (json["status"] exists)`, `json, json["status"]`, minute},
		{`sum by (lvl) (count_over_time({app="api"} | json | label_format lvl=level | drop __error__ [1m]))`, ``, `json, json["level"], json["lvl"]`, minute},
		{`sum(sum_over_time({app="web"} | logfmt | unwrap status [2m]))`, ``, ``, minute},
		{`avg_over_time({app="api"} | json host="host.name", status="status" | unwrap status [1m]) by (host)`, ``, "json_path, json_path[\"host\\x00name\"]", minute},
		{`absent_over_time({app="api"} | json | level="fatal" [1m])`, ` and json["level"] = "fatal"`, `json`, minute},
	}
	for _, tt := range tests {
		t.Run(tt.query, func(t *testing.T) {
			plan := explain(t, store, tt.query)
			require.Len(t, plan.Selectors, 1)
			s := plan.Selectors[0]
			require.NotNil(t, s.Aggregate, "rows are read: %+v", s.Read)
			require.Nil(t, s.Read)
			where := ""
			for _, st := range s.Stages {
				if st.Where != "" {
					where += " and " + st.Where
				}
			}
			require.Equal(t, tt.where, where)
			require.Contains(t, s.Where, where)
			by := s.Aggregate.By
			if s.Aggregate.ByStream {
				by = append([]string{"every stream"}, by...)
			}
			require.Equal(t, tt.by, strings.Join(by, ", "))
			require.Equal(t, tt.step, s.Aggregate.Step)
		})
	}
}

func TestRowsAreReadForAReason(t *testing.T) {
	store := tidyStore(t)
	for text, why := range map[string]string{
		`quantile_over_time(0.9, {app="web"} | logfmt | unwrap status [1m]) by (app)`:         `quantile_over_time needs every sample`,
		`count_over_time({app="api"} | json [1m])`:                                            `every label that a parser finds makes series`,
		`sum(count_over_time({app="api"} |> "<_>x<_>" [1m]))`:                                 `the filter of lines is not exact in the store: |> "<_>x<_>"`,
		`sum(count_over_time({app="api"} | line_format "x" [1m]))`:                            `the store has no such stage: | line_format "x"`,
		`sum(count_over_time({app="web"} | logfmt --strict level [1m]))`:                      `the store has no such stage: | logfmt --strict level`,
		`sum(count_over_time({app="web"} | label_format a="{{.app}}" [1m]))`:                  `a template is executed: | label_format a="{{.app}}"`,
		`sum(count_over_time({app="web"} | json | drop __error__ |__error_details__=""[1m]))`: `__error_details__ is known of single lines only`,
		`sum(sum_over_time({app="api"} | json | unwrap duration(dur) [1m]))`:                  `values are converted by duration`,
		`sum(sum_over_time({app="api"} | json | logfmt | unwrap status [1m]))`:                `label status does not come from one field`,
		`sum(sum_over_time({app="api"} | json | status > 3 | unwrap status [1m]))`:            `label status is looked at besides being unwrapped`,
		`sum(sum_over_time({app="api"} | json | unwrap customer | __error__="" [1m]))`:        `some values of label customer are no numbers`,
		`sum(count_over_time({app="api"} [61001ms]))`:                                         `windows are made of 3061001 spans of time, more than 20000`,
	} {
		plan := explain(t, store, text)
		require.Len(t, plan.Selectors, 1)
		require.NotNil(t, plan.Selectors[0].Read, text)
		require.Equal(t, why, plan.Selectors[0].Read.Why, text)
	}
}

func TestQueriesForLinesDecodeOnlyWhatTheyNeed(t *testing.T) {
	store := tidyStore(t)
	plan := explain(t, store, `{app="api"} | json customer="customer", status="status" | customer="c-2" | status="202"`)
	s := plan.Selectors[0]
	require.Equal(t, `((stream["app"] = "api") and json_path["customer"] = "c-2" and json_path["status"] = "202")`, s.Where)
	require.Equal(t, 5, s.Read.Limit, "every row that the store yields is a line of the answer")
	require.True(t, s.Read.Reverse)
	require.Equal(t, []logql.StagePlan{
		{Stage: `| json customer, status`, Exact: true},
		{Stage: `| customer="c-2"`, Where: `json_path["customer"] = "c-2"`, Exact: true},
		{Stage: `| status="202"`, Where: `json_path["status"] = "202"`, Exact: true},
	}, s.Stages)
	require.Positive(t, plan.Stats.RowsYielded)

	s = explain(t, store, `{app="api"} | json | status > 201`).Selectors[0]
	require.Equal(t, `((stream["app"] = "api") and (json["status"] exists))`, s.Where)
	require.Zero(t, s.Read.Limit)
	require.Equal(t, []string{"body", "every attr"}, s.Read.Columns)
}

func TestEverySelectorIsExplained(t *testing.T) {
	plan := explain(t, tidyStore(t), `sum(rate({app="api"}[1m])) / sum(count_over_time({app="web"} | pattern "<a> <b>" [1m]))`)
	require.Len(t, plan.Selectors, 2)
	require.NotNil(t, plan.Selectors[0].Aggregate)
	require.NotNil(t, plan.Selectors[1].Read)
}
