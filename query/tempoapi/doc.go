// Package tempoapi serves Tempo's API, version 3 with what clients of
// version 2 expect: traces by id, search, tags, and TraceQL metrics.
// https://grafana.com/docs/tempo/latest/api_docs/
//
// Errors are plain text. JSON follows protobuf's rules for Tempo's messages:
// 64-bit integers are strings, zero values are left out; ids are base64 in
// traces and hex in search answers. What a search takes beyond Tempo's parameters
// is in docs/tracesearch.md.
//
// The streaming service of gRPC answers what HTTP does. A search shows traces
// as it finds them; other answers are one message.
package tempoapi
