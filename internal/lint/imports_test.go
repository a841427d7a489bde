// Package lint holds the rules of the house that the compiler does not know.
// They are tests, so that `go test` is the only tool to learn.
package lint

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const module = "github.com/oriel-obs/oriel"

// edges lists, for each package (or "folder/..." for all packages below it),
// which of our own packages it may import. Most specific entry wins. The table
// is the import diagram of docs/architecture.md.
var edges = map[string][]string{
	"cmd/...":      {"..."},
	"bench":        {"storage/metric/metrictest", "storage/metric/downsample"}, // sees servers from outside, ours like the others, but for a year of samples
	"ui":           {"internal/..."},
	"model":        {},
	"internal/...": {"internal/..."},

	"storage":                   {"model", "internal/fault", "internal/linefield"},
	"storage/event":             {"model", "storage", "storage/fulltext", "storage/shred", "internal/..."},
	"storage/shred":             {"model", "storage", "internal/..."},
	"storage/fulltext":          {"model", "storage", "internal/..."},
	"storage/metric":            {"storage", "storage/metric/bulk", "storage/metric/downsample", "storage/metric/trim", "storage/metric/xorpack", "internal/..."},
	"storage/metric/blockfile":  {"internal/vfs"},
	"storage/metric/bulk":       {"storage/metric/xorpack"},
	"storage/metric/downsample": {"storage", "storage/metric/blockfile", "storage/metric/trim", "storage/metric/xorpack", "internal/..."},
	// Writes stores that no benchmark can wait for.
	"storage/metric/metrictest": {"storage/metric/blockfile", "storage/metric/downsample", "storage/metric/xorpack"},
	"storage/metric/trim":       {},
	"storage/metric/xorpack":    {},
	"storage/state":             {"storage", "internal/..."},
	// Recorded answers, to compare servers with over HTTP.
	"query/logql/oracletest":   {},
	"query/traceql/oracletest": {},
	// The suite is for tests: it holds a store to what its users declare.
	"storage/storagetest": {"model", "storage", "ingest", "query", "internal/..."},

	"ingest":           {"model", "storage", "internal/..."},
	"ingest/freshness": {"model", "ingest", "storage/state", "internal/..."},            // outlives the process
	"ingest/audit":     {"model", "storage", "ingest", "storage/state", "internal/..."}, // the chain's end is state
	"ingest/...":       {"model", "storage", "ingest", "ingest/derived", "ingest/logrecord", "ingest/otelmodel", "ingest/admission", "ingest/samples", "ingest/namemap", "internal/..."},
	// For tests of the protocols that bring log records.
	"ingest/samples/samplestest":     {"ingest", "ingest/samples"},
	"ingest/logrecord/logrecordtest": {"model", "storage", "storage/storagetest", "ingest", "ingest/logrecord", "internal/..."},

	"query":        {"model", "storage", "internal/..."},
	"query/promql": {"model", "storage", "query", "query/promql/fold", "internal/..."},
	// On Prometheus' expressions and series, whatever store these are of.
	"query/promql/fold": {"internal/fair"},
	"query/logql":       {"model", "storage", "query", "internal/..."},
	"query/traceql":     {"model", "storage", "query", "internal/..."},
	"query/promapi":     {"model", "storage", "query", "query/promql", "internal/..."},
	"query/remoteread":  {"storage"},
	// Everybody's reads go through it; selectors mean there what LogQL's do.
	"query/scope":     {"model", "storage", "query", "query/logql", "internal/..."},
	"query/lokiapi":   {"model", "storage", "query", "query/logql", "internal/..."},
	"query/tracediff": {"model", "query/traceql", "internal/..."},
	// What people asked to keep is state.
	"query/tracearchive": {"model", "storage", "storage/state", "query", "query/traceql", "internal/..."},
	"query/tempoapi":     {"model", "storage", "query", "query/traceql", "query/tracediff", "internal/..."},
	"query/jaegerapi":    {"model", "storage", "query", "query/traceql", "internal/..."},
	"query/services":     {"model", "storage", "query", "query/promql", "query/traceql", "internal/..."},
	"query/inflight":     {"internal/..."},
	"query/dashapi":      {"storage/state", "internal/..."},
	"query/uiapi":        {"model", "storage", "query", "query/promql", "query/logql", "query/traceql", "query/services", "internal/..."},
	"alerting":           {"model", "storage", "query", "query/promql", "query/logql", "query/traceql", "internal/..."},
	// Its tests are those of people's rules.
	"alerting/ruletest": {"model", "storage/storagetest", "query", "query/logql", "query/traceql", "alerting"},
	// It looks for what goes with an alert as the page does: by service, deploy and critical path.
	"alerting/evidence": {"model", "storage", "query", "query/promql", "query/logql", "query/traceql", "query/services", "alerting", "internal/..."},
	// What people do about alerts and what waits to be delivered is state.
	"alerting/history":  {"model", "storage/state", "internal/..."},
	"alerting/notify":   {"alerting", "alerting/evidence", "storage/state", "internal/..."},
	"alerting/alertapi": {"alerting", "alerting/backtest", "alerting/notify", "storage/state", "internal/..."},
	"alerting/...":      {"model", "storage", "query", "query/promql", "query/logql", "query/traceql", "alerting", "internal/..."},
}

// fences lists third-party packages (and what is below them, with "/...") that
// only the named packages of ours may import.
var fences = map[string][]string{
	"github.com/blevesearch/...":             {"storage/fulltext"},
	"github.com/prometheus/prometheus/tsdb":  {"storage/metric/..."}, // downsample reads and writes blocks
	"github.com/parquet-go/...":              {"storage/event"},
	"modernc.org/sqlite":                     {"storage/state"},
	"github.com/pressly/goose/...":           {"storage/state"},
	"github.com/prometheus/alertmanager/...": {"alerting/...", "cmd/..."},
	"github.com/wcharczuk/go-chart/...":      {"alerting/evidence"},
	"github.com/wneessen/go-mail/...":        {"alerting/notify"},
	"github.com/grafana/...":                 {"query/promapi"}, // grafana/regexp, BSD-3: Prometheus' API constructor names its type
}

type pkg struct {
	ImportPath string
	Imports    []string
}

func packages(t *testing.T) []pkg {
	t.Helper()
	cmd := exec.Command("go", "list", "-json=ImportPath,Imports", module+"/...")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	require.NoError(t, err, stderr.String())
	var pkgs []pkg
	dec := json.NewDecoder(bytes.NewReader(out))
	for {
		var p pkg
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else {
			require.NoError(t, err)
		}
		pkgs = append(pkgs, p)
	}
	require.NotEmpty(t, pkgs)
	return pkgs
}

// matches reports whether path is pattern, or below it if that ends in "...".
func matches(pattern, path string) bool {
	prefix, ok := strings.CutSuffix(pattern, "...")
	if !ok {
		return pattern == path
	}
	return strings.HasPrefix(path, prefix) || path == strings.TrimSuffix(prefix, "/")
}

func matchesAny(patterns []string, path string) bool {
	for _, p := range patterns {
		if matches(p, path) {
			return true
		}
	}
	return false
}

// allowed returns the entry of edges for path.
func allowed(path string) (list []string, ok bool) {
	best := ""
	for pattern := range edges {
		if matches(pattern, path) && len(strings.TrimSuffix(pattern, "...")) >= len(best) {
			best, list, ok = strings.TrimSuffix(pattern, "..."), edges[pattern], true
		}
	}
	return list, ok
}

func TestImportsPointDown(t *testing.T) {
	for _, p := range packages(t) {
		path := strings.TrimPrefix(p.ImportPath, module+"/")
		if path == module {
			continue // a module root without a package
		}
		list, ok := allowed(path)
		if !ok {
			t.Errorf("package %s has no entry in the table of import edges", path)
			continue
		}
		for _, imp := range p.Imports {
			own, ok := strings.CutPrefix(imp, module+"/")
			if ok && !matchesAny(list, own) {
				t.Errorf("%s may not import %s", path, own)
			}
		}
	}
}

func TestThirdPartiesStayBehindTheirFences(t *testing.T) {
	for _, p := range packages(t) {
		path := strings.TrimPrefix(p.ImportPath, module+"/")
		for _, imp := range p.Imports {
			for pattern, users := range fences {
				if matches(pattern, imp) && !matchesAny(users, path) {
					t.Errorf("%s may not import %s", path, imp)
				}
			}
		}
	}
}
