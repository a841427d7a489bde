/** How often a step is repeated; the median of its rounds counts. */
export const rounds = Number(process.env.ROUNDS ?? 5);

/**
 * Runs `run(page, session)` on a page with an empty cache, where `twoFrames()` waits until what is there has been drawn.
 * Gives the milliseconds that its main thread was on the processor, which other work on the machine does not stretch.
 */
export async function fresh(browser, run) {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  try {
    const page = await context.newPage();
    page.setDefaultTimeout(60_000);
    const failures = [];
    page.on("pageerror", (error) => failures.push(error.message));
    await page.addInitScript(() => {
      globalThis.longTasks = [];
      new PerformanceObserver((list) => list.getEntries().forEach((entry) => globalThis.longTasks.push(entry.duration))).observe({ type: "longtask", buffered: true });
      globalThis.twoFrames = () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
    });
    const session = await context.newCDPSession(page);
    await session.send("Performance.enable", { timeDomain: "threadTicks" });
    await run(page, session);
    if (failures.length > 0) throw new Error(failures.join("; "));
    return await busy(session);
  } finally {
    await context.close();
  }
}

/** The same again and again; gives the median of what the main thread took. */
export async function repeated(browser, run) {
  const taken = [];
  for (let round = 0; round < rounds; round++) {
    // oxlint-disable-next-line no-await-in-loop
    taken.push(await fresh(browser, run));
  }
  return at(taken, 0.5);
}

/** Milliseconds that the main thread has been on the processor. */
export async function busy(session) {
  const { metrics } = await session.send("Performance.getMetrics");
  return metrics.find(({ name }) => name === "TaskDuration").value * 1000;
}

/** Bytes of the page's heap that something still holds. */
export async function held(session) {
  await session.send("HeapProfiler.collectGarbage");
  return (await session.send("Runtime.getHeapUsage")).usedSize;
}

/**
 * Opens `address` and gives the first request that matches `pattern` its answer, `fulfil(route)`, once all else has come to
 * rest: from then until what `see()` finds in the document has been drawn are the milliseconds, those of the clock and those of
 * the main thread on the processor. The page looks for it by itself, once a frame.
 */
export async function fromAnswer(page, session, { address, pattern, fulfil, see }) {
  let asked;
  let release;
  const waiting = new Promise((done) => {
    asked = done;
  });
  const released = new Promise((done) => {
    release = done;
  });
  await page.route(pattern, async (route) => {
    asked(route.request());
    await released;
    await fulfil(route);
  });
  await page.goto(address);
  const request = await waiting;
  // Placeholders fade in.
  await page.waitForTimeout(500);
  await page.evaluate(() => (globalThis.longTasks.length = 0));
  const before = await busy(session);
  release();
  const drawn = await page.evaluate(`new Promise((done) => {
    const look = () => requestAnimationFrame(() => ((${see})() ? requestAnimationFrame(done) : look()));
    look();
  })`);
  const taken = (await busy(session)) - before;
  const answered = await page.evaluate((url) => performance.getEntriesByName(url)[0].responseEnd, request.url());
  return { clock: drawn - answered, busy: taken };
}

/** Lengths of the frames of a page while something in it scrolls, in milliseconds. */
export function scrolling(page, selector) {
  return page.evaluate(
    (wanted) =>
      new Promise((done) => {
        let box = document.querySelector(wanted);
        while (box.scrollHeight <= box.clientHeight + 1) box = box.parentElement;
        const lengths = [];
        let before = performance.now();
        const frame = (now) => {
          lengths.push(now - before);
          before = now;
          box.scrollTop += 300;
          if (lengths.length < 120) requestAnimationFrame(frame);
          else done(lengths.slice(1));
        };
        requestAnimationFrame(frame);
      }),
    selector,
  );
}

/** The value that `part` of all are no greater than. */
export function at(values, part) {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(Math.floor(sorted.length * part), sorted.length - 1)];
}
