import { serveOthers, until } from "../server.mjs";
import { repeated } from "./kit.mjs";

/** Pages that list services, of a server with this many of them, which all send spans for a while before. */
const crowds = [
  { services: 500, budget: 1500 },
  { services: 5000, budget: 2000 },
];

const rounds = 8;
const between = 5000;
const inOneRequest = 500;

/** Opens the overview and the services of many services, until rows stand there. */
export async function manyServices({ browser, binary, table }) {
  for (const crowd of crowds) {
    // oxlint-disable-next-line no-await-in-loop
    await crowded(browser, binary, table, crowd);
  }
}

async function crowded(browser, binary, table, { services, budget }) {
  const server = await serveOthers(binary);
  try {
    for (let round = 0; round < rounds; round++) {
      // oxlint-disable-next-line no-await-in-loop
      await send(server.base, services, round);
      // oxlint-disable-next-line no-await-in-loop
      await new Promise((done) => {
        setTimeout(done, between);
      });
    }
    const listed = await until(async () => (await list(server.base)).length >= services, 60_000);
    if (!listed) throw new Error(`not all of ${services} services are listed`);
    for (const [name, path] of [
      ["overview", "/?from=now-15m&to=now"],
      ["list", "/services?from=now-15m&to=now"],
    ]) {
      const readies = [];
      const asked = [];
      // oxlint-disable-next-line no-await-in-loop
      const busy = await repeated(browser, async (page) => {
        let requests = 0;
        page.on("request", (request) => (requests += request.resourceType() === "fetch" ? 1 : 0));
        await page.goto(server.base + path);
        await page.getByRole("table", { name: "Services" }).getByRole("row").nth(1).waitFor();
        readies.push(await page.evaluate(() => performance.now()));
        asked.push(requests);
      });
      table.time(`${services} services, ${name}: rows are shown, after ${Math.max(...asked)} requests at most`, budget, readies, busy);
    }
  } finally {
    await server.stop();
  }
}

/** The services of the last quarter of an hour. */
async function list(base) {
  const now = Date.now();
  const range = new URLSearchParams({ start: new Date(now - 900_000).toISOString(), end: new Date(now).toISOString() });
  const answer = await fetch(`${base}/oriel/api/v1/services?${range}`);
  if (!answer.ok) throw new Error(`services are not listed: ${await answer.text()}`);
  return (await answer.json()).services;
}

/** A few calls of each service, some of which fail. */
async function send(base, services, round) {
  for (let from = 0; from < services; from += inOneRequest) {
    const resourceSpans = Array.from({ length: Math.min(inOneRequest, services - from) }, (_, i) => resource(from + i, round));
    // oxlint-disable-next-line no-await-in-loop
    const answer = await fetch(`${base}/v1/traces`, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ resourceSpans }) });
    if (!answer.ok) throw new Error(`spans are refused: ${await answer.text()}`);
  }
}

function resource(service, round) {
  const end = BigInt(Date.now()) * 1_000_000n;
  const spans = [0, 1, 2].map((n) => {
    const id = (service * rounds + round) * 3 + n + 1;
    return {
      traceId: id.toString(16).padStart(32, "0"),
      spanId: id.toString(16).padStart(16, "0"),
      name: `GET /${n}`,
      kind: 2,
      startTimeUnixNano: String(end - BigInt(1_000_000 * (5 + ((service * 7 + n * 13 + round) % 300)))),
      endTimeUnixNano: String(end),
      status: { code: (service + round) % 50 === 0 ? 2 : 1 },
    };
  });
  return { resource: { attributes: [{ key: "service.name", value: { stringValue: `service-${service}` } }] }, scopeSpans: [{ spans }] };
}
