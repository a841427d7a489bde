package alerting_test

import (
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/rules"
	"github.com/prometheus/prometheus/util/teststorage"
	"github.com/stretchr/testify/require"

	"github.com/oriel-obs/oriel/alerting"
)

// BenchmarkAThousandRules evaluates a group of 500 recording and 500 alerting
// rules on ratios of rates, as service level objectives have them. Half of the
// alerts fire.
func BenchmarkAThousandRules(b *testing.B) {
	store := teststorage.New(b)
	engine := promql.NewEngine(promql.EngineOpts{MaxSamples: 10_000_000, Timeout: time.Minute})
	b.Cleanup(func() { require.NoError(b, engine.Close()) })
	begin := time.Unix(1_700_000_000, 0)
	app := store.Appender(b.Context())
	for i := range 1000 {
		for _, code := range []string{"200", "500"} {
			ls := labels.FromStrings("__name__", "requests_total", "svc", fmt.Sprint("s", i), "code", code)
			for at := range 40 { // ten minutes
				_, err := app.Append(0, ls, begin.Add(time.Duration(at)*15*time.Second).UnixMilli(), float64(at*(i+1)))
				require.NoError(b, err)
			}
		}
	}
	require.NoError(b, app.Commit())

	var text strings.Builder
	text.WriteString("groups:\n  - name: g\n    interval: 15s\n    rules:\n")
	for i := range 1000 {
		expr := fmt.Sprintf(`sum by (svc) (rate(requests_total{svc="s%[1]d",code="500"}[5m])) / sum by (svc) (rate(requests_total{svc="s%[1]d"}[5m]))`, i)
		if i%2 == 0 {
			fmt.Fprintf(&text, "      - {record: 'svc:errors:ratio', expr: '%s'}\n", expr)
		} else {
			fmt.Fprintf(&text, "      - {alert: Errors%d, expr: '%s > %d', for: 30s, annotations: {summary: '{{ $labels.svc }} fails: {{ $value }}'}}\n", i, expr, i/2%2)
		}
	}
	groups, err := alerting.LoadGroups(b.Context(), alerting.Options{
		Settings: alerting.Settings{BuiltIn: map[string]string{"bench": text.String()}, Config: alerting.DefaultConfig()},
		Engines:  alerting.Engines{Metrics: rules.EngineQueryFunc(engine, store)}, Appendable: store, Queryable: store, Log: slog.New(slog.DiscardHandler),
	})
	require.NoError(b, err)
	at := begin.Add(10 * time.Minute)
	b.ReportAllocs()
	for b.Loop() {
		at = at.Add(time.Millisecond)
		groups[0].Eval(b.Context(), at)
	}
	b.StopTimer()
	require.NoError(b, groups[0].Rules()[1].LastError())
}
