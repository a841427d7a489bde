/** Runs in the page before anything else: notes requests, long tasks, and when the panels in sight have been drawn. */
export function watchPage() {
  const seen = { inFlight: 0, mostInFlight: 0, requests: 0, longTasks: [], drawnAt: undefined, frames: [] };
  globalThis.seen = seen;
  const { fetch } = globalThis;
  globalThis.fetch = async (...given) => {
    const counts = /\/api\/v1\/query/.test(String(given[0]?.url ?? given[0]));
    if (!counts) return fetch(...given);
    seen.requests++;
    seen.mostInFlight = Math.max(seen.mostInFlight, ++seen.inFlight);
    try {
      return await fetch(...given);
    } finally {
      seen.inFlight--;
    }
  };
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) seen.longTasks.push([Math.round(entry.startTime), Math.round(entry.duration)]);
  }).observe({ type: "longtask", buffered: true });
  const waiting = () => {
    const main = document.getElementById("main");
    if (!main) return true;
    const { top, bottom } = main.getBoundingClientRect();
    const panels = [...main.querySelectorAll("[data-panel]")].filter((panel) => {
      const box = panel.getBoundingClientRect();
      return box.bottom > top && box.top < bottom;
    });
    // Below its head there is something that neither waits for data nor is still to be drawn.
    const empty = (panel) => !panel.querySelector("header + div > *") || panel.querySelector("[role=status], div[role=img]:empty");
    return panels.length === 0 || panels.some(empty);
  };
  globalThis.waiting = waiting;
  const look = () => {
    if (waiting()) requestAnimationFrame(look);
    // The frame that shows it is the next one.
    else requestAnimationFrame(() => (seen.drawnAt = performance.now()));
  };
  requestAnimationFrame(look);
}

/** Scrolls the page from top to bottom by `step` pixels per frame, and gives the time between frames in milliseconds. */
export function scrollThrough(step) {
  const main = document.getElementById("main");
  const times = [];
  return new Promise((done) => {
    let last = performance.now();
    const next = (now) => {
      times.push(now - last);
      last = now;
      const before = main.scrollTop;
      main.scrollTop += step;
      if (main.scrollTop === before) done(times);
      else requestAnimationFrame(next);
    };
    requestAnimationFrame((now) => {
      last = now;
      requestAnimationFrame(next);
    });
  });
}

export function quantile(values, share) {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}
