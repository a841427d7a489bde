// A program that sends metrics with hot-shots, a client of StatsD and
// DogStatsD; STATSD_PORT is the server's port of UDP and TCP.
import StatsD from "hot-shots";

for (const protocol of ["udp", "tcp"]) {
  const client = new StatsD({
    host: "127.0.0.1",
    port: Number(process.env.STATSD_PORT),
    protocol,
    prefix: `e2e.${protocol}.`,
    globalTags: { env: "e2e" },
    maxBufferSize: 1000,
    errorHandler(err) {
      throw err;
    },
  });
  for (let i = 0; i < 1000; i++) {
    client.increment("orders");
    client.unique("customers", `c${i % 70}`);
    client.timing("time", i);
    client.distribution("size", 2, { kind: "a:b" });
  }
  client.gauge("open", 5);
  client.gaugeDelta("open", -2);
  client.event("a title", "a text");
  await new Promise((resolve, reject) => client.close((err) => (err ? reject(err) : resolve())));
}
