import { at, busy as busyOf, fresh, fromAnswer, repeated } from "./kit.mjs";

const sizes = [
  [100, 1000, 250],
  [1, 100_000, 250],
  [20, 5000, 400],
  [250, 2000, 1500],
];

/** Draws series that the server's answer is replaced with, from the answer to the picture. */
export async function charts({ browser, base, table }) {
  for (const [series, points, budget] of sizes) {
    const drawn = [];
    // oxlint-disable-next-line no-await-in-loop
    await repeated(browser, async (page, session) => {
      drawn.push(await open(page, session, base, series, points));
    });
    table.time(`${series} × ${points.toLocaleString("en")} points, from the answer to the picture${series > 100 ? " (the 100 largest series)" : ""}`, budget, drawn.map(({ clock }) => clock), at(drawn.map(({ busy }) => busy), 0.5));
  }
}

/** Moves the pointer over a chart of very many lines. */
export async function hover({ browser, base, table }) {
  const taken = [];
  await fresh(browser, async (page, session) => {
    await open(page, session, base, 100, 1000);
    const box = await page.locator(".u-over").first().boundingBox();
    const y = box.y + box.height / 2;
    await page.mouse.move(box.x + 10, y);
    for (let x = 20; x < box.width - 10; x += 20) {
      // oxlint-disable-next-line no-await-in-loop
      const before = await busyOf(session);
      // oxlint-disable-next-line no-await-in-loop
      await page.mouse.move(box.x + x, y);
      // oxlint-disable-next-line no-await-in-loop
      await page.evaluate(() => globalThis.twoFrames());
      // oxlint-disable-next-line no-await-in-loop
      taken.push((await busyOf(session)) - before);
    }
  });
  table.time("a move of the pointer over 100 series, main thread", 16, taken);
}

function open(page, session, base, series, points) {
  const body = matrix(series, points);
  return fromAnswer(page, session, {
    address: `${base}/explore/metrics?q=speed&from=now-1h&to=now`,
    pattern: /\/api\/v1\/query_range/,
    fulfil: (route) => route.fulfill({ contentType: "application/json", body }),
    see: () => document.querySelector('[role=img][aria-label^="speed"] canvas'),
  });
}

function matrix(series, points) {
  const end = Math.floor(Date.now() / 1000);
  const step = 3600 / points;
  const result = Array.from({ length: series }, (_, i) => ({
    metric: { __name__: "speed", instance: `node-${i}` },
    values: Array.from({ length: points }, (__, n) => [end - 3600 + n * step, String(Math.round(1000 * (i + Math.sin((n + i * 7) / 30))) / 1000)]),
  }));
  return JSON.stringify({ status: "success", data: { resultType: "matrix", result } });
}
