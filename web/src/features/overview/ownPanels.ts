import type { ChartPanel } from "../../components/QueryPanel";

/** Panels under one heading. */
export interface PanelGroup {
  title: string;
  panels: readonly ChartPanel[];
}

const own = 'job="oriel"';

/** The built-in dashboard: Oriel by its own metrics, which it keeps in its own store. */
export const ownPanels: readonly PanelGroup[] = [
  {
    title: "Ingest",
    panels: [
      { title: "Rows by protocol", query: "sum by (protocol, signal) (rate(oriel_ingest_rows_total[$__rate_interval]))", unit: "rows/s", kind: "stacked" },
      { title: "Bytes by protocol", query: "sum by (protocol, signal) (rate(oriel_ingest_bytes_total[$__rate_interval]))", unit: "binBps", kind: "stacked" },
      {
        title: "Refused by reason",
        query: "sum by (protocol, signal, reason) (rate(oriel_ingest_rejected_total[$__rate_interval]))",
        unit: "rows/s",
        kind: "stackedBars",
        absent: "Nothing has been refused.",
      },
    ],
  },
  {
    title: "Requests",
    panels: [
      { title: "Requests by route", query: `sum by (route) (rate(oriel_http_request_duration_seconds_count{${own}}[$__rate_interval])) > 0`, unit: "reqps", kind: "stacked" },
      {
        title: "Query latency, p95 by route",
        query: `histogram_quantile(0.95, sum by (route, le) (rate(oriel_http_request_duration_seconds_bucket{${own}, route=~".*(query|search|traces|labels|values|series).*"}[$__rate_interval]))) >= 0`,
        unit: "s",
        absent: "No query has been asked.",
      },
      {
        title: "Failed requests",
        query: `sum by (route, code) (rate(oriel_http_request_duration_seconds_count{${own}, code=~"[45].."}[$__rate_interval])) > 0`,
        unit: "reqps",
        kind: "stackedBars",
        absent: "Every request was answered.",
      },
    ],
  },
  {
    title: "Process",
    panels: [
      {
        title: "Memory",
        query: `{__name__=~"process_resident_memory_bytes|go_memstats_heap_inuse_bytes", ${own}}`,
        unit: "bytes",
      },
      { title: "CPU", query: `sum(rate(process_cpu_seconds_total{${own}}[$__rate_interval]))`, unit: "cores", kind: "area" },
      { title: "Goroutines", query: `sum(go_goroutines{${own}})`, unit: "short" },
    ],
  },
  {
    title: "Stores",
    panels: [
      { title: "Active series", query: `sum(prometheus_tsdb_head_series{${own}})`, unit: "short" },
      {
        title: "Rows written to the event store",
        query: `sum by (signal) (rate(oriel_event_appended_rows_total{${own}}[$__rate_interval]))`,
        unit: "rows/s",
        kind: "stacked",
      },
      {
        title: "Log sync, p99",
        query: `histogram_quantile(0.99, sum by (signal, le) (rate(oriel_event_wal_sync_duration_seconds_bucket{${own}}[$__rate_interval]))) >= 0`,
        unit: "s",
      },
      { title: "Bytes decoded by scans", query: `sum by (signal) (rate(oriel_event_scanned_bytes_total{${own}}[$__rate_interval]))`, unit: "binBps", kind: "stacked" },
      { title: "Size of the metric blocks", query: `sum(prometheus_tsdb_storage_blocks_bytes{${own}})`, unit: "bytes" },
      { title: "Failed writes", query: `sum by (signal) (rate(oriel_event_write_errors_total{${own}}[$__rate_interval]))`, unit: "short", kind: "bars" },
    ],
  },
];
