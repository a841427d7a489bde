// A program that knows nothing of Oriel: the OpenTelemetry SDK with its
// defaults, no endpoint configured. Prints the id of its trace.
import { metrics, SpanStatusCode, trace } from "@opentelemetry/api";
import { logs, SeverityNumber } from "@opentelemetry/api-logs";
import { NodeSDK } from "@opentelemetry/sdk-node";

const sdk = new NodeSDK({ serviceName: "e2e-node" });
sdk.start();

const tracer = trace.getTracer("e2e");
const orders = metrics.getMeter("e2e").createCounter("e2e.orders", { description: "Orders placed." });
const logger = logs.getLogger("e2e");

tracer.startActiveSpan("place order", (root) => {
  for (let i = 0; i < 5; i++) {
    tracer.startActiveSpan(`step ${i}`, (span) => {
      span.setAttribute("step", i);
      logger.emit({ severityNumber: SeverityNumber.INFO, severityText: "INFO", body: `step ${i} done`, attributes: { step: i } });
      span.end();
    });
  }
  orders.add(3, { kind: "book" });
  root.setStatus({ code: SpanStatusCode.ERROR, message: "out of stock" });
  root.end();
  console.log(root.spanContext().traceId);
});

const paid = logs.getLogger("e2e-orders");
for (let i = 0; i < 1000; i++) {
  const id = String(i).padStart(4, "0");
  const customer = String(i * 7).padStart(4, "0");
  paid.emit({ severityNumber: SeverityNumber.WARN, body: `order ${id} of customer c${customer}x was paid`, attributes: { "order.id": i } });
}

await sdk.shutdown();
