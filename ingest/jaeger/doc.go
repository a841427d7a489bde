// Package jaeger takes spans as Jaeger's collector and agent do: thrift over
// HTTP, protobuf over gRPC, and thrift in UDP packets, compact or binary. It
// tells clients that ask to sample everything.
//
// https://www.jaegertracing.io/docs/latest/architecture/apis/. Spans become
// OpenTelemetry's by the translator of its collector. Spans that the limits
// refuse are counted; the rest of their batch is stored, and the answer is as
// if all were, since clients would neither correct nor resend them.
package jaeger
