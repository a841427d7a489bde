import { setTimeout as sleep } from "node:timers/promises";

import { fresh, held } from "./kit.mjs";

// The budget is for half an hour of tail, an hour of refreshes: this is the short form, of as many lines and refreshes.
const warmMs = 20_000;
const minutes = Number(process.env.MINUTES ?? 1);
const budgetMB = 20;

/** Follows lines as they come. */
export async function tailing({ browser, base, table }) {
  const stop = new AbortController();
  let sent = 0;
  const pushing = (async () => {
    while (!stop.signal.aborted) {
      const now = BigInt(Date.now()) * 1_000_000n;
      const values = Array.from({ length: 100 }, (_, i) => [String(now + BigInt(i)), `line ${sent++} of a service that says a lot`]);
      // oxlint-disable-next-line no-await-in-loop
      await fetch(`${base}/loki/api/v1/push`, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ streams: [{ stream: { service_name: "tailed" }, values }] }) });
      // oxlint-disable-next-line no-await-in-loop
      await sleep(200);
    }
  })();
  try {
    await fresh(browser, async (page, session) => {
      await page.goto(`${base}/explore/logs?${new URLSearchParams({ q: '{service_name="tailed"}', live: "1", from: "now-15m", to: "now" })}`);
      await page.getByRole("grid", { name: "Log lines" }).getByRole("row").first().waitFor();
      const from = sent;
      const grown = await growth(session);
      table.count(`growth of the heap over a tail of ${(sent - from).toLocaleString("en")} lines`, budgetMB, grown, " MB");
    });
  } finally {
    stop.abort();
    await pushing;
  }
}

/** Refreshes a dashboard every five seconds. */
export async function refreshing({ browser, base, table }) {
  await fresh(browser, async (page, session) => {
    await page.goto(`${base}/d/oriel?from=now-15m&to=now&refresh=5s`);
    await page.locator("[data-panel] canvas").first().waitFor();
    const grown = await growth(session);
    table.count(`growth of the heap over ${Math.round(minutes * 12)} refreshes of a dashboard`, budgetMB, grown, " MB");
  });
}

async function growth(session) {
  await sleep(warmMs);
  const before = await held(session);
  await sleep(minutes * 60_000);
  return Math.round(((await held(session)) - before) / 1e5) / 10;
}
