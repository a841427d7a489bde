import { streamsOf } from "./lines.mjs";
import { say } from "./openAll.mjs";
import { queriesOf } from "./queries.mjs";
import { SeriesMaker } from "./series.mjs";
import { writeLines, writeSeries } from "./write.mjs";

const stepMs = 15_000;
const pastMs = 20 * 60_000;
// Instant queries over lines look back for a step of the panel only.
const lineMs = 1000;

/** Series and lines for what dashboards `{json}` ask, of the last 20 minutes and on: `{maker, series, streams, start}`. */
export function madeFor(boards) {
  const maker = new SeriesMaker();
  const logs = [];
  for (const { json } of boards) {
    for (const { language, expr, labels } of queriesOf(json)) {
      if (language === "logql") logs.push(expr);
      else maker.add(expr, labels);
    }
  }
  const start = Math.floor((Date.now() - pastMs) / stepMs) * stepMs;
  return { maker, series: maker.series(start), streams: streamsOf(logs), start };
}

/** Sends what madeFor has made, the series to all of `bases` and the lines to the first, and goes on until the returned function is called. */
export async function feed(bases, { series, streams, start }) {
  const [first] = bases;
  for (const base of bases) {
    // What queries want of long ago comes first: a store takes samples in the order of time.
    for (const ago of [...new Set(series.map((one) => one.ago))].filter((one) => one > 0).toSorted((a, b) => b - a)) {
      // oxlint-disable-next-line no-await-in-loop
      await writeSeries(base, series.filter((one) => one.ago === ago), timesBetween(start, Date.now() + pastMs, stepMs), ago);
    }
    // oxlint-disable-next-line no-await-in-loop
    await writeSeries(base, series, timesBetween(start, Date.now(), stepMs));
  }
  await writeLines(first, streams, timesBetween(start, Date.now(), stepMs));
  const stops = [...bases.map((base) => keepWriting(stepMs, (times) => writeSeries(base, series, times))), keepWriting(lineMs, (times) => writeLines(first, streams, times))];
  return () => stops.forEach((stop) => stop());
}

/** Calls `write` with the times that have come, until the returned function is called. */
function keepWriting(everyMs, write) {
  let last = Math.floor(Date.now() / everyMs) * everyMs;
  const timer = setInterval(() => {
    const times = timesBetween(last + everyMs, Date.now(), everyMs);
    last = times.at(-1) ?? last;
    if (times.length > 0) write(times).catch((error) => say(error.message));
  }, everyMs);
  return () => clearInterval(timer);
}

function timesBetween(from, to, everyMs) {
  return Array.from({ length: Math.max(0, Math.floor((to - from) / everyMs) + 1) }, (_, i) => from + i * everyMs);
}
