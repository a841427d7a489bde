// Package sampling keeps a share of the spans that come in. A Sampler decides
// on each span when it comes, and what is kept is stored before the sender is
// told that it was taken. A Room in front of it has spans wait for the rest of
// their trace, in a journal on disk, so that the Sampler sees whole traces.
// Either way a kill loses none that was acknowledged.
//
// A span is kept for the first of these reasons that holds:
//
//   - rule: it is an error, slower than Config.SlowerThan, or has one of
//     Config.Attributes;
//   - head: the randomness of its trace, the last 56 bits of the trace id or
//     what tracestate has as rv, is not below a threshold. All spans of a trace
//     are decided alike, here and in every other sampler that follows
//     OpenTelemetry, as long as the threshold is the same: with
//     Config.MaxSpansPerSecond it rises for services that send more, so that
//     of some traces the busiest services' spans are missing;
//   - trace: a span of the same request, or one that came lately, was kept by
//     rule. Without a Room, what came in earlier requests than the first such
//     span is gone: a trace that is kept for an error is whole only if it comes
//     in one request or the error comes first.
//
// Kept spans say how many they stand for in the attribute sampling.weight, so
// that `{…} | sum_over_time(span.sampling.weight)` estimates the count of all,
// without bias: 1 for those kept by rule, the inverse of the share for those
// kept by head, and 0 for those kept for company only, because the others of
// their kind that were kept by head stand for them; behind a Room, company is as
// sure to be kept, and stands for itself. A share that earlier
// samplers have noted in tracestate (`ot=th:…`) is reckoned in, and the new
// one is noted there.
// https://opentelemetry.io/docs/specs/otel/trace/tracestate-probability-sampling/
package sampling
