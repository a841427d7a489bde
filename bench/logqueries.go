package main

import (
	"bytes"
	"cmp"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A logQuestion is the same question in both languages. Instant LogQL queries
// give one value per group for the whole span; the rest are range queries.
type logQuestion struct {
	name, logql, logsql string
	instant             bool
}

// logQuestions asks what people ask. `| json x="x"` names the field it wants,
// plain `| json` and `| logfmt` promise every field to what follows; LogsQL has
// JSON fields as columns and one form for both.
func logQuestions(w searchWords, o *options) []logQuestion {
	if len(o.files) > 0 {
		return fileQuestions(w, o)
	}
	window := fmt.Sprintf("[%ds]", int(o.span.Seconds())+60)
	inner := innerOf(w.rare)
	const (
		byLevel = `{logtype="json"} | stats by (_time:1m, level) count() n`
		field   = `customer:=c-77 status:=503`
		top     = `{logtype="json"} | top 10 by (customer)`
		resets  = `reset by .* after 8[0-9]{3}ms`
	)
	list := []logQuestion{
		{name: "needle_uuid", logql: `{cluster="prod-eu-1"} |= "` + w.needle + `"`, logsql: `request_id:="` + w.needle + `"`},
		{name: "rare_word", logql: `{cluster="prod-eu-1"} |= "` + w.rare + `"`, logsql: w.rare},
		{name: "rare_any_case", logql: `{cluster="prod-eu-1"} |~ "(?i)` + strings.ToUpper(w.rare) + `"`, logsql: `i(` + w.rare + `)`},
		{name: "substring", logql: `{cluster="prod-eu-1"} |= "` + inner + `"`, logsql: `~"` + inner + `"`},
		{name: "frequent_newest_100", logql: `{cluster="prod-eu-1"} |= "` + w.frequent + `"`, logsql: w.frequent},
		{name: "level_over_time", logql: `sum by (level) (count_over_time({logtype="json"} | json level="level" [1m]))`, logsql: byLevel},
		{name: "level_over_time_plain", logql: `sum by (level) (count_over_time({logtype="json"} | json [1m]))`, logsql: byLevel},
		{name: "rate_by_app", logql: `sum by (app) (rate({cluster="prod-eu-1"}[1m]))`, logsql: `* | stats by (_time:1m, app) count() n`},
		{name: "json_field_newest_100", logql: `{logtype="json"} | json customer="customer", status="status" | customer="c-77" | status="503"`, logsql: field},
		{name: "json_field_newest_100_plain", logql: `{logtype="json"} | json | customer="c-77" | status="503"`, logsql: field},
		{name: "regex_count", logql: `sum(count_over_time({cluster="prod-eu-1"} |~ "` + resets + `" ` + window + `))`, logsql: `~"` + resets + `" | stats count() n`, instant: true},
		{name: "top10_customers", logql: `topk(10, sum by (customer) (count_over_time({logtype="json"} | json customer="customer" ` + window + `)))`, logsql: top, instant: true},
		{name: "top10_customers_plain", logql: `topk(10, sum by (customer) (count_over_time({logtype="json"} | json ` + window + `)))`, logsql: top, instant: true},
	}
	if slices.Contains(o.mix, "logfmt") {
		const levels = `{logtype="logfmt"} | unpack_logfmt fields (level) | stats by (_time:1m, level) count() n`
		const tenant = `{logtype="logfmt"} "t-17" | unpack_logfmt fields (tenant, level) | filter tenant:="t-17" level:="error"`
		list = append(list,
			logQuestion{name: "logfmt_level_over_time", logql: `sum by (level) (count_over_time({logtype="logfmt"} | logfmt level="level" [1m]))`, logsql: levels},
			logQuestion{name: "logfmt_level_over_time_plain", logql: `sum by (level) (count_over_time({logtype="logfmt"} | logfmt [1m]))`, logsql: levels},
			logQuestion{name: "logfmt_field_newest_100_plain", logql: `{logtype="logfmt"} | logfmt | tenant="t-17" | level="error"`, logsql: tenant + ` | sort by (_time desc) limit 100`},
		)
	}
	if slices.Contains(o.mix, "java") {
		const cause = `Caused by: java.net.SocketTimeoutException`
		list = append(list, logQuestion{name: "stack_trace_newest_100", logql: `{logtype="java"} |= "` + cause + `"`, logsql: `{logtype="java"} "` + cause + `"`})
	}
	return list
}

// fileQuestions are those that any log can be asked, and those about fields
// that JSON logs can.
func fileQuestions(w searchWords, o *options) []logQuestion {
	window := fmt.Sprintf("[%ds]", int(o.span.Seconds())+60)
	inner := innerOf(w.rare)
	pattern := regexp.QuoteMeta(w.rare[:len(w.rare)-1]) + "[a-zA-Z0-9]"
	const all = `{cluster="prod-eu-1"}`
	list := []logQuestion{
		{name: "needle", logql: all + ` |= "` + w.needle + `"`, logsql: `~"` + w.needle + `"`},
		{name: "rare_word", logql: all + ` |= "` + w.rare + `"`, logsql: `~"` + w.rare + `"`},
		{name: "substring", logql: all + ` |= "` + inner + `"`, logsql: `~"` + inner + `"`},
		{name: "frequent_newest_100", logql: all + ` |= "` + w.frequent + `"`, logsql: `~"` + w.frequent + `"`},
		{name: "frequent_over_time", logql: `sum(count_over_time(` + all + ` |= "` + w.frequent + `" [1m]))`, logsql: `~"` + w.frequent + `" | stats by (_time:1m) count() n`},
		{name: "regex_count", logql: `sum(count_over_time(` + all + ` |~ "` + pattern + `" ` + window + `))`, logsql: `~"` + pattern + `" | stats count() n`, instant: true},
		{name: "rate_by_pod", logql: `sum by (pod) (rate(` + all + `[1m]))`, logsql: `* | stats by (_time:1m, pod) count() n`},
	}
	if f := w.few; f != "" {
		logsql := `* | unpack_json fields (` + f + `) | stats by (_time:1m, ` + f + `) count() n`
		list = append(list,
			logQuestion{name: "few_over_time", logql: `sum by (` + f + `) (count_over_time(` + all + ` | json ` + f + `="` + f + `" [1m]))`, logsql: logsql},
			logQuestion{name: "few_over_time_plain", logql: `sum by (` + f + `) (count_over_time(` + all + ` | json [1m]))`, logsql: logsql})
	}
	if f := w.many; f != "" {
		logsql := `* | unpack_json fields (` + f + `) | top 10 by (` + f + `)`
		list = append(list,
			logQuestion{name: "top10_of_many", logql: `topk(10, sum by (` + f + `) (count_over_time(` + all + ` | json ` + f + `="` + f + `" ` + window + `)))`, logsql: logsql, instant: true},
			logQuestion{name: "top10_of_many_plain", logql: `topk(10, sum by (` + f + `) (count_over_time(` + all + ` | json ` + window + `)))`, logsql: logsql, instant: true})
	}
	return list
}

// innerOf returns the word without its first two and its last letters: no
// index of whole words or prefixes finds it.
func innerOf(word string) string {
	if len(word) < 6 {
		return word[1:]
	}
	return word[2 : len(word)-1]
}

// query puts the question to one target.
func (q logQuestion) query(api *logsAPI, o *options) query {
	out := query{name: q.name}
	if api.logsql {
		out.path, out.rows = api.query, func(b []byte) (int, error) { return bytes.Count(b, []byte("\n")), nil }
		out.params = url.Values{"query": {q.logsql}, "start": {unix(o.start())}, "end": {unix(o.end)}}
		if !strings.Contains(q.logsql, "|") {
			out.params.Set("limit", "100")
		}
		return out
	}
	out.rows = promRows
	if q.instant {
		out.path = api.query
		out.params = url.Values{"query": {q.logql}, "time": {unix(o.end)}}
		return out
	}
	out.path = api.query + "_range"
	out.params = url.Values{
		"query": {q.logql}, "start": {unix(o.start())}, "end": {unix(o.end)},
		"limit": {"100"}, "direction": {"backward"}, "step": {"60"},
	}
	return out
}

// countLines counts all lines stored.
func countLines(base string, api *logsAPI, o *options) (int, error) {
	if api.logsql {
		b, err := get(newClient(), base+api.query+"?"+url.Values{"query": {"* | stats count() n"}}.Encode())
		if err != nil {
			return 0, err
		}
		_, digits, _ := strings.Cut(strings.Trim(string(b), "\"}\n"), `"n":"`)
		return strconv.Atoi(digits)
	}
	all := fmt.Sprintf(`sum(count_over_time(%s[%ds]))`, cmp.Or(api.selector, `{cluster="prod-eu-1"}`), int(o.span.Seconds())+120)
	return promScalar(base+api.query, all, o.end.Add(time.Minute))
}
