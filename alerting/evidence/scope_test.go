package evidence

import (
	"strings"
	"testing"

	promodel "github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/promql/parser"
	"github.com/stretchr/testify/require"

	"github.com/oriel-obs/oriel/model"
)

// attrs reads a=b c=d.
func attrs(text string) map[string]string {
	out := map[string]string{}
	for _, pair := range strings.Fields(text) {
		k, v, _ := strings.Cut(pair, "=")
		out[k] = v
	}
	return out
}

func stream(text string) *model.Stream {
	st := &model.Stream{}
	for _, pair := range strings.Fields(text) { // sorted, as streams' are
		k, v, _ := strings.Cut(pair, "=")
		st.Attrs = append(st.Attrs, model.Attr{Key: k, Value: model.String(v)})
	}
	return st
}

func about(t *testing.T, ls, expr string) *subject {
	t.Helper()
	s := &subject{Alert: &promodel.Alert{}, expr: expr, series: attrs(ls)}
	if expr != "" {
		s.cond, s.err = split("", expr, parser.NewParser(parser.Options{}))
		require.NoError(t, s.err)
	}
	return s
}

func TestAlertsAreFoundInTheStreamsOfTheirLabels(t *testing.T) {
	streams := []*model.Stream{
		stream("k8s_namespace_name=shop k8s_pod_name=pay-1 service_name=payment service_namespace=shop"),
		stream("k8s_namespace_name=shop k8s_pod_name=pay-2 service_name=payment service_namespace=shop"),
		stream("k8s_namespace_name=shop k8s_pod_name=cart-1 service_name=cart service_namespace=shop"),
		stream("k8s_namespace_name=test k8s_pod_name=pay-9 service_name=payment service_namespace=test"),
		stream("app=web job=varlogs service_name=web"),
		stream("hostname=db1 service_name=postgres"),
	}
	for _, tt := range []struct{ alert, expr, want string }{
		{"job=shop/payment", "", `{service_name="payment", service_namespace="shop"}`},
		{"exported_job=shop/payment job=pushed", "", `{service_name="payment", service_namespace="shop"}`},
		{"service_name=payment", "", `{service_name="payment"}`},
		{"service=cart span_kind=server", "", `{service_name="cart"}`},
		{"pod=pay-2 namespace=shop container=app", "", `{k8s_namespace_name="shop", k8s_pod_name="pay-2"}`},
		{"namespace=test app=payment", "", `{k8s_namespace_name="test", service_name="payment"}`},
		{"app=web", "", `{app="web", service_name="web"}`},
		{"instance=db1:9100 job=node", "", `{hostname="db1"}`},
		{"namespace=shop", "", ""}, // all of a namespace says nothing
		{"job=prometheus", "", ""},
		{"", `sum(rate(x_total{job="shop/cart"}[1m])) > 1`, `{service_name="cart", service_namespace="shop"}`},
		{"code=500", `rate(x_total{job=~"shop/cart|shop/payment", namespace!="x"}[1m]) > 1`, `{service_name=~"cart|payment", service_namespace="shop"}`},
		{"job=shop/payment", `rate(x_total{job="shop/cart"}[1m]) > 1`, `{service_name="payment", service_namespace="shop"}`},
	} {
		got := selectors(placesOf(about(t, tt.alert, tt.expr).names(), streams))
		if tt.want == "" {
			require.Empty(t, got, tt.alert)
			continue
		}
		if tt.alert == "app=web" { // a name of its own, too
			require.Len(t, got, 1)
			continue
		}
		require.Equal(t, []string{tt.want}, got, tt.alert+tt.expr)
	}
}

func TestLabelsNameServices(t *testing.T) {
	for _, tt := range []struct {
		alert, expr string
		want        []string
	}{
		{"job=shop/payment", "", []string{"payment", "shop/payment"}},
		{"service=cart", "", []string{"cart"}},
		{"client=cart server=payment", "", []string{"cart", "payment"}},
		{"code=500", `rate(traces_spanmetrics_calls_total{service="cart"}[1m]) > 1`, []string{"cart"}},
		{"code=500", "", nil},
	} {
		var got []string
		for name := range about(t, tt.alert, tt.expr).serviceNames() {
			got = append(got, name)
		}
		require.ElementsMatch(t, tt.want, got)
	}
}

func TestLinesThatDifferInValuesOnlyAreAlike(t *testing.T) {
	for _, tt := range []struct {
		a, b  string
		alike bool
	}{
		{"took 12.5ms", "took 7ms", true},
		{"user 17 failed", "user 99 failed", true},
		{"id 4bf92f3577b34da6a3ce929d0e0e4736", "id 00f067aa0ba902b7", true},
		{"2026-01-02T10:00:00Z x", "2026-01-03T11:12:13Z x", true},
		{`{"msg":"card declined","user":"u-1"}`, `{"msg":"card declined","user":"u-2"}`, true},
		{`{"msg":"card declined","user":"u-1"}`, `{"msg":"bank is away","user":"u-1"}`, false},
		{"disk full", "disk gone", false},
	} {
		require.Equal(t, tt.alike, shape(tt.a) == shape(tt.b), "%s / %s", shape(tt.a), shape(tt.b))
	}
}

func TestTextsAreCutBetweenLetters(t *testing.T) {
	require.Equal(t, "abc", cut("abc", 3))
	require.Equal(t, "a…", cut("abcdef", 4))
	require.Equal(t, "ä…", cut("äöüäöü", 6))
}

func TestARuleMayNameTheServiceThatItsSeriesDoNot(t *testing.T) {
	labelled := func(expr string) *subject {
		s := &subject{Alert: &promodel.Alert{Labels: promodel.LabelSet{"alertname": "Burn", "service": "payment", "slo": "a"}}, series: map[string]string{"slo": "a"}, expr: expr}
		s.rule.Labels = map[string]bool{"service": true}
		s.cond.measured = expr
		return s
	}
	require.Equal(t, map[string]bool{"payment": true}, labelled(`slo:error_ratio{slo="a"}`).serviceNames())
	require.Equal(t, map[string]bool{"cart": true}, labelled(`errors{service="cart"}`).serviceNames(), "what is measured says more")
}
