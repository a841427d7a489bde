// Package datadog takes logs, metrics and traces as Datadog's intake and agent
// do, from its agent, its libraries, and shippers that speak its protocol.
//
// Specification: Datadog's API reference, "Logs: Send logs" (v2, and v1/input
// before it). Keys are not checked here. Of a request, the records that can be
// taken are; the answer names the first that could not.
//
// Metrics are series of both APIs, in JSON and, of the second, the agent's
// protobuf ("Metrics: Submit metrics"; agent_payload.proto of Datadog's
// agent-payload), sketches, and service checks, which become the gauge
// datadog_service_check_status. Dots in names become underscores; host, device,
// other resources and tags are labels. Gauges and rates are gauges. Counts
// and distributions are sent by interval, and are added up here to counters and
// native histograms, so that rate, increase and histogram_quantile apply.
// Points that cannot be taken are told of in an answer of status 202, since
// sending them again cannot help. The paths below /datadog are for the agent's
// dd_url; at the root /api/v1/series is Prometheus'.
package datadog
