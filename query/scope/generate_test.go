package scope_test

import (
	"fmt"
	"math/rand/v2"
	"net/url"
	"strings"
)

// A generator writes queries of the three languages. The same seed writes the
// same ones.
type generator struct{ *rand.Rand }

func (g generator) pick(of ...string) string { return of[g.IntN(len(of))] }

// label is one that data may have; that of the tenant is among them.
func (g generator) label() string {
	return g.pick("namespace", "service_name", "code", "branch", "__tenant_id__", "missing")
}

func (g generator) matcher() string {
	return g.label() + g.pick("=", "!=", "=~", "!~") + fmt.Sprintf("%q", g.pick("shop", "bank", "a", "b", ".+", "", "web|shop", "s.*", "a-web", "500"))
}

func (g generator) matchers(first string) string {
	ms := []string{first}
	for range max(0, g.IntN(4)-1) {
		ms = append(ms, g.matcher())
	}
	return "{" + strings.Join(ms, ",") + "}"
}

func (g generator) by() string {
	switch g.IntN(3) {
	case 0:
		return ""
	case 1:
		return " by (" + g.label() + "," + g.label() + ")"
	}
	return " without (" + g.label() + ")"
}

// vector is a PromQL expression of some depth.
func (g generator) vector(depth int) string {
	series := func() string {
		name := g.pick("requests_total", "up", "latency_bucket", "only_of_a_shop", "only_of_b_bank", "traces_spanmetrics_calls_total", `{__name__=~"only.*"}`)
		if strings.HasPrefix(name, "{") {
			return g.matchers(`__name__=~"only.*"`)
		}
		return name + strings.Replace(g.matchers(""), "{,", "{", 1)
	}
	if depth == 0 {
		return series()
	}
	inner := func() string { return g.vector(depth - 1) }
	switch g.IntN(10) {
	case 0:
		return fmt.Sprintf("%s(%s[%s])", g.pick("rate", "increase", "max_over_time", "count_over_time", "changes", "absent_over_time"), series(), g.pick("1m", "5m"))
	case 1:
		return fmt.Sprintf("%s(%s)%s", g.pick("sum", "count", "max", "min", "group"), inner(), g.by())
	case 2:
		return fmt.Sprintf("absent(%s)", inner())
	case 3:
		return fmt.Sprintf("(%s %s on (namespace, service_name, code, le, __name__) %s)", series(), g.pick("and", "unless"), series())
	case 4:
		return fmt.Sprintf("count_values%s(\"v\", %s)", g.by(), inner())
	case 5:
		return fmt.Sprintf("label_replace(%s, \"copy\", \"<$1>\", %q, \"(.*)\")", inner(), g.label())
	case 6:
		return fmt.Sprintf("sum(%s) / scalar(count(%s))", inner(), series())
	case 7:
		return fmt.Sprintf("histogram_quantile(0.9, sum by (le, %s)(rate(latency_bucket%s[5m])))", g.label(), strings.Replace(g.matchers(""), "{,", "{", 1))
	case 8:
		return fmt.Sprintf("max_over_time((%s)[2m:30s])", inner())
	}
	return fmt.Sprintf("%s > bool %d", inner(), g.IntN(20))
}

func (g generator) promql() (string, url.Values) {
	q := strings.ReplaceAll(g.vector(1+g.IntN(2)), "{}", "")
	if g.IntN(2) == 0 {
		return "/api/v1/query", url.Values{"query": {q}, "time": {startS}}
	}
	return "/api/v1/query_range", url.Values{"query": {q}, "start": {startS}, "end": {endS}, "step": {"60"}}
}

// selector is LogQL's, which must ask for something.
func (g generator) selector() string {
	return g.matchers(g.pick(`namespace=~".+"`, `service_name=~"web|db"`, `namespace="shop"`, `branch=~".+"`, `__tenant_id__=~".+"`))
}

func (g generator) logs() string {
	q := g.selector()
	for range g.IntN(3) {
		q += g.pick(
			` |= "secret"`, ` |= "bank"`, ` != "error"`, ` |~ "secret.*(a|b)"`, ` | json`, ` | logfmt`, ` | json level, secret`, ` | namespace="bank"`,
			` | __tenant_id__="b"`, ` | level="error"`, ` | n > 20`, ` | of_shop="a"`, ` | line_format "{{.namespace}} {{.__tenant_id__}} {{.secret}}"`,
			` | label_format copy=__tenant_id__`, ` | drop namespace`, ` | keep __tenant_id__, level`, ` | trace_id=~".*3"`,
		)
	}
	return q
}

func (g generator) logql() (string, url.Values) {
	v := url.Values{"start": {startNs}, "end": {endNs}, "limit": {"5000"}, "direction": {g.pick("forward", "backward")}}
	if g.IntN(2) == 0 {
		v.Set("query", g.logs())
		return "/loki/api/v1/query_range", v
	}
	q := fmt.Sprintf("%s(%s [%s])", g.pick("count_over_time", "rate", "bytes_over_time", "absent_over_time"), g.logs(), g.pick("1m", "5m"))
	if g.IntN(4) == 0 {
		q = fmt.Sprintf(`%s(%s | json | unwrap %s [5m])`, g.pick("sum_over_time", "max_over_time"), g.selector(), g.pick("n", "duration(took)", "__tenant_id__"))
	}
	if g.IntN(3) > 0 {
		by := strings.NewReplacer("code", "level", "missing", "secret").Replace(g.by())
		q = fmt.Sprintf("%s%s(%s)", g.pick("sum", "count", "max"), by, q)
	}
	v.Set("query", q)
	v.Set("step", "60")
	return "/loki/api/v1/query_range", v
}

func (g generator) condition() string {
	return g.pick(
		`resource.namespace = "shop"`, `resource.namespace != "bank"`, `.namespace =~ "b.*"`, `resource.service.name = "web"`, `name = "GET /bank"`,
		`resource.__tenant_id__ = "b"`, `.__tenant_id__ != "a"`, `.__tenant_id__ != nil`, `span.of.shop = "a"`, `span.n > 30`, `duration > 5ms`,
		`status = error`, `kind = server`, `event:name =~ "event.*"`, `event.exception.message =~ ".*b"`, `resource.branch = "a-web"`,
		`instrumentation:name = "lib-bank"`, `rootServiceName = "web"`, `trace:duration > 1s`, `.missing = nil`, `span.http.url =~ "/bank.*"`, `true`,
	)
}

func (g generator) spanset() string {
	q := g.condition()
	for range g.IntN(3) {
		q = fmt.Sprintf("(%s %s %s)", q, g.pick("&&", "||"), g.condition())
	}
	return "{ " + q + " }"
}

func (g generator) field() string {
	return g.pick("resource.namespace", "resource.service.name", "resource.__tenant_id__", ".__tenant_id__", "span.of.bank", "name", "status", "kind", "resource.branch")
}

func (g generator) traceql() (string, url.Values) {
	v := url.Values{"start": {startS}, "end": {endS}, "limit": {"1000"}, "spss": {"100"}}
	switch g.IntN(3) {
	case 0:
		q := g.spanset()
		if g.IntN(2) == 0 {
			q += " " + g.pick(">", ">>", "~", "<", "&&", "||", "!>>") + " " + g.spanset()
		}
		v.Set("q", q)
	case 1:
		v.Set("q", g.spanset()+" | "+g.pick("count() > 1", "avg(duration) > 2ms", "by("+g.field()+")", "select("+g.field()+", "+g.field()+")", "max(span.n) > 20"))
	default:
		q := g.spanset() + " | " + g.pick("rate()", "count_over_time()", "sum_over_time(span.n)", "max_over_time(duration)", "quantile_over_time(duration, .9)")
		if g.IntN(3) > 0 {
			q += " by(" + g.field() + ")"
		}
		v.Set("q", q)
		v.Set("step", "60s")
		return "/tempo/api/metrics/query_range", v
	}
	return "/tempo/api/search", v
}
