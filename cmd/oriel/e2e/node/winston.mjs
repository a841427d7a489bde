// A program that logs through winston to a Loki server, by the client's own
// defaults; only the server's address, ORIEL_URL, is given, and a token if it
// asks for one.
import winston from "winston";
import LokiTransport from "winston-loki";

const transport = new LokiTransport({
  host: process.env.ORIEL_URL,
  labels: { app: "e2e-winston" },
  format: winston.format.printf(({ message }) => message),
  gracefulShutdown: false,
  ...(process.env.ORIEL_TOKEN && { basicAuth: `e2e:${process.env.ORIEL_TOKEN}` }),
  onConnectionError(error) {
    throw error;
  },
});
const log = winston.createLogger({ transports: [transport] });
for (let i = 0; i < 1000; i++) {
  const id = String(i).padStart(4, "0");
  const customer = String(i * 7).padStart(4, "0");
  log[i % 10 === 0 ? "error" : "info"](`order ${id} of customer c${customer}x was paid`);
}
await transport.flush();
process.exit(0);
