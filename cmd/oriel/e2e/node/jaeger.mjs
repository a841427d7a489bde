// A program that reports spans by Jaeger's library, over HTTP or UDP, as
// JAEGER_ENDPOINT or JAEGER_AGENT_PORT says, after asking how to sample. It
// prints the trace id.
import jaeger from "jaeger-client";

const { JAEGER_ENDPOINT, JAEGER_AGENT_PORT, SAMPLING, SERVICE } = process.env;
const reporter = JAEGER_ENDPOINT
  ? { collectorEndpoint: JAEGER_ENDPOINT }
  : { agentHost: "127.0.0.1", agentPort: Number(JAEGER_AGENT_PORT) };
const logged = [];
const logger = { info: () => {}, error: (msg) => logged.push(msg) };
const sampler = SAMPLING
  ? { type: "remote", param: 0, hostPort: SAMPLING, refreshIntervalMs: 100 }
  : { type: "const", param: 1 };
const tracer = jaeger.initTracer({ serviceName: SERVICE, sampler, reporter }, { logger, tags: { "e2e.tag": "x" }, traceId128bit: true });

// Without an answer the sampler, whose own probability is 0, keeps nothing.
let parent;
for (let i = 0; i < 100; i++) {
  parent = tracer.startSpan("place order");
  if (parent.context().isSampled()) break;
  await new Promise((resolve) => setTimeout(resolve, 50));
}
parent.setTag("span.kind", "server").setTag("http.status_code", 500).setTag("error", true);
parent.log({ event: "retry", attempt: 2 });
for (let i = 0; i < 5; i++) {
  const step = tracer.startSpan(`step ${i}`, { childOf: parent });
  step.setTag("step", i);
  step.finish();
}
parent.finish();
await new Promise((resolve) => tracer.close(resolve));
if (logged.length > 0) throw new Error(logged.join("; "));
console.log(parent.context().traceIdStr);
process.exit(0);
