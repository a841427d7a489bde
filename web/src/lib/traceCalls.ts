import type { TraceTree } from "./traceTree";

/** A service within one trace. Times are nanoseconds. */
export interface ServicePart {
  name: string;
  spans: number;
  errors: number;
  /** Time in which none of its spans waited for another. */
  self: number;
}

/** Calls from a service to another within one trace. */
export interface ServiceCalls {
  from: string;
  to: string;
  count: number;
  errors: number;
  /** Sum of the durations of the called spans, nanoseconds. */
  total: number;
}

/** Which services a trace went through, and who of them called whom. */
export function traceCalls(tree: TraceTree): { parts: ServicePart[]; calls: ServiceCalls[] } {
  const parts = new Map<string, ServicePart>();
  const calls = new Map<string, ServiceCalls>();
  for (const { span, parent, self, duration } of tree.nodes) {
    const failed = span.status === "error" ? 1 : 0;
    const part = parts.get(span.service) ?? { name: span.service, spans: 0, errors: 0, self: 0 };
    parts.set(span.service, part);
    part.spans++;
    part.errors += failed;
    part.self += self;
    if (!parent || parent.span.service === span.service) continue;
    const key = `${parent.span.service}\u0000${span.service}`;
    const call = calls.get(key) ?? { from: parent.span.service, to: span.service, count: 0, errors: 0, total: 0 };
    calls.set(key, call);
    call.count++;
    call.errors += failed;
    call.total += duration;
  }
  return { parts: [...parts.values()], calls: [...calls.values()] };
}
