import { until } from "../server.mjs";
import { at, busy as busyOf, fresh, fromAnswer, held, repeated, scrolling } from "./kit.mjs";

const total = 1_000_000;
// The page asks for a thousand at a time: it is given more, to be through in a minute.
const perAnswer = 25_000;

/** A list of very many lines, put in at the answers, read to its end. */
export async function lines({ browser, base, table }) {
  await fresh(browser, async (page, session) => {
    let sent = 0;
    await page.route(isCount, (route) => route.fulfill({ json: noCounts }));
    await page.route(isPage, (route) => {
      const many = Math.min(perAnswer, total - sent);
      sent += many;
      return route.fulfill({ contentType: "application/json", body: answer(endOf(route), many, (i) => `GET /api/v1/things/${i % 50} took ${i % 977} ms`) });
    });
    await page.goto(`${base}/explore/logs?${new URLSearchParams({ q: '{service_name="speed"}', from: "now-24h", to: "now" })}`);
    const list = page.getByRole("grid", { name: "Log lines" });
    await list.getByRole("row").first().waitFor();
    const began = await busyOf(session);
    const reached = () => list.getAttribute("aria-rowcount").then(Number);
    const whole = await until(async () => {
      await list.evaluate((box) => box.scrollTo(0, box.scrollHeight));
      return (await reached()) >= total;
    }, 300_000);
    if (!whole) throw new Error(`the list ends at ${await reached()} lines`);
    const read = (await busyOf(session)) - began;
    table.time(`main thread to take in a page of ${perAnswer.toLocaleString("en")} lines, of a million`, 1000, [read / (total / perAnswer)]);
    table.count("rows of a list of 1,000,000 lines that are in the document", 80, await list.getByRole("row").count());
    // Its last line has to be in sight at the end.
    await list.evaluate((box) => box.scrollTo(0, box.scrollHeight));
    await list.locator(`[aria-rowindex="${total}"]`).waitFor();
    table.count("lines at the end that cannot be reached", 0, total - (await lastInSight(list)));
    await list.evaluate((box) => box.scrollTo(0, box.scrollHeight / 2));
    await rested(list);
    const middle = await firstInSight(list);
    table.count("lines that the middle of the scrollbar is off the middle of the list", 50, Math.abs(middle + 20 - total / 2));
    await list.hover();
    await page.mouse.wheel(0, 200);
    await rested(list);
    table.count("lines that a turn of the wheel by ten is off ten", 0, Math.abs((await firstInSight(list)) - middle - 10));
    table.frames("its frames while it is scrolled", [33, 80], await scrolling(page, "[role=grid]"));
    table.count("heap of a million lines", 1000, Math.round((await held(session)) / 1e6), " MB");
  });
}

/** Waits until a list shows the same line first twice in a row: it moves on for a moment after a key or a wheel. */
async function rested(list) {
  let before = NaN;
  await until(async () => {
    const now = await firstInSight(list);
    const still = now === before;
    before = now;
    return still;
  }, 10_000);
}

/** The number of the first line that can be seen. */
function firstInSight(list) {
  return list.evaluate((box) => {
    const { top } = box.getBoundingClientRect();
    const rows = [...box.querySelectorAll("[aria-rowindex]")].filter((row) => row.getBoundingClientRect().bottom > top + 1);
    return Math.min(...rows.map((row) => Number(row.getAttribute("aria-rowindex"))));
  });
}

/** The number of the last line that can be seen. */
function lastInSight(list) {
  return list.evaluate((box) => {
    const { bottom } = box.getBoundingClientRect();
    const rows = [...box.querySelectorAll("[aria-rowindex]")].filter((row) => row.getBoundingClientRect().bottom <= bottom + 1);
    return Math.max(...rows.map((row) => Number(row.getAttribute("aria-rowindex"))));
  });
}

/** Takes apart a thousand lines of JSON of a kilobyte each, as many as a page has. */
export async function parsing({ browser, base, table }) {
  const document = (i) => JSON.stringify({ ts: i, level: "info", msg: `line ${i}`, user: { id: i, name: "x".repeat(40) }, path: `/api/v1/things/${i % 50}`, ...Object.fromEntries(Array.from({ length: 18 }, (_, n) => [`field_${n}`, `value ${(i * n) % 97} ${"y".repeat(24)}`])) });
  const drawn = [];
  const tasks = [];
  await repeated(browser, async (page, session) => {
    await page.route(isCount, (route) => route.fulfill({ json: noCounts }));
    drawn.push(
      await fromAnswer(page, session, {
        address: `${base}/explore/logs?${new URLSearchParams({ q: '{service_name="speed"}', from: "now-1h", to: "now" })}`,
        pattern: isPage,
        fulfil: (route) => route.fulfill({ contentType: "application/json", body: answer(endOf(route), 1000, document) }),
        see: () => document.querySelector('aside[aria-label="Fields"]')?.textContent.includes("field_17"),
      }),
    );
    tasks.push(await page.evaluate(() => Math.max(0, ...globalThis.longTasks)));
  });
  table.time("1,000 lines of JSON, 1 kB each, from the answer to the list with its fields", 250, drawn.map(({ clock }) => clock), at(drawn.map(({ busy }) => busy), 0.5));
  table.time("the longest task of the main thread meanwhile", 50, tasks);
}

const noCounts = { status: "success", data: { resultType: "matrix", result: [] } };
const isQuery = (url) => url.pathname.endsWith("/loki/api/v1/query_range");
// The histogram asks for counts, in steps.
const isCount = (url) => isQuery(url) && url.searchParams.has("step");
const isPage = (url) => isQuery(url) && !url.searchParams.has("step");
const endOf = (route) => BigInt(new URL(route.request().url()).searchParams.get("end"));

function answer(end, many, text) {
  const values = Array.from({ length: many }, (_, i) => [String(end - BigInt(i + 1) * 1_000_000n), text(i)]);
  return JSON.stringify({ status: "success", data: { resultType: "streams", result: [{ stream: { service_name: "speed" }, values }], stats: {} } });
}
