package main

// Limits on rates, sizes and ages are raised out of the way; what else differs
// from Loki's defaults is for a single instance on local disk. Without
// storage_config.object_store Loki writes chunks to its working directory:
// common.storage does not say where any more.
const lokiConf = `
auth_enabled: false
analytics: {reporting_enabled: false}
server:
  http_listen_address: 127.0.0.1
  http_listen_port: {port0}
  grpc_listen_address: 127.0.0.1
  grpc_listen_port: {port1}
  log_level: warn
  grpc_server_max_recv_msg_size: 104857600
  grpc_server_max_send_msg_size: 104857600
common:
  instance_addr: 127.0.0.1
  path_prefix: {data}
  storage:
    filesystem: {chunks_directory: "{data}/chunks", rules_directory: "{data}/rules"}
  replication_factor: 1
  ring: {instance_addr: 127.0.0.1, kvstore: {store: inmemory}}
schema_config:
  configs:
  - {from: 2020-10-24, store: tsdb, object_store: filesystem, schema: v13, index: {prefix: index_, period: 24h}}
limits_config:
  ingestion_rate_mb: 4096
  ingestion_burst_size_mb: 4096
  per_stream_rate_limit: 4GB
  per_stream_rate_limit_burst: 4GB
  reject_old_samples: false
  max_query_series: 100000
  query_timeout: 5m
storage_config:
  object_store:
    filesystem: {dir: "{data}/chunks"}
memberlist: {bind_addr: [127.0.0.1], bind_port: {port2}}
`

// As the badger example in Jaeger's repository, without its batch processor,
// which would acknowledge spans before they are written.
const jaegerConf = `
service:
  extensions: [jaeger_storage, jaeger_query, healthcheckv2]
  pipelines:
    traces: {receivers: [otlp], exporters: [jaeger_storage_exporter]}
  telemetry:
    metrics: {level: none}
    logs: {level: warn}
extensions:
  healthcheckv2:
    use_v2: true
    http: {endpoint: "127.0.0.1:{port3}"}
  jaeger_query:
    storage: {traces: badger}
    http: {endpoint: "127.0.0.1:{port1}"}
    grpc: {endpoint: "127.0.0.1:{port2}"}
  jaeger_storage:
    backends:
      badger:
        badger:
          directories: {keys: "{data}/keys", values: "{data}/values"}
          ephemeral: false
          ttl: {spans: 720h}
receivers:
  otlp:
    protocols:
      http: {endpoint: "127.0.0.1:{port0}"}
exporters:
  jaeger_storage_exporter: {trace_storage: badger}
`

// Limits are raised out of the way. query_backend_after makes searches read
// the written blocks, whatever the age of the spans.
const tempoConf = `
server:
  http_listen_address: 127.0.0.1
  http_listen_port: {port0}
  grpc_listen_address: 127.0.0.1
  grpc_listen_port: {port1}
  log_level: warn
distributor:
  receivers:
    otlp:
      protocols:
        http: {endpoint: "127.0.0.1:{port2}"}
live_store:
  wal: {path: "{data}/live/traces"}
  shutdown_marker_dir: "{data}/live/shutdown"
  max_live_traces_bytes: 4000000000
query_frontend:
  search: {query_backend_after: 31s}
memberlist: {bind_addr: [127.0.0.1], bind_port: {port3}}
metrics_generator:
  storage: {path: "{data}/generator"}
backend_scheduler: {local_work_path: "{data}/scheduler"}
storage:
  trace:
    backend: local
    wal: {path: "{data}/wal"}
    local: {path: "{data}/blocks"}
    blocklist_poll: 10s
overrides:
  defaults:
    ingestion: {rate_limit_bytes: 4000000000, burst_size_bytes: 4000000000, max_traces_per_user: 0}
usage_report: {reporting_enabled: false}
`
