// A program that pushes to a Pushgateway with prom-client; PUSHGATEWAY is its
// address.
import { Counter, Histogram, Pushgateway, Registry } from "prom-client";

const registry = new Registry();
const counter = new Counter({ name: "e2e_pushed_total", help: "Pushes.", labelNames: ["kind"], registers: [registry] });
const histogram = new Histogram({ name: "e2e_pushed_seconds", help: "Times.", registers: [registry] });
counter.inc({ kind: 'a "b"' }, 7);
histogram.observe(0.3);

const gateway = new Pushgateway(process.env.PUSHGATEWAY, {}, registry);
const group = { jobName: "nightly/backup", groupings: { instance: "db 1" } };
await gateway.push(group); // PUT
counter.inc({ kind: 'a "b"' }, 1);
await gateway.pushAdd(group); // POST
await gateway.pushAdd({ jobName: "gone" });
await gateway.delete({ jobName: "gone" });
