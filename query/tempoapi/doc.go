// Package tempoapi serves Tempo's HTTP API, version 3 with what clients of
// version 2 expect: traces by id, search, tags, and TraceQL metrics.
// https://grafana.com/docs/tempo/latest/api_docs/
//
// Errors are plain text. JSON follows protobuf's rules for Tempo's messages:
// 64-bit integers are strings, zero values are left out; ids are base64 in
// traces and hex in search answers. Streaming over gRPC is left out. What a
// search takes beyond Tempo's parameters is in docs/tracesearch.md.
package tempoapi
