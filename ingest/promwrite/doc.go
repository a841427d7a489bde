// Package promwrite receives Prometheus remote write, versions 1.0 and 2.0 [1],
// and appends the samples to a Prometheus storage. It answers as Prometheus'
// own receiver does; what differs is the work: a request is decoded into
// memory that the next one uses again, and a series seen before is found by
// the label bytes of the request, so that its labels are never built.
//
// A request goes through four files: handler.go reads and answers it,
// decode_v1.go or decode_v2.go turns bytes into a request value, resolve.go
// finds the series, append.go writes the samples.
//
// Start timestamps are handed to the storage with their samples; no zero
// sample is made of them.
//
// [1]: https://prometheus.io/docs/specs/prw/remote_write_spec_2_0/
package promwrite
