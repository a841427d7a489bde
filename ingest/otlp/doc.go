// Package otlp receives logs, metrics and traces over the OpenTelemetry
// protocol, by gRPC and by HTTP, in protobuf and in JSON. A Receiver is safe
// for concurrent use.
//
// https://opentelemetry.io/docs/specs/otlp/
//
// Every request is decoded once, by the collector's pdata, but for log records
// as senders usually write them, which logwire.go reads. Logs and spans become a
// model.Batch; metrics become the samples that Prometheus makes of them. What cannot be taken is counted in the ingest.Account and told
// to the sender as a partial success; the rest of the request is kept. Errors
// that a retry can cure are 503 and UNAVAILABLE, never 500, which OTLP senders
// take as "drop the data".
//
// Not offered: the profiles signal (404, UNIMPLEMENTED).
package otlp
