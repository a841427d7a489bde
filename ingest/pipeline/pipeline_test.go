package pipeline_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/model/labels"
	promstorage "github.com/prometheus/prometheus/storage"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
	"go.yaml.in/yaml/v3"

	"github.com/oriel-obs/oriel/ingest"
	"github.com/oriel-obs/oriel/ingest/pipeline"
	"github.com/oriel-obs/oriel/internal/redact"
	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/storage"
	"github.com/oriel-obs/oriel/storage/storagetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// stages reads the stages of one pipeline for every stream.
func stages(t *testing.T, text string) []pipeline.Config {
	t.Helper()
	var c pipeline.Config
	dec := yaml.NewDecoder(strings.NewReader("stages:\n" + text))
	dec.KnownFields(true)
	require.NoError(t, dec.Decode(&c))
	return []pipeline.Config{c}
}

type fixture struct {
	*pipeline.Writer
	store   *storagetest.Memory
	metrics *metricStore
	reg     *prometheus.Registry
}

func newFixture(t *testing.T, cfg []pipeline.Config) *fixture {
	t.Helper()
	f := &fixture{store: &storagetest.Memory{}, metrics: newMetricStore(), reg: prometheus.NewRegistry()}
	var err error
	f.Writer, err = pipeline.New(pipeline.Options{
		Config: cfg, Next: f.store, Metrics: f.metrics, Account: ingest.NewAccount(prometheus.NewRegistry()), Registerer: f.reg,
	})
	require.NoError(t, err)
	return f
}

// metricStore keeps the samples of each series, which must come in order.
type metricStore struct {
	last   map[string]float64
	values map[string][]float64
	times  map[string]int64
}

func newMetricStore() *metricStore {
	return &metricStore{last: map[string]float64{}, values: map[string][]float64{}, times: map[string]int64{}}
}

func (m *metricStore) AppenderV2(context.Context) promstorage.AppenderV2 { return m }
func (m *metricStore) Commit() error                                     { return nil }
func (m *metricStore) Rollback() error                                   { return nil }

func (m *metricStore) Append(_ promstorage.SeriesRef, ls labels.Labels, _, t int64, v float64, h *histogram.Histogram, _ *histogram.FloatHistogram, _ promstorage.AOptions) (promstorage.SeriesRef, error) {
	if h != nil {
		v = h.Sum
	}
	name := ls.String()
	if t <= m.times[name] {
		return 0, promstorage.ErrOutOfOrderSample
	}
	m.last[name], m.times[name], m.values[name] = v, t, append(m.values[name], v)
	return 0, nil
}

// push appends lines of a stream, a nanosecond apart, with an attribute each.
func (f *fixture) push(t *testing.T, app string, lines ...string) {
	t.Helper()
	bd := model.NewBuilder(model.Logs, len(lines))
	st := bd.Stream(&model.Stream{Attrs: []model.Attr{{Key: "app", Value: model.String(app)}}})
	for i, l := range lines {
		bd.Row(st, int64(i), l)
		bd.Attr("old", model.String("x"))
	}
	require.NoError(t, f.Append(t.Context(), bd.Batch()))
}

// stored returns the lines with their attributes.
func (f *fixture) stored(t *testing.T) (out []string) {
	t.Helper()
	for b, err := range f.store.Scan(t.Context(), storage.Scan{Signal: model.Logs, Range: model.AllTime()}) {
		require.NoError(t, err)
		for i := range b.Len() {
			text := b.Body[i]
			for _, c := range b.Attrs {
				if v := c.At(i); !v.IsNone() {
					text += fmt.Sprintf(" [%s=%s]", c.Key, v.Text())
				}
			}
			out = append(out, text)
		}
	}
	return out
}

func TestStages(t *testing.T) {
	tests := []struct {
		name   string
		stages string
		line   string
		want   string // "" for dropped
	}{
		{"json finds paths", `- json: {fields: {user: user.id, first: 'tags[0]', none: nothing}}`, `{"user":{"id":7},"tags":["a","b"]}`, `{"user":{"id":7},"tags":["a","b"]} [first=a] [old=x] [user=7]`},
		{"json leaves other lines alone", `- json: {fields: {user: user}}`, `user=1`, `user=1 [old=x]`},
		{"json takes the place of an attribute", `- json: {fields: {old: user}}`, `{"user":"é"}`, `{"user":"é"} [old=é]`},
		{"json in an attribute", "- regexp: {expression: 'body=(?P<body>.*)'}\n- json: {from: body, fields: {a: a}}\n- drop: {attributes: [body]}", `x body={"a":1}`, `x body={"a":1} [a=1] [old=x]`},
		{"logfmt finds keys", `- logfmt: {fields: {status: code, same: code}}`, `level=info code="2 0"`, `level=info code="2 0" [old=x] [same=2 0] [status=2 0]`},
		{"regexp finds groups", `- regexp: {expression: '(?P<verb>\w+) (?P<path>\S+)( (?P<more>\d+))?'}`, `GET /x`, `GET /x [old=x] [path=/x] [verb=GET]`},
		{"pattern finds captures", `- pattern: {expression: '<ip> - <_> [<at>]'}`, `10.0.0.1 - bob [now] x`, `10.0.0.1 - bob [now] x [at=now] [ip=10.0.0.1] [old=x]`},
		{"rename", `- rename: {new: old, none: nothing}`, `l`, `l [new=x]`},
		{"rename can swap", "- logfmt: {fields: {a: a, b: b}}\n- rename: {a: b, b: a}", `a=1 b=2`, `a=1 b=2 [a=2] [b=1] [old=x]`},
		{"drop attributes", `- drop: {attributes: [old]}`, `l`, `l`},
		{"keep attributes", "- logfmt: {fields: {a: a, b: b}}\n- keep: {attributes: [a]}", `a=1 b=2`, `a=1 b=2 [a=1]`},
		{"drop lines by text", `- drop: {if: {line: '^GET /health'}}`, `GET /healthz`, ``},
		{"drop lines, others stay", `- drop: {if: {line: '^GET /health'}}`, `GET /`, `GET / [old=x]`},
		{"drop lines by attribute", `- drop: {if: {attribute: old, equals: x}}`, `l`, ``},
		{"a missing attribute is the empty text", `- drop: {if: {attribute: none, equals: ""}}`, `l`, ``},
		{"conditions see labels of the stream", `- drop: {if: {attribute: app, matches: 'a.*'}}`, `l`, ``},
		{"conditions match whole texts", `- drop: {if: {attribute: app, matches: 'a'}}`, `l`, `l [old=x]`},
		{"all of a condition", `- drop: {if: {attribute: app, equals: api, line: other}}`, `l`, `l [old=x]`},
		{"the opposite of a condition", `- drop: {if: {attribute: app, equals: api, not: true}}`, `l`, `l [old=x]`},
		{"keep lines", `- keep: {if: {line: error}}`, `info`, ``},
		{"keep lines, these", `- keep: {if: {line: error}}`, `error`, `error [old=x]`},
		{"sample all", `- sample: {ratio: 1}`, `l`, `l [old=x] [sampling_ratio=1]`},
		{"sample none", `- sample: {ratio: 0}`, `l`, ``},
		{"sample only some kinds", `- sample: {ratio: 0, if: {line: debug}}`, `error`, `error [old=x]`},

		{"redact cards", `- redact: {patterns: [card]}`, `paid with 4111 1111 1111 1111 by`, `paid with <card> by [old=x]`},
		{"redact what only looks like a card", `- redact: {patterns: [card]}`, `order 4111111111111112`, `order 4111111111111112 [old=x]`},
		{"redact cards beside other numbers", `- redact: {patterns: [card]}`, `7 4111 1111 1111 1111 12/28, 4111111111111111 123, 4111-1111-1111-1111-1234 1`, `7 <card> 12/28, <card> 123, <card>-1234 1 [old=x]`},
		{"redact no part of a longer number", `- redact: {patterns: [card]}`, `94111111111111111 4111111111111111x x4111111111111111 41111111111111110000`, `94111111111111111 4111111111111111x x4111111111111111 41111111111111110000 [old=x]`},
		{"redact cards after an escape", `- redact: {patterns: [card]}`, `{"a":"paid by\n4111111111111111"}`, `{"a":"paid by\n<card>"} [old=x]`},
		{"redact numbers in JSON", `- redact: {patterns: [card]}`, `{"card":4111111111111111,"n":"\"4111-1111-1111-1111"}`, `{"card":"<card>","n":"\"<card>"} [old=x]`},
		{"redact whole numbers in JSON", `- redact: {patterns: [card]}`, `{"card":-4111111111111111.5}`, `{"card":"<card>"} [old=x]`},
		{"redact no half of an escape", `- redact: {patterns: [email]}`, `{"to":"\nbob@x.org \u0041b@x.org"}`, `{"to":"\n<email> \u0041<email>"} [old=x]`},
		{"redact e-mails", `- redact: {patterns: [email]}`, `to bob.b+x@mail.example.org. And @all`, `to <email>. And @all [old=x]`},
		{"redact e-mails after a name", `- redact: {patterns: [email]}`, `@bob wrote to a@b.org`, `@bob wrote to <email> [old=x]`},
		{"redact addresses", `- redact: {patterns: [ip]}`, `from 10.1.2.3:80 and 2001:db8::1, v1.2.3 at 12:30:00`, `from <ip>:80 and <ip>, v1.2.3 at 12:30:00 [old=x]`},
		{"redact tokens", `- redact: {patterns: [token]}`, `Authorization: Bearer abcdef123456== and AKIAIOSFODNN7EXAMPLE`, `Authorization: <token> and <token> [old=x]`},
		{"redact tokens in any case", `- redact: {patterns: [token]}`, `authorization: bEARER abcdef123456`, `authorization: <token> [old=x]`},
		{"redact web tokens", `- redact: {patterns: [token]}`, `jwt eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.abc-_d end`, `jwt <token> end [old=x]`},
		{"redact secrets", `- redact: {patterns: [secret]}`, `user=bob password=hunter2 api_key: "k e y" x`, `user=bob password=<secret> api_key: "<secret>" x [old=x]`},
		{"redact secrets in JSON", `- redact: {patterns: [secret]}`, `{"password":"hunter2","secret":12,"body":"{\"passwd\":\"p\"}"}`, `{"password":"<secret>","secret":"<secret>","body":"{\"passwd\":\"<secret>\"}"} [old=x]`},
		{"redact in attributes", "- logfmt: {fields: {mail: to}}\n- redact: {patterns: [email]}", `to=a@b.org`, `to=<email> [mail=<email>] [old=x]`},
		{"redact by expression", `- redact: {expressions: [{expression: 'id-(\d)\d+', replace: 'id-$1…'}, {expression: xyz}]}`, `id-1234 xyz`, `id-1… <redacted> [old=x]`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := newFixture(t, stages(t, tt.stages))
			f.push(t, "api", tt.line)
			var want []string
			if tt.want != "" {
				want = []string{tt.want}
			}
			require.Equal(t, want, f.stored(t))
			dropped := fmt.Sprintf("# HELP oriel_pipeline_dropped_lines_total Log lines that the stages drop, keep and sample of pipelines took out.\n"+
				"# TYPE oriel_pipeline_dropped_lines_total counter\noriel_pipeline_dropped_lines_total %d\n", 1-len(want))
			require.NoError(t, testutil.GatherAndCompare(f.reg, strings.NewReader(dropped), "oriel_pipeline_dropped_lines_total"))
		})
	}
}

func TestOnlySelectedStreamsPass(t *testing.T) {
	cfg := append(stages(t, `- drop: {if: {line: secret}}`), stages(t, `- rename: {all: old}`)...)
	cfg[0].Selector = `{app=~"a.*"}`
	f := newFixture(t, cfg)
	f.push(t, "api", "a secret", "a line")
	f.push(t, "web", "b secret")
	require.ElementsMatch(t, []string{"a line [all=x]", "b secret [all=x]"}, f.stored(t))
}

func TestSamplingKeepsAShareAndTheSameLinesAgain(t *testing.T) {
	var lines []string
	for i := range 4000 {
		lines = append(lines, fmt.Sprint("line ", i))
	}
	keep := func(text string) []string {
		f := newFixture(t, stages(t, text))
		f.push(t, "api", lines...)
		return f.stored(t)
	}
	kept := keep(`- sample: {ratio: 0.25}`)
	require.InDelta(t, 1000, len(kept), 120)
	require.Equal(t, kept, keep(`- sample: {ratio: 0.25}`))
	require.Subset(t, keep("- sample: {ratio: 0.5}\n- drop: {attributes: [sampling_ratio]}"), keep("- sample: {ratio: 0.25}\n- drop: {attributes: [sampling_ratio]}"))
	require.Contains(t, []int{0, 4000}, len(keep(`- sample: {ratio: 0.5, by: old}`)), "all have the same value")
}

func TestMetricsOfLines(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t, stages(t, `
- logfmt: {fields: {status: status, took: took, bytes: bytes}}
- counter: {name: lines_total, labels: [app, status]}
- counter: {name: bytes_total, value: bytes, if: {attribute: status, matches: '2..'}}
- histogram: {name: took_seconds, value: took, buckets: [0.1, 1]}
- drop: {if: {line: 'took'}}`[1:]))
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error)
		go func() { done <- f.Run(ctx) }()
		f.push(t, "api", "status=200 took=50ms bytes=10", "status=200 took=0.5 bytes=5", "status=500 took=2s bytes=7", "status=200 took=-1s bytes=x")
		time.Sleep(16 * time.Second)
		synctest.Wait()
		want := map[string]float64{
			`{__name__="lines_total", app="api", status="200"}`: 3,
			`{__name__="lines_total", app="api", status="500"}`: 1,
			`{__name__="bytes_total"}`:                          15,
			`{__name__="took_seconds_bucket", le="0.1"}`:        1,
			`{__name__="took_seconds_bucket", le="1.0"}`:        2,
			`{__name__="took_seconds_bucket", le="+Inf"}`:       3,
			`{__name__="took_seconds_count"}`:                   3,
			`{__name__="took_seconds_sum"}`:                     2.55,
			`{__name__="took_seconds"}`:                         2.55,
		}
		require.Equal(t, want, f.metrics.last)
		require.Empty(t, f.stored(t), "metrics are of lines that are dropped later, too")

		// Other stages, the same metric: it counts on. The others end.
		require.NoError(t, f.Apply(t.Context(), stages(t, "- logfmt: {fields: {status: status}}\n- counter: {name: lines_total, labels: [app, status]}")))
		f.push(t, "api", "status=500")
		cancel()
		require.NoError(t, <-done)
		want[`{__name__="lines_total", app="api", status="500"}`] = 2
		require.Equal(t, want, f.metrics.last)
	})
}

// What a metric has counted since it was written last is not lost when it is
// taken out, or changed, by another configuration.
func TestMetricsThatEndAreWrittenOnceMore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t, stages(t, `
- logfmt: {fields: {status: status}}
- counter: {name: gone_total}
- counter: {name: changed_total, labels: [status]}
- counter: {name: kept_total}`[1:]))
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error)
		go func() { done <- f.Run(ctx) }()
		f.push(t, "api", "status=200", "status=500")
		time.Sleep(16 * time.Second)
		synctest.Wait()
		f.push(t, "api", "status=200")
		time.Sleep(4 * time.Second)
		gone, changed, kept := `{__name__="gone_total"}`, `{__name__="changed_total", status="200"}`, `{__name__="kept_total"}`
		require.Equal(t, []float64{0, 2}, f.metrics.values[gone])

		require.NoError(t, f.Apply(t.Context(), stages(t, `
- logfmt: {fields: {status: status}}
- counter: {name: changed_total, labels: [status], if: {attribute: status, equals: '200'}}
- counter: {name: kept_total}`[1:])))
		require.Equal(t, []float64{0, 2, 3}, f.metrics.values[gone])
		require.Equal(t, []float64{0, 1, 2}, f.metrics.values[changed])
		require.Equal(t, []float64{0, 2}, f.metrics.values[kept], "it goes on, and has its turn at the next interval")

		f.push(t, "api", "status=200", "status=500")
		time.Sleep(time.Second)
		cancel()
		require.NoError(t, <-done)
		require.Equal(t, []float64{0, 2, 3}, f.metrics.values[gone], "nothing counts any more")
		require.Equal(t, []float64{0, 1, 2, 0, 1}, f.metrics.values[changed], "it begins anew after its end")
		require.Equal(t, []float64{0, 2, 5}, f.metrics.values[kept])
	})
}

func TestAConfigurationCanGoAndComeBack(t *testing.T) {
	counting := stages(t, `- counter: {name: lines_total}`)
	f := newFixture(t, counting)
	require.NoError(t, f.Apply(t.Context(), nil))
	require.NoError(t, f.Apply(t.Context(), counting))
	require.Error(t, f.Apply(t.Context(), stages(t, `- counter: {name: "no name"}`)))
	f.push(t, "api", "l")
	require.Equal(t, []string{"l [old=x]"}, f.stored(t))
	n, err := testutil.GatherAndCount(f.reg, "oriel_derived_label_sets")
	require.NoError(t, err)
	require.Equal(t, 1, n)
}

func TestWrongConfigurationsAreExplained(t *testing.T) {
	for text, want := range map[string]string{
		`- {}`: "[0].stages[0]: needs exactly one of json",
		`- {json: {fields: {a: a}}, drop: {attributes: [a]}}`:    "[0].stages[0]: needs exactly one of json",
		`- json: {fields: {}}`:                                   "[0].stages[0]: json: fields: name at least one",
		`- json: {fields: {a: 'a..b'}}`:                          "json: fields.a: cannot parse expression [a..b]",
		`- logfmt: {fields: {a: ''}}`:                            "logfmt: fields.a: the key must be set",
		`- regexp: {expression: '('}`:                            "regexp: expression: error parsing regexp",
		`- regexp: {expression: '(x)'}`:                          "needs a named group",
		`- pattern: {expression: 'x'}`:                           "at least one capture is required",
		`- rename: {}`:                                           "rename: name at least one attribute",
		`- drop: {}`:                                             "drop: needs either attributes or if",
		`- keep: {if: {}}`:                                       "keep: if: needs line or attribute",
		`- keep: {if: {attribute: a}}`:                           "attribute goes with equals or matches",
		`- keep: {if: {line: '('}}`:                              "if.line: error parsing regexp",
		`- json: {fields: {'': a}}`:                              "fields: names must not be empty",
		`- logfmt: {fields: {'': a}}`:                            "fields: names must not be empty",
		`- redact: {}`:                                           "redact: needs patterns or expressions",
		`- redact: {patterns: [visa]}`:                           `patterns[0]: "visa" is not one of card, email, ip, secret and token`,
		`- redact: {expressions: [{expression: 'x*'}]}`:          "finds the empty text",
		`- sample: {ratio: 2}`:                                   "sample: ratio: 2 is not within 0 and 1",
		`- counter: {name: 'a b'}`:                               `counter: name: "a b" is not the name of a metric`,
		"- counter: {name: a}\n- histogram: {name: a, value: v}": "name: a is another stage's already",
		`- counter: {name: a, labels: [x.y, x_y]}`:               `labels[1]: "x_y" cannot be a label`,
		`- counter: {name: a, buckets: [1]}`:                     "a counter has none",
		`- histogram: {name: a}`:                                 "a histogram needs the attribute to observe",
		`- histogram: {name: a, value: v, labels: [le]}`:         `labels[0]: "le" cannot be a label`,
		`- histogram: {name: a, value: v, buckets: [2, 1]}`:      "buckets[1]: 1 is not above the bound before",
	} {
		require.ErrorContains(t, pipeline.Validate(stages(t, text)), want, text)
	}
	bad := stages(t, `- drop: {attributes: [a]}`)
	bad[0].Selector = `{app=}`
	require.ErrorContains(t, pipeline.Validate(bad), `[0].selector: "{app=}"`)
	require.ErrorContains(t, pipeline.Validate([]pipeline.Config{{}}), "[0].stages: must not be empty")
}

// Whatever the line, a JSON object stays one.
func FuzzRedact(f *testing.F) {
	f.Add(`{"a":4111111111111111, "b":[-4111111111111111e5]}`)
	f.Add(`password="x" Bearer 12345678 a@b.cd 1.2.3.4`)
	f.Add(`{"password":{"a":1},"secret":null,"api_key":[1,2],"passwd":"a b"}`)
	f.Add(`{"a":"\nbob@x.org\u0041b@x.org","b":"1.2.3.4\\","c":"\"secret\":\"x\\\""}`)
	f.Fuzz(func(t *testing.T, line string) {
		names := []string{"card", "email", "ip", "secret", "token"}
		w := newFixture(t, []pipeline.Config{{Stages: []pipeline.Stage{{Redact: &redact.Config{Patterns: names}}}}})
		w.push(t, "api", line)
		stored := w.stored(t)
		require.Len(t, stored, 1)
		if json.Valid([]byte(line)) && strings.HasPrefix(line, "{") {
			after := strings.TrimSuffix(stored[0], " [old=x]")
			require.True(t, json.Valid([]byte(after)), "%s became %s", line, after)
		}
	})
}

func BenchmarkPipeline(b *testing.B) {
	for name, text := range map[string]string{
		"redact": `- redact: {patterns: [card, email, secret, token]}`,
		"json":   `- json: {fields: {status: status, user: user.id}}`,
		"drop":   `- drop: {if: {attribute: app, equals: web}}`,
	} {
		b.Run(name, func(b *testing.B) {
			var c pipeline.Config
			require.NoError(b, yaml.Unmarshal([]byte("stages:\n"+text), &c))
			w, err := pipeline.New(pipeline.Options{Config: []pipeline.Config{c}, Next: nowhere{}, Metrics: newMetricStore(), Registerer: prometheus.NewRegistry()})
			require.NoError(b, err)
			bd := model.NewBuilder(model.Logs, 1000)
			st := bd.Stream(&model.Stream{Attrs: []model.Attr{{Key: "app", Value: model.String("api")}}})
			size := 0
			for i := range 1000 {
				line := fmt.Sprintf(`{"ts":"2026-01-01T00:00:00.%03dZ","level":"info","msg":"request served","status":%d,"path":"/api/v1/items/%d","user":{"id":"u-%d"},"took":"%dms"}`, i, 200+i%3, i*7919, i, i%300)
				size += len(line)
				bd.Row(st, int64(i), line)
				bd.Attr("detected_level", model.String("info"))
			}
			batch := bd.Batch()
			b.SetBytes(int64(size))
			for b.Loop() {
				require.NoError(b, w.Append(b.Context(), batch))
			}
		})
	}
}

type nowhere struct{}

func (nowhere) Append(context.Context, *model.Batch) error { return nil }
