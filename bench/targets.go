package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// A target says how to run and address one server. In args and conf, {data} is
// a fresh data folder, {conf} a file holding conf, {port0} to {port9} free
// ports of 127.0.0.1. URLs are on port 0 unless a port is given.
type target struct {
	name      string
	bin       string   // file in -bin; env BENCH_BIN_<NAME> overrides it
	args      []string // env BENCH_ARGS_<NAME> adds to them
	conf      string
	ready     string
	readyPort int
	flush     []string      // "METHOD path": ask for data in memory to be written out
	flushWait time.Duration // how long the target may sit still before it writes out by itself
	tenants   string        // header by which it tells tenants apart; "" if it does not

	metrics *metricsAPI
	logs    *logsAPI
	traces  *tracesAPI
}

type metricsAPI struct {
	push  string // Prometheus remote write
	query string // Prometheus query API; "_range" is added for range queries
	diskProbe
}

type logsAPI struct {
	push     string
	pushPort int
	format   string // of the pushed data, see logFormats
	query    string // as in metricsAPI, or the path of LogsQL queries
	logsql   bool   // queries are LogsQL, not LogQL
	selector string // of all lines, where they have no label "cluster"
	diskProbe
}

type tracesAPI struct {
	push      string // OTLP/HTTP
	pushPort  int
	query     string // prefix of /traces/{id} and so on
	queryPort int
	dialect   traceDialect
	diskProbe
}

// A diskProbe gives the size in bytes of the stored data in their long-term
// form, where the data folder holds other things besides. It may be nil.
type diskProbe func(s *server) (int64, error)

const (
	vlFields = "_msg_field=msg&_time_field=@timestamp&_stream_fields=app,cluster,container,logtype,namespace,node,pod"
	vlQuery  = "/select/logsql/query"
	lokiPush = "/loki/api/v1/push"
	otlpPush = "/v1/traces"
)

// allTargets is the table of servers: a new one is an entry here.
func allTargets() []target {
	orielArgs := []string{
		"serve", "--config={conf}", "--data-dir={data}", "--listen=127.0.0.1:{port0}",
		"--otlp-grpc-listen=127.0.0.1:{port1}", "--otlp-http-listen=127.0.0.1:{port2}",
	}
	const orielConf = "web: {admin_api: true}\n" // for snapshots
	const orielFlush = 3 * time.Second           // an idle head that is worth a part is flushed after a second
	orielLogs := &logsAPI{push: lokiPush, format: "loki", query: "/loki/api/v1/query"}
	victoriaArgs := []string{"-storageDataPath={data}", "-httpListenAddr=127.0.0.1:{port0}"}
	victoriaFlush := []string{"GET /internal/force_flush"}
	prometheusQueries := &metricsAPI{push: "/api/v1/write", query: "/api/v1/query"}
	prometheusBlocks := &metricsAPI{push: "/api/v1/write", query: "/api/v1/query", diskProbe: snapshotIn("snapshots")}
	orielBlocks := &metricsAPI{push: "/api/v1/write", query: "/api/v1/query", diskProbe: snapshotIn("metric/snapshots")}
	return []target{
		{
			name: "oriel", bin: "oriel", ready: "/-/ready", args: orielArgs, conf: orielConf, flushWait: orielFlush,
			metrics: orielBlocks, logs: orielLogs, traces: &tracesAPI{push: otlpPush, query: "/jaeger/api"},
		},
		{ // answers are not kept, so that repeated queries are evaluated as by the others
			name: "oriel-fresh", bin: "oriel", ready: "/-/ready", args: orielArgs, flushWait: orielFlush,
			conf: orielConf + "promql: {result_cache: {max_bytes: 0}}\n", metrics: orielBlocks,
		},
		{ // traces through Tempo's API
			name: "oriel-tempo", bin: "oriel", ready: "/-/ready", args: orielArgs, conf: orielConf, flushWait: orielFlush,
			traces: &tracesAPI{push: otlpPush, query: "/tempo/api", dialect: tempoAPI},
		},
		// The same lines by other protocols; what ingest costs is comparable.
		{
			name: "oriel-es", bin: "oriel", ready: "/-/ready", args: orielArgs, flushWait: orielFlush,
			conf: "ingest: {elastic: {stream_fields: [app, cluster, container, logtype, namespace, node, pod]}}\n",
			logs: &logsAPI{push: "/elastic/_bulk", format: "es-lines", query: orielLogs.query},
		},
		{
			name: "oriel-otlp", bin: "oriel", ready: "/-/ready", args: orielArgs, flushWait: orielFlush,
			logs: &logsAPI{push: "/v1/logs", format: "otlp", query: orielLogs.query, selector: `{k8s_cluster_name="prod-eu-1"}`},
		},
		{
			name: "oriel-syslog", bin: "oriel", ready: "/-/ready", args: orielArgs, flushWait: orielFlush,
			conf: "ingest: {syslog: {listeners: [{network: tcp, address: \"127.0.0.1:{port3}\", labels: {cluster: prod-eu-1}}]}}\n",
			logs: &logsAPI{pushPort: 3, format: "syslog", query: orielLogs.query},
		},
		{ // for soaks: it flushes and merges all the time
			name: "oriel-small-parts", bin: "oriel", ready: "/-/ready", flushWait: orielFlush,
			args: orielArgs, conf: "storage: {event: {flush_rows: 10000}}\n",
			metrics: prometheusQueries, logs: orielLogs, traces: &tracesAPI{push: otlpPush, query: "/jaeger/api"},
		},
		{ // for neighbours
			name: "oriel-tenants", bin: "oriel", ready: "/-/ready", flushWait: orielFlush, tenants: "X-Scope-OrgID",
			args: orielArgs, conf: "auth: {tenants: true}\n", metrics: prometheusQueries, logs: orielLogs,
			traces: &tracesAPI{push: otlpPush, query: "/jaeger/api"},
		},
		{ // for years
			name: "oriel-year", bin: "oriel", ready: "/-/ready", flushWait: orielFlush,
			args: orielArgs, conf: yearConf(), metrics: prometheusQueries,
		},
		{
			name: "prometheus", bin: "prometheus", ready: "/-/ready", conf: "global: {}\n",
			args: []string{
				"--config.file={conf}", "--storage.tsdb.path={data}", "--web.listen-address=127.0.0.1:{port0}",
				"--web.enable-remote-write-receiver", "--web.enable-admin-api", "--query.max-samples=500000000",
			},
			metrics: prometheusBlocks,
		},
		{
			name: "victoria-metrics", bin: "victoria-metrics", ready: "/health", flush: victoriaFlush,
			args: append([]string{ // no cache of results: repeated queries are to be evaluated
				"-search.disableCache", "-search.latencyOffset=0s", "-search.maxUniqueTimeseries=2000000",
			}, victoriaArgs...),
			metrics: prometheusQueries,
		},
		{
			name: "victoria-logs", bin: "victoria-logs", ready: "/health", flush: victoriaFlush, args: victoriaArgs,
			logs: &logsAPI{push: "/insert/loki/api/v1/push?_msg_field=msg", format: "loki", query: vlQuery, logsql: true},
		},
		{
			name: "victoria-logs-jsonline", bin: "victoria-logs", ready: "/health", flush: victoriaFlush, args: victoriaArgs,
			logs: &logsAPI{push: "/insert/jsonline?" + vlFields, format: "jsonline", query: vlQuery, logsql: true},
		},
		{
			name: "victoria-logs-es", bin: "victoria-logs", ready: "/health", flush: victoriaFlush, args: victoriaArgs,
			logs: &logsAPI{push: "/insert/elasticsearch/_bulk?" + vlFields, format: "es", query: vlQuery, logsql: true},
		},
		{
			name: "loki", bin: "loki", ready: "/ready", args: []string{"-config.file={conf}"}, conf: lokiConf,
			flush: []string{"POST /flush"}, flushWait: 10 * time.Second,
			logs: &logsAPI{push: lokiPush, format: "loki", query: "/loki/api/v1/query", diskProbe: folderSizes("chunks", "tsdb-shipper-active")},
		},
		{
			name: "victoria-traces", bin: "victoria-traces", ready: "/health", flush: victoriaFlush,
			// In steps of a day, the default, looking up a missing trace walks back to 1970.
			args:   append([]string{"-search.traceSearchStep=87600h"}, victoriaArgs...),
			traces: &tracesAPI{push: "/insert/opentelemetry/v1/traces", query: "/select/jaeger/api"},
		},
		{
			name: "jaeger", bin: "jaeger", ready: "/status", readyPort: 3, args: []string{"--config={conf}"}, conf: jaegerConf,
			traces: &tracesAPI{push: otlpPush, query: "/api/v3", queryPort: 1, dialect: jaegerV3API},
		},
		{
			name: "tempo", bin: "tempo", ready: "/ready", args: []string{"-config.file={conf}"}, conf: tempoConf,
			flushWait: 75 * time.Second,
			traces:    &tracesAPI{push: otlpPush, pushPort: 2, query: "/api", dialect: tempoAPI, diskProbe: folderSizes("blocks")},
		},
	}
}

// findTargets returns the targets of a comma-separated list, in its order.
func findTargets(names string) ([]*target, error) {
	if names == "" {
		return nil, errors.New("-targets: name at least one")
	}
	all := allTargets()
	var found []*target
next:
	for name := range strings.SplitSeq(names, ",") {
		for i := range all {
			if all[i].name == name {
				found = append(found, &all[i])
				continue next
			}
		}
		var known []string
		for _, t := range all {
			known = append(known, t.name)
		}
		return nil, fmt.Errorf("-targets: no target %q; there are %s", name, strings.Join(known, ", "))
	}
	return found, nil
}

func (t *target) env(what string) string {
	return os.Getenv("BENCH_" + what + "_" + strings.ToUpper(strings.ReplaceAll(t.name, "-", "_")))
}

func (t *target) arguments() []string {
	return append(t.args[:len(t.args):len(t.args)], strings.Fields(t.env("ARGS"))...)
}

// binary returns the path of the target's program, which exists.
func (t *target) binary(dir string) (string, error) {
	path := t.env("BIN")
	if path == "" {
		path = filepath.Join(dir, t.bin)
	}
	path, err := filepath.Abs(path)
	if err == nil {
		_, err = os.Stat(path)
	}
	return path, err
}

// snapshotIn has the head written out as a block below dir, measures that and
// removes it again.
func snapshotIn(dir string) diskProbe {
	return func(s *server) (int64, error) {
		resp, err := http.Post(s.base+"/api/v1/admin/tsdb/snapshot", "", nil)
		if err != nil {
			return 0, err
		}
		defer resp.Body.Close()
		var a struct{ Data struct{ Name string } }
		if err := json.NewDecoder(resp.Body).Decode(&a); err != nil || a.Data.Name == "" {
			return 0, fmt.Errorf("snapshot: %s %w", resp.Status, err)
		}
		path := filepath.Join(s.data(), dir)
		n := diskBytes(path)
		return n, os.RemoveAll(path)
	}
}

// folderSizes measures folders of the data folder.
func folderSizes(names ...string) diskProbe {
	return func(s *server) (n int64, err error) {
		for _, name := range names {
			n += diskBytes(filepath.Join(s.data(), name))
		}
		return n, nil
	}
}
