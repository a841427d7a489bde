// Package zipkin takes spans as a Zipkin server does: version 2 in JSON and
// protobuf, version 1 in JSON and thrift.
//
// Specification: https://zipkin.io/zipkin-api/. A span that cannot be read is
// refused alone: the rest of its request is stored, and the answer is 400 with
// the first reason. Spans become OpenTelemetry's by the translators of its
// collector, each by itself, so that a tag of one span's resource is never
// taken for another's.
//
// Parts of a span that come in one request are united. Of parts in several
// requests, readers see the one that begins first. Zipkin's own read API is not
// offered: the traces are asked for in TraceQL, or from the Jaeger API.
package zipkin
