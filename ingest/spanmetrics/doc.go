// Package spanmetrics counts spans as they come in: requests, errors and
// durations by service and operation, under the names that Tempo's metrics
// generator uses, so that dashboards made for it work.
//
//	traces_spanmetrics_calls_total    spans
//	traces_spanmetrics_latency        their durations in seconds, as a native histogram and as _bucket, _sum and _count
//	traces_spanmetrics_size_total     about what they take as OTLP protobuf, in bytes
//	traces_target_info                1 for each resource, with its attributes; off by default
//
// Labels are service, span_name, span_kind (SPAN_KIND_SERVER), status_code
// (STATUS_CODE_UNSET) and what Config.Dimensions adds.
// https://grafana.com/docs/tempo/latest/metrics-from-traces/span-metrics/
//
// A span counts once it is stored or sampling has decided on it, in the
// interval in which that happens, however long ago it ended (up to
// Config.MaxDelay); a span that is sent twice counts twice, as it does for
// TraceQL. Names are taken as they are: `GET /user/123` is for the sender to
// call `GET /user/{id}`. Where it does not, the label sets end at
// Config.MaxLabelSets, and spans of further names are counted by service under
// the name __overflow__.
//
// Metrics is safe for concurrent use. Counting allocates nothing for label
// sets that are known.
package spanmetrics
