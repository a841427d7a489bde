package statsd

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/oriel-obs/oriel/ingest/samples"
	"github.com/oriel-obs/oriel/ingest/samples/samplestest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// at is when tests flush, far in the past so that first values come before.
var at = time.Now().Add(time.Hour).Truncate(time.Second)

// run gives lines to a server of c and flushes once. The times of rows are
// cut off, and the zeros that counters begin with left out.
func run(t testing.TB, c Config, o samples.Options, s *samplestest.Store, lines ...string) []string {
	t.Helper()
	o.Limits.MaxFuture = 0
	require.NoError(t, c.Validate())
	srv, err := New(nil, c, o)
	require.NoError(t, err)
	r := newReader(srv)
	for _, line := range lines {
		r.Line([]byte(line))
	}
	srv.flush(at)
	return rows(s)
}

func rows(s *samplestest.Store) []string {
	var out []string
	for _, row := range s.Rows() {
		if rest, ok := strings.CutSuffix(row, fmt.Sprintf(" %d", at.UnixMilli())); ok {
			out = append(out, rest)
		}
	}
	return out
}

func TestLinesAddUp(t *testing.T) {
	tests := []struct {
		name  string
		lines []string
		want  []string
	}{
		{"counter", []string{"a.b:1|c", "a.b:2.5|c"}, []string{`a_b 3.5`}},
		{"sampled counter", []string{"a:1|c|@0.1"}, []string{`a 10`}},
		{"gauge", []string{"a:1|g", "a:5|g"}, []string{`a 5`}},
		{"relative gauge", []string{"a:5|g", "a:+2|g", "a:-3|g"}, []string{`a 4`}},
		{"timer", []string{"a:250|ms", "a:750|ms"}, []string{`a histogram{2, 1}`}},
		{"sampled timer", []string{"a:500|ms|@0.25"}, []string{`a histogram{4, 2}`}},
		{"histogram and distribution", []string{"a:2|h", "a:3|d"}, []string{`a histogram{2, 5}`}},
		{"set", []string{"a:joe|s", "a:ann|s", "a:joe|s"}, []string{`a 2`}},
		{"a member with colons", []string{"a:::1|s"}, []string{`a 1`}},
		{"several values of StatsD", []string{"a:1|c:2|c|@0.5:250|ms"}, nil},
		{"several values of DogStatsD", []string{"a:1:2:3|d|@0.5|#x:1"}, []string{`a{x="1"} histogram{6, 12}`}},
		{"tags of DogStatsD", []string{"a:1|c|#env:prod,canary,url:http://x:80,a.b:1", "a:1|c|@0.5|#canary,env:prod,url:http://x:80,a.b:1"}, []string{`a{a_b="1", canary="true", env="prod", url="http://x:80"} 3`}},
		{"tags of InfluxDB", []string{"a,env=prod,x=1:1|c"}, []string{`a{env="prod", x="1"} 1`}},
		{"tags of Librato", []string{"a#env=prod:1|c"}, []string{`a{env="prod"} 1`}},
		{"tags of SignalFx", []string{"a[env=prod].b:1|c"}, []string{`a_b{env="prod"} 1`}},
		{"container, external data, cardinality and time", []string{"a:1|c|#x:y|c:in-1|e:it-false|card:low|T1656581400"}, []string{`a{x="y"} 1`}},
		{"container without tags", []string{"a:1|c|c:ci-1"}, []string{`a 1`}},
		{"series by labels", []string{"a:1|c|#x:1", "a:1|c|#x:2"}, []string{`a{x="1"} 1`, `a{x="2"} 1`}},
		{"odd names", []string{"my app/requests-5xx:1|c"}, []string{`my_app_requests_5xx 1`}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := samplestest.New()
			got := run(t, DefaultConfig(), s.Options(), s, tt.lines...)
			if tt.want == nil { // kinds that differ under one name
				require.Equal(t, []string{"a 5"}, got)
				require.Len(t, s.Refused(), 1)
				return
			}
			require.Equal(t, tt.want, got)
			require.Empty(t, s.Refused())
		})
	}
}

func TestACounterBeginsAtZero(t *testing.T) {
	s := samplestest.New()
	before := time.Now().UnixMilli()
	run(t, DefaultConfig(), s.Options(), s, "a:5|c")
	require.Len(t, s.Rows(), 2)
	var first int64
	_, err := fmt.Sscanf(s.Rows()[0], "a 0 %d", &first)
	require.NoError(t, err)
	require.GreaterOrEqual(t, first, before-1)
	require.Less(t, first, time.Now().UnixMilli()+1)
}

func TestTimersBecomeWhatTheConfigurationSays(t *testing.T) {
	c := DefaultConfig()
	c.Timers, c.Buckets = Histogram, []float64{0.1, 1}
	s := samplestest.New()
	require.Equal(t, []string{
		`a_bucket{le="+Inf", x="1"} 4`, `a_bucket{le="0.1", x="1"} 1`, `a_bucket{le="1", x="1"} 3`, `a_count{x="1"} 4`, `a_sum{x="1"} 4.1`,
	}, run(t, c, s.Options(), s, "a:100:500:500:3000|ms|#x:1"))

	c.Timers = Summary
	s = samplestest.New()
	require.Equal(t, []string{
		`a{quantile="0.5"} 3`, `a{quantile="0.9"} 5`, `a{quantile="0.99"} 5`, `a_count 5`, `a_sum 15`,
	}, run(t, c, s.Options(), s, "a:1:2:3:4:5|h"))
}

func TestMappingRulesNameLabelAndChoose(t *testing.T) {
	c := DefaultConfig()
	c.MappingFile = filepath.Join(t.TempDir(), "mapping.yml")
	require.NoError(t, os.WriteFile(c.MappingFile, []byte(`
defaults: {ttl: 90m}
mappings:
  - match: api.*.*.time
    name: api_seconds
    labels: {route: $1, env: rule}
    observer_type: histogram
    histogram_options: {buckets: [1, 0.5]}
  - match: api.*.bytes
    match_metric_type: counter
    name: api_kilobytes
    scale: 2
    honor_labels: true
    labels: {env: rule}
  - match: old.*
    name: old_seconds
    observer_type: summary
    summary_options: {quantiles: [{quantile: 0.5, error: 0.1}]}
  - match: noise.*
    name: noise
    action: drop
`), 0o644))
	s := samplestest.New()
	require.Equal(t, []string{
		`api_kilobytes{env="tag"} 6`,
		`api_seconds_bucket{env="rule", le="+Inf", route="home"} 1`, `api_seconds_bucket{env="rule", le="0.5", route="home"} 0`,
		`api_seconds_bucket{env="rule", le="1", route="home"} 1`, `api_seconds_count{env="rule", route="home"} 1`, `api_seconds_sum{env="rule", route="home"} 0.7`,
		`old_seconds{quantile="0.5"} 2`, `old_seconds_count 1`, `old_seconds_sum 2`,
	}, run(t, c, s.Options(), s, "api.home.get.time:700|ms|#env:tag", "api.x.bytes:3|c|#env:tag", "old.x:2000|ms", "noise.x:1|c", "noise.x:1|c"))
	require.Equal(t, []string{`unmapped 2: line "noise.x:1|c": the mapping file leaves it out: "noise.x"`}, s.Refused())
}

func TestSumsGoOnFromFlushToFlushAndSetsBeginAnew(t *testing.T) {
	s := samplestest.New()
	o := s.Options()
	o.Limits.MaxFuture = 0
	srv, err := New(nil, DefaultConfig(), o)
	require.NoError(t, err)
	r := newReader(srv)
	for i := range 2 {
		for _, line := range []string{"c:1|c", "s:a|s", "h:1|h", "g:+1|g"} {
			r.Line([]byte(line))
		}
		srv.flush(at.Add(time.Duration(i-1) * time.Second))
	}
	require.Equal(t, []string{"c 2", "g 2", "h histogram{2, 2}", "s 1"}, rows(s))
}

func TestASeriesNotSeenForTheTimeToLiveEnds(t *testing.T) {
	s := samplestest.New()
	o := s.Options()
	o.Limits.MaxFuture = 0
	c := DefaultConfig()
	c.MaxSeries, c.Timers = 6, Histogram
	c.Buckets = []float64{1}
	srv, err := New(nil, c, o)
	require.NoError(t, err)
	r := newReader(srv)
	r.Line([]byte("c:1|c"))
	r.Line([]byte("h:1|h"))
	r.Line([]byte("h:1|h|#too:many"))
	require.Equal(t, []string{`overload 1: line "h:1|h|#too:many": too many series: max_series is 6`}, s.Refused())
	srv.flush(at) // an hour later
	srv.flush(at.Add(time.Second))
	require.Equal(t, []string{"c stale", "h_bucket{le=\"+Inf\"} stale", "h_bucket{le=\"1\"} stale", "h_count stale", "h_sum stale"}, trimmed(s, at.Add(time.Second)))
	require.Zero(t, srv.sums.series)
	r.Line([]byte("h:1|h|#too:many"))
	srv.flush(at.Add(2 * time.Second))
	require.Len(t, trimmed(s, at.Add(2*time.Second)), 4)
}

func trimmed(s *samplestest.Store, at time.Time) []string {
	var out []string
	for _, row := range s.Rows() {
		if rest, ok := strings.CutSuffix(row, fmt.Sprintf(" %d", at.UnixMilli())); ok {
			out = append(out, rest)
		}
	}
	return out
}

func TestAFaultyLineIsCountedAndTheNextTaken(t *testing.T) {
	tests := []struct{ line, want string }{
		{"a", `malformed 1: line "a": no value after the name`},
		{":1|c", `malformed 1: line ":1|c": no value after the name`},
		{"a:1", `malformed 1: line "a:1": no type after the value`},
		{"a:1|x", `malformed 1: line "a:1|x": unknown type "x"`},
		{"a:one|c", `malformed 1: line "a:one|c": value "one" is no number`},
		{"a:nan|g", `malformed 1: line "a:nan|g": value "nan" is no number`},
		{"a:inf|ms", `malformed 1: line "a:inf|ms": value "inf" is no number`},
		{"a:-1|c", `malformed 1: line "a:-1|c": counter with the negative value "-1"`},
		{"a:1|c|@0", `malformed 1: line "a:1|c|@0": sample rate "0" is not in (0, 1]`},
		{"a:1|c|@2", `malformed 1: line "a:1|c|@2": sample rate "2" is not in (0, 1]`},
		{"a:1|c|@1e-300", `malformed 1: line "a:1|c|@1e-300": sample rate "1e-300" is not in (0, 1]`},
		{"a:1|c|", `malformed 1: line "a:1|c|": an empty section`},
		{"a:1|c|x", `malformed 1: line "a:1|c|x": unknown section "x"`},
		{"a:|s", `malformed 1: line "a:|s": no value after the name`},
		{"a[x=1:1|c", `malformed 1: line "a[x=1:1|c": name "a[x=1" has one bracket`},
		{"a:1|c|#:x", `malformed 1: line "a:1|c|#:x": tag ":x" has no name`},
		{"a:1|c|#__name__:x", `invalid_labels 1: line "a:1|c|#__name__:x": bad labels: a tag is named __name__`},
		{"a:1|c|#\x80:x", `invalid_labels 1: line "a:1|c|#\x80:x": bad labels: the name of a tag is not UTF-8: "\x80"`},
		{"a:1|c|#x:\xff", `invalid_labels 1: line "a:1|c|#x:\xff": bad labels: series "a": value of label "x" is not UTF-8: "\xff"`},
		{"a:1|c|#a,b,c,d", `invalid_labels 1: line "a:1|c|#a,b,c,d": bad labels: series "a" has 5 labels, more than max_labels: 4`},
		{"fine:1|c", `malformed 1: line "fine:1|c": counter {__name__="fine"} is a gauge already`},
		{"_e{1,2}:a|bc", `untranslatable 1: line "_e{1,2}:a|bc": events and service checks are not taken`},
		{"_sc|x|0", `untranslatable 1: line "_sc|x|0": events and service checks are not taken`},
	}
	for _, tt := range tests {
		s := samplestest.New()
		o := s.Options()
		o.Limits.MaxLabels = 4
		require.Equal(t, []string{"fine 2"}, run(t, DefaultConfig(), o, s, "fine:1|g", tt.line, "fine:2|g"), tt.line)
		require.Equal(t, []string{tt.want}, s.Refused())
	}
}

func TestConfigurationsThatCannotWorkAreRefused(t *testing.T) {
	c := Config{Listen: "x", TTL: -1, Timers: "x", Buckets: []float64{2, 1}, MaxLineBytes: 256, MaxConnections: 1, MaxConnectionsPerPeer: 1, IdleTimeout: -1}
	require.EqualError(t, c.Validate(), `listen: address x: missing port in address
flush_interval: 0s is less than 100ms
ttl: -1ns is negative
timers: "x" is none of native, histogram, summary
buckets: want upper bounds, each larger than the one before
max_series: 0 is less than 1
idle_timeout: -1ns is negative`)
}

func FuzzLine(f *testing.F) {
	for _, s := range []string{
		"a.b:1|c", "a:1|c|@0.1|#x:y,z", "a:+5|g", "a:1:2|ms|@0.5", "a:x|s", "a,b=c:1|c", "a#b=c:1|h", "a[b=c]d:1|d", "a:1|c:2|g|@0.2:3|ms",
		"a:1|c|#x:y|c:z|T5", "_e{1,1}:a|b", "a]b[:1|c", "a:1|c|#\xff", "0:0|c|#\x80",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, line []byte) {
		line = bytes.ReplaceAll(line, []byte("\n"), nil)
		s := samplestest.New()
		o := s.Options()
		o.Limits.MaxFuture = 0
		srv, err := New(nil, DefaultConfig(), o)
		require.NoError(t, err)
		newReader(srv).Line(line)
		srv.flush(at)
		if s.Accepted() == 0 && len(s.Refused()) == 0 {
			t.Fatalf("%q is neither stored nor counted", line)
		}
	})
}

// The operation is 1000 lines of series that exist.
func BenchmarkLine(b *testing.B) {
	for name, suffix := range map[string]string{"counter": "1|c|#", "timer": "12.5|ms|@0.5|#", "gauge": "3|g|#"} {
		b.Run(name, func(b *testing.B) {
			s := samplestest.New()
			srv, err := New(nil, DefaultConfig(), s.Options())
			require.NoError(b, err)
			r := newReader(srv)
			var all [][]byte
			for i := range 1000 {
				all = append(all, fmt.Appendf(nil, "shop.checkout.requests:%senv:prod,host:web-%d.example.org,region:eu-west-1", suffix, i))
			}
			b.ReportAllocs()
			for b.Loop() {
				for _, line := range all {
					r.Line(line)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/1000, "ns/line")
		})
	}
}
