/** Where a sender sends to. */
export interface Target {
  /** Of the page, with its prefix and without a slash at the end: "https://o.example/oriel". */
  origin: string;
  /** Of a token that may write; "" where the server asks for none. */
  token: string;
  /** "" is the default one. */
  tenant: string;
}

/** How to make one kind of sender send to Oriel. */
export interface Shipper {
  id: string;
  title: string;
  /** In muted letters below the title. */
  note: string;
  /** What the snippet is part of: a file, or "shell". */
  file: string;
  /** Where that goes, in a sentence. */
  where: string;
  /** Protocols, as the server's account calls them, that its data comes by. */
  protocols: readonly string[];
  snippet: (target: Target) => string;
}

const otlp = ["otlp_http", "otlp_grpc"] as const;

/** `lines` indented by `by` spaces, without those that are empty. */
function block(by: number, lines: readonly (string | false)[]): string {
  return lines
    .filter((line) => line !== false)
    .map((line) => " ".repeat(by) + line)
    .join("\n");
}

/** Headers in YAML, below a key such as `headers:`; "" where none are needed. */
function yamlHeaders(by: number, { token, tenant }: Target, key = "headers:"): string {
  if (token === "" && tenant === "") return "";
  return `\n${block(by, [key, token !== "" && `  Authorization: Bearer ${token}`, tenant !== "" && `  X-Scope-OrgID: ${tenant}`])}`;
}

function parts(origin: string): { host: string; port: string; path: string; tls: boolean } {
  const url = new URL(origin);
  const tls = url.protocol === "https:";
  return { host: url.hostname, port: url.port || (tls ? "443" : "80"), path: url.pathname.replace(/\/$/, ""), tls };
}

/** Whether only this machine knows a server by that address. */
function isLocal(origin: string): boolean {
  return /^(localhost|127\.|\[?::1)/.test(parts(origin).host);
}

/** `-H` options of curl. */
function curlHeaders({ token, tenant }: Target): string {
  return `${token === "" ? "" : ` -H 'Authorization: Bearer ${token}'`}${tenant === "" ? "" : ` -H 'X-Scope-OrgID: ${tenant}'`}`;
}

function curl(target: Target): string {
  const head = `curl -fsS${curlHeaders(target)} -H 'Content-Type: application/json'`;
  const resource = '"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"hello"}}]}';
  return `now=$(date +%s)000000000

# A metric.
${head} ${target.origin}/otlp/v1/metrics -d '{"resourceMetrics":[{${resource},"scopeMetrics":[{"metrics":[{"name":"hello_temperature","gauge":{"dataPoints":[{"asDouble":21.5,"timeUnixNano":"'$now'"}]}}]}]}]}'

# A log line.
${head} ${target.origin}/otlp/v1/logs -d '{"resourceLogs":[{${resource},"scopeLogs":[{"logRecords":[{"timeUnixNano":"'$now'","severityText":"INFO","body":{"stringValue":"hello, Oriel"}}]}]}]}'

# A span.
${head} ${target.origin}/otlp/v1/traces -d '{"resourceSpans":[{${resource},"scopeSpans":[{"spans":[{"traceId":"'$(od -An -N16 -tx1 /dev/urandom | tr -d ' \\n')'","spanId":"'$(od -An -N8 -tx1 /dev/urandom | tr -d ' \\n')'","name":"say hello","kind":2,"startTimeUnixNano":"'$now'","endTimeUnixNano":"'$((now + 120000000))'"}]}]}]}'

# Each answers with status 200 and a small JSON object.`;
}

/** Of the token of a sender that is set up now, in letters that names of tokens may have. */
export function senderName(now: Date): string {
  return `sender ${now.toISOString().slice(0, 16).replace("T", " ").replace(":", ".")}`;
}

/** The senders, those that most people have first. */
export const shippers: readonly Shipper[] = [
  {
    id: "curl",
    title: "curl",
    note: "A metric, a line and a span, now",
    file: "shell",
    where: "Paste it into a shell of any machine that reaches this server.",
    protocols: ["otlp_http"],
    snippet: curl,
  },
  {
    id: "otel-sdk",
    title: "OpenTelemetry SDK",
    note: "Go, Java, Python, Node.js, .NET",
    file: "environment of your program",
    where: "The same variables work for every language whose SDK or agent speaks OTLP over HTTP.",
    protocols: otlp,
    snippet: ({ origin, token, tenant }) => {
      const headers = [token !== "" && `Authorization=Bearer%20${token}`, tenant !== "" && `X-Scope-OrgID=${tenant}`].filter(Boolean).join(",");
      return block(0, [
        "export OTEL_SERVICE_NAME=my-service",
        `export OTEL_EXPORTER_OTLP_ENDPOINT=${origin}/otlp`,
        "export OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf",
        headers !== "" && `export OTEL_EXPORTER_OTLP_HEADERS=${headers}`,
        "export OTEL_METRICS_EXPORTER=otlp OTEL_LOGS_EXPORTER=otlp OTEL_TRACES_EXPORTER=otlp",
      ]);
    },
  },
  {
    id: "otel-collector",
    title: "OpenTelemetry Collector",
    note: "All signals, files, hosts",
    file: "otelcol.yaml",
    where: "Merge it into the Collector's configuration and restart the Collector.",
    protocols: otlp,
    snippet: (target) => `receivers:
  otlp:
    protocols:
      grpc: {endpoint: 0.0.0.0:4317}
      http: {endpoint: 0.0.0.0:4318}
  hostmetrics:
    scrapers: {cpu: {}, memory: {}, disk: {}, filesystem: {}, network: {}, load: {}}
  filelog:
    include: [/var/log/*.log]
exporters:
  otlphttp:
    endpoint: ${target.origin}/otlp${yamlHeaders(4, target)}
    compression: zstd
    sending_queue: {queue_size: 5000}
    retry_on_failure: {max_elapsed_time: 0s}
service:
  pipelines:
    metrics: {receivers: [otlp, hostmetrics], exporters: [otlphttp]}
    logs: {receivers: [otlp, filelog], exporters: [otlphttp]}
    traces: {receivers: [otlp], exporters: [otlphttp]}`,
  },
  {
    id: "prometheus",
    title: "Prometheus",
    note: "remote_write",
    file: "prometheus.yml",
    where: "Add it at the top level and reload Prometheus. It keeps its own data too.",
    protocols: ["remote-write"],
    snippet: ({ origin, token, tenant }) =>
      block(0, [
        "remote_write:",
        `  - url: ${origin}/api/v1/write`,
        token !== "" && `    authorization: {credentials: ${token}}`,
        tenant !== "" && `    headers: {X-Scope-OrgID: ${tenant}}`,
        "    send_exemplars: true",
        "    send_native_histograms: true",
      ]),
  },
  {
    id: "scrape",
    title: "Let Oriel scrape",
    note: "Prometheus' scrape_configs, as they are",
    file: "oriel.yaml",
    where: "Add it to Oriel's configuration file, then `kill -HUP` the server. Targets and their errors are under Data.",
    protocols: ["scrape"],
    snippet: () => `scrape_configs:
  - job_name: node
    scrape_interval: 15s
    static_configs:
      - targets: ["node1:9100", "node2:9100"]`,
  },
  {
    id: "alloy",
    title: "Grafana Alloy",
    note: "Metrics, logs and traces",
    file: "config.alloy",
    where: "Point your scrapes, sources and receivers at these blocks, then reload Alloy.",
    protocols: ["remote-write", "loki", ...otlp],
    snippet: ({ origin, token, tenant }) => {
      const own = (by: number): string => {
        const lines = [token !== "" && `bearer_token = "${token}"`, tenant !== "" && `headers = {"X-Scope-OrgID" = "${tenant}"}`];
        return lines.some(Boolean) ? `\n${block(by, lines)}` : "";
      };
      const pairs = [token !== "" && `"Authorization" = "Bearer ${token}"`, tenant !== "" && `"X-Scope-OrgID" = "${tenant}"`].filter(Boolean).join(", ");
      return `prometheus.remote_write "oriel" {
  endpoint {
    url = "${origin}/api/v1/write"${own(4)}
  }
}

loki.write "oriel" {
  endpoint {
    url = "${origin}/loki/api/v1/push"${own(4)}
  }
}

otelcol.exporter.otlphttp "oriel" {
  client {
    endpoint = "${origin}/otlp"${pairs === "" ? "" : `\n    headers  = {${pairs}}`}
  }
}`;
    },
  },
  {
    id: "fluent-bit",
    title: "Fluent Bit",
    note: "Logs",
    file: "fluent-bit.conf",
    where: "Add the output; Match says which of your inputs go there.",
    protocols: ["loki"],
    snippet: ({ origin, token, tenant }) => {
      const { host, port, path, tls } = parts(origin);
      return block(0, [
        "[OUTPUT]",
        "    Name        loki",
        "    Match       *",
        `    Host        ${host}`,
        `    Port        ${port}`,
        `    Uri         ${path}/loki/api/v1/push`,
        tls && "    Tls         on",
        "    Labels      service_name=my-service, host=${HOSTNAME}",
        "    Line_Format json",
        token !== "" && `    Bearer_Token ${token}`,
        tenant !== "" && `    Tenant_Id   ${tenant}`,
      ]);
    },
  },
  {
    id: "vector",
    title: "Vector",
    note: "Logs and metrics",
    file: "vector.yaml",
    where: "Put the names of your sources where it says inputs.",
    protocols: ["loki", "remote-write"],
    snippet: ({ origin, token, tenant }) => {
      const own = [token !== "" && `    auth: {strategy: bearer, token: ${token}}`, tenant !== "" && `    tenant_id: ${tenant}`].filter(Boolean);
      const extra = own.length === 0 ? "" : `\n${own.join("\n")}`;
      return `sinks:
  oriel_logs:
    type: loki
    inputs: [my_logs]
    endpoint: ${origin}
    encoding: {codec: json}
    labels: {service_name: "{{ service }}"}${extra}
  oriel_metrics:
    type: prometheus_remote_write
    inputs: [my_metrics]
    endpoint: ${origin}/api/v1/write${extra}`;
    },
  },
  {
    id: "promtail",
    title: "Promtail",
    note: "End of life: Alloy reads its configuration",
    file: "promtail.yaml",
    where: "Replace its clients. Promtail gets no more fixes: `alloy convert --source-format=promtail` makes a configuration for Alloy.",
    protocols: ["loki"],
    snippet: ({ origin, token, tenant }) => block(0, ["clients:", `  - url: ${origin}/loki/api/v1/push`, token !== "" && `    bearer_token: ${token}`, tenant !== "" && `    tenant_id: ${tenant}`]),
  },
  {
    id: "telegraf",
    title: "Telegraf",
    note: "Metrics",
    file: "telegraf.conf",
    where: "Add the output beside those you have.",
    protocols: ["remote-write", "influx"],
    snippet: ({ origin, token, tenant }) =>
      block(0, [
        "[[outputs.http]]",
        `  url = "${origin}/api/v1/write"`,
        '  data_format = "prometheusremotewrite"',
        "  [outputs.http.headers]",
        '    Content-Type = "application/x-protobuf"',
        '    Content-Encoding = "snappy"',
        '    X-Prometheus-Remote-Write-Version = "0.1.0"',
        token !== "" && `    Authorization = "Bearer ${token}"`,
        tenant !== "" && `    X-Scope-OrgID = "${tenant}"`,
      ]),
  },
  {
    id: "kubernetes",
    title: "Kubernetes",
    note: "Collector's Helm chart",
    file: "values.yaml",
    where: "helm upgrade --install otel open-telemetry/opentelemetry-collector -f values.yaml",
    protocols: otlp,
    snippet: (target) => `${isLocal(target.origin) ? "# Pods reach this server by another address than this one: put it behind endpoint.\n" : ""}mode: daemonset
image: {repository: otel/opentelemetry-collector-k8s}
presets:
  logsCollection: {enabled: true}
  hostMetrics: {enabled: true}
  kubeletMetrics: {enabled: true}
  kubernetesAttributes: {enabled: true}
config:
  exporters:
    otlphttp:
      endpoint: ${target.origin}/otlp${yamlHeaders(6, target)}
  service:
    pipelines:
      metrics: {exporters: [otlphttp]}
      logs: {exporters: [otlphttp]}
      traces: {exporters: [otlphttp]}`,
  },
  {
    id: "docker",
    title: "Docker Compose",
    note: "A container's environment",
    file: "compose.yaml",
    where: "Add it to the services that have an OpenTelemetry SDK or agent. From a container, this machine is host.docker.internal.",
    protocols: otlp,
    snippet: ({ origin, token, tenant }) => {
      const { port, path, tls } = parts(origin);
      const local = isLocal(origin);
      const headers = [token !== "" && `Authorization=Bearer%20${token}`, tenant !== "" && `X-Scope-OrgID=${tenant}`].filter(Boolean).join(",");
      return block(0, [
        "services:",
        "  my-service:",
        "    environment:",
        "      OTEL_SERVICE_NAME: my-service",
        `      OTEL_EXPORTER_OTLP_ENDPOINT: ${local ? `http${tls ? "s" : ""}://host.docker.internal:${port}${path}` : origin}/otlp`,
        "      OTEL_EXPORTER_OTLP_PROTOCOL: http/protobuf",
        headers !== "" && `      OTEL_EXPORTER_OTLP_HEADERS: ${headers}`,
        local && "    extra_hosts: [host.docker.internal:host-gateway]",
      ]);
    },
  },
  {
    id: "syslog",
    title: "syslog",
    note: "rsyslog, once the port is open",
    file: "/etc/rsyslog.d/oriel.conf",
    where: "Oriel listens when it is started with --syslog-listen, here on port 5514. Then restart rsyslog.",
    protocols: ["syslog"],
    snippet: ({ origin }) => `*.* action(type="omfwd" target="${parts(origin).host}" port="5514" protocol="tcp"
  template="RSYSLOG_SyslogProtocol23Format" TCP_Framing="octet-counted"
  queue.type="LinkedList" action.resumeRetryCount="-1")`,
  },
  {
    id: "elastic",
    title: "Filebeat, Logstash",
    note: "Elasticsearch's bulk API",
    file: "filebeat.yml",
    where: "Replace the output; Kibana's set-up stays off.",
    protocols: ["elastic"],
    snippet: ({ origin, token, tenant }) =>
      block(0, [
        "output.elasticsearch:",
        `  hosts: ["${origin}/elastic"]`,
        (token !== "" || tenant !== "") && `  headers: {${[token !== "" && `Authorization: Bearer ${token}`, tenant !== "" && `X-Scope-OrgID: ${tenant}`].filter(Boolean).join(", ")}}`,
        "setup.ilm.enabled: false",
        "setup.template.enabled: false",
      ]),
  },
  {
    id: "grafana",
    title: "Grafana",
    note: "Reads from Oriel",
    file: "provisioning/datasources/oriel.yaml",
    where: "Into Grafana's provisioning folder. Dashboards that name these types work as they are.",
    protocols: [],
    snippet: ({ origin, token, tenant }) => {
      const names = [token !== "" && "Authorization", tenant !== "" && "X-Scope-OrgID"].filter((name) => name !== false);
      const values = [token !== "" && `Bearer ${token}`, tenant !== "" && tenant].filter((value) => value !== false);
      const secure =
        names.length === 0
          ? ""
          : `\n    jsonData: {${names.map((name, index) => `httpHeaderName${index + 1}: ${name}`).join(", ")}}\n    secureJsonData: {${values.map((value, index) => `httpHeaderValue${index + 1}: ${value}`).join(", ")}}`;
      const source = (name: string, type: string, url: string): string => `  - name: Oriel ${name}\n    type: ${type}\n    access: proxy\n    url: ${url}${type === "alertmanager" && secure === "" ? "\n    jsonData: {implementation: prometheus}" : secure}`;
      return `apiVersion: 1\ndatasources:\n${[source("metrics", "prometheus", origin), source("logs", "loki", origin), source("traces", "tempo", `${origin}/tempo`), source("alerts", "alertmanager", `${origin}/alertmanager`)].join("\n")}`;
    },
  },
  {
    id: "demo",
    title: "Demo data",
    note: "A small shop with an incident every five minutes",
    file: "shell",
    where: "Starts another server with its own data; stop this one first, or give it other ports.",
    protocols: otlp,
    snippet: () => "oriel demo --data-dir data/demo",
  },
];
