/**
 * Opens a dashboard, unfolds it, and looks at each panel once its answer is there: `{drawn, empty, failed, problems, complaints}`.
 * What a panel shows it says by itself: an alert, or a remark that there is nothing, or its drawing.
 */
export async function openDashboard(page, address) {
  const complaints = [];
  const onConsole = (message) => message.type() === "error" && complaints.push(message.text().slice(0, 200));
  const onError = (error) => complaints.push(error.message.slice(0, 200));
  page.on("console", onConsole);
  page.on("pageerror", onError);
  try {
    await page.goto(address);
    await page.locator("[data-panel]").first().waitFor({ timeout: 20_000 });
    await unfold(page);
    const seen = new Map();
    // The clicks have scrolled.
    await page.evaluate(() => document.getElementById("main").scrollTo(0, 0));
    for (let top = 0; ; ) {
      // Each look needs the one before: the page scrolls.
      // oxlint-disable-next-line no-await-in-loop
      await settle(page);
      // oxlint-disable-next-line no-await-in-loop
      const { panels, height, view } = await look(page);
      for (const panel of panels) seen.set(panel.key, panel);
      if (top + view >= height) break;
      top += view * 0.8;
      // oxlint-disable-next-line no-await-in-loop
      await page.evaluate((to) => document.getElementById("main").scrollTo(0, to), top);
    }
    const all = [...seen.values()];
    const of = (state) => all.filter((panel) => panel.state === state);
    return { drawn: of("drawn").length, empty: of("empty").length, failed: of("failed").length, problems: all.filter((panel) => panel.state !== "drawn"), complaints };
  } finally {
    page.off("console", onConsole);
    page.off("pageerror", onError);
  }
}

async function unfold(page) {
  const folded = page.locator('h2 button[aria-expanded="false"]');
  // Headings come all at once, each click takes one of them away.
  for (let left = await folded.count(); left > 0; left--) {
    // oxlint-disable-next-line no-await-in-loop
    await folded.first().click();
    // oxlint-disable-next-line no-await-in-loop
    await page.waitForFunction((most) => document.querySelectorAll('h2 button[aria-expanded="false"]').length < most, left);
  }
}

/** Waits until nothing has been loading for a moment. */
async function settle(page) {
  await page.waitForFunction(
    () => {
      const busy = document.querySelector("#main [role=status][aria-label^=Loading]") !== null;
      const now = performance.now();
      globalThis.quietSince = busy ? undefined : (globalThis.quietSince ?? now);
      return !busy && now - globalThis.quietSince > 300;
    },
    undefined,
    { timeout: 30_000, polling: 100 },
  );
  await page.evaluate(() => (globalThis.quietSince = undefined));
}

function look(page) {
  return page.evaluate(() => {
    const main = document.getElementById("main");
    const { top, bottom } = main.getBoundingClientRect();
    const panels = [...document.querySelectorAll("[data-panel]")].flatMap((panel, index) => {
      const box = panel.getBoundingClientRect();
      if (box.bottom < top || box.top > bottom) return [];
      const alert = panel.querySelector("[role=alert], [data-kind=error]");
      const empty = panel.querySelector("[data-nothing]");
      const state = alert ? "failed" : empty ? "empty" : "drawn";
      const text = alert ? (alert.textContent || alert.getAttribute("aria-label")) : (empty?.textContent ?? "");
      return [{ key: `${index} ${panel.dataset.panel}`, id: panel.dataset.panel, title: panel.getAttribute("aria-label"), state, text: text.slice(0, 300), why: empty?.dataset.nothing || "no data" }];
    });
    return { panels, height: main.scrollHeight, view: main.clientHeight };
  });
}
