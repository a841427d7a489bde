import { until } from "../server.mjs";
import { repeated, scrolling } from "./kit.mjs";

const id = "5beed000000000000000000000000001";
const count = 10_000;
const perService = 1000;

/** A trace of very many spans, which the server really has. */
export async function trace({ browser, base, table }) {
  await send(base);
  const opened = [];
  const frames = [];
  const busy = await repeated(browser, async (page) => {
    await page.goto(`${base}/trace/${id}`);
    await page.getByRole("treegrid").getByRole("row").nth(2).waitFor();
    opened.push(await page.evaluate(() => performance.now()));
  });
  await repeated(browser, async (page) => {
    await page.goto(`${base}/trace/${id}`);
    await page.getByRole("treegrid").getByRole("row").nth(2).waitFor();
    frames.push(...(await scrolling(page, "[role=treegrid]")));
  });
  table.time("a trace of 10,000 spans, opened", 1500, opened, busy);
  table.frames("its frames while it is scrolled", [33, 80], frames);
}

async function send(base) {
  const start = BigInt(Date.now() - 60_000) * 1_000_000n;
  const spanId = (i) => (i + 1).toString(16).padStart(16, "0");
  const spans = Array.from({ length: count }, (_, i) => {
    const from = start + BigInt(i) * 1_000_000n;
    return {
      traceId: id,
      spanId: spanId(i),
      ...(i === 0 ? {} : { parentSpanId: spanId(Math.floor((i - 1) / 4)) }),
      name: `step ${i % 97}`,
      kind: 1,
      startTimeUnixNano: String(from),
      endTimeUnixNano: String(from + 20_000_000_000n - BigInt(i) * 1_000_000n),
      attributes: [
        { key: "http.route", value: { stringValue: `/api/v1/things/${i % 50}` } },
        { key: "http.response.status_code", value: { intValue: "200" } },
        { key: "db.query.text", value: { stringValue: `SELECT * FROM things WHERE id = ${i}` } },
      ],
    };
  });
  for (let i = 0; i < count; i += perService) {
    const body = { resourceSpans: [{ resource: { attributes: [{ key: "service.name", value: { stringValue: `part-${i / perService}` } }] }, scopeSpans: [{ spans: spans.slice(i, i + perService) }] }] };
    // oxlint-disable-next-line no-await-in-loop
    const answer = await fetch(`${base}/otlp/v1/traces`, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
    // oxlint-disable-next-line no-await-in-loop
    if (!answer.ok) throw new Error(`otlp: ${answer.status} ${await answer.text()}`);
  }
  const there = async () => {
    const answer = await fetch(`${base}/tempo/api/traces/${id}`);
    return answer.ok && (await answer.json()).batches.flatMap((one) => one.scopeSpans.flatMap((scope) => scope.spans)).length === count;
  };
  if (!(await until(there, 30_000))) throw new Error(`the trace has not ${count} spans`);
}
