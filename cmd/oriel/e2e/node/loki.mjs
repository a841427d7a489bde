// A program that logs through pino to a Loki server, by the client's own
// defaults; only the server's address, ORIEL_URL, is given.
import pino from "pino";
import { pinoLoki } from "pino-loki";

const stream = pinoLoki({
  host: process.env.ORIEL_URL,
  labels: { app: "e2e-pino" },
  batching: { interval: 1 },
  silenceErrors: false,
});
const log = pino({ level: "debug" }, stream);
for (let i = 0; i < 1000; i++) {
  const id = String(i).padStart(4, "0");
  const customer = String(i * 7).padStart(4, "0");
  log[i % 10 === 0 ? "error" : "info"]({ request: i }, `order ${id} of customer c${customer}x was paid`);
}
await new Promise((resolve) => stream.end(resolve));
