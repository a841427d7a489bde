// Package servicegraph finds out which service calls which from the spans that
// come in, and counts the calls under the names that Tempo's metrics generator
// uses.
//
//	traces_service_graph_request_total                        calls
//	traces_service_graph_request_failed_total                 those with status error on either side
//	traces_service_graph_request_server_seconds               durations as the called side saw them
//	traces_service_graph_request_client_seconds               durations as the calling side saw them
//	traces_service_graph_request_messaging_system_seconds     from the end of producing to the start of consuming
//
// Labels are client, server, connection_type and what Config.Dimensions adds,
// with client_ or server_ before its name.
// https://grafana.com/docs/tempo/latest/metrics-from-traces/service_graphs/
//
// An edge is made of two spans, whichever comes first:
//
//   - a client span and the server span that has it as parent; connection_type
//     is then absent;
//   - a producer span and each consumer span that links to it (by its first
//     link) or has it as parent: "messaging_system".
//
// or of one:
//
//   - a client span with one of Config.DatabaseAttributes: "database", with
//     the value of the first such attribute as server, whose duration is the
//     client's;
//   - a server span without parent: "virtual_node", with "user" as client;
//   - a client or producer span that waited for Config.Wait in vain, with one
//     of Config.PeerAttributes: "virtual_node", with its value as server,
//     whose duration is the client's.
//
// Other spans that wait in vain make no edge and are counted as unpaired.
//
// Spans count once they are stored or sampling has decided on them, and an
// edge counts when its second span does. Graph is safe for concurrent use.
package servicegraph
