// A program that logs through Fluentd's library and waits until each chunk is
// acknowledged.
import fluent from "fluent-logger";

const sender = fluent.createFluentSender("e2e", {
  host: "127.0.0.1",
  port: Number(process.env.FLUENT_PORT),
  requireAckResponse: true,
  eventMode: "CompressedPackedForward",
  sendQueueSizeLimit: 1 << 20,
});
const sent = [];
for (let i = 0; i < 1000; i++) {
  const id = String(i).padStart(4, "0");
  const customer = String(i * 7).padStart(4, "0");
  sent.push(
    new Promise((resolve, reject) => {
      sender.emit(
        "orders",
        { message: `order ${id} of customer c${customer}x was paid`, service: "e2e-fluent", order: { id: i } },
        (err) => (err ? reject(err) : resolve()),
      );
    }),
  );
}
await Promise.all(sent);
sender.end();
