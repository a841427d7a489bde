import { at } from "./kit.mjs";

/** What is measured, the most it may be, what it was, and what the main thread took for it. */
export class Table {
  #rows = [];

  /** Times in milliseconds: the median is held to the budget. `busy` are milliseconds of the main thread. */
  time(what, budget, values, busy) {
    this.#add(what, spell(budget), `${spell(at(values, 0.5))} (worst ${spell(at(values, 1))})`, at(values, 0.5) > budget, busy);
  }

  /** Lengths of frames in milliseconds: their median and the 95th percentile have each a budget. */
  frames(what, budgets, values, busy) {
    const measured = [at(values, 0.5), at(values, 0.95)];
    this.#add(what, `p50 ${spell(budgets[0])}, p95 ${spell(budgets[1])}`, `p50 ${spell(measured[0])}, p95 ${spell(measured[1])}`, measured.some((one, i) => one > budgets[i]), busy);
  }

  /** A number that may be no greater. */
  count(what, budget, value, unit = "") {
    this.#add(what, `${budget}${unit}`, `${value}${unit}`, value > budget);
  }

  #add(what, budget, measured, over, busy) {
    const row = [what, budget, measured, busy === undefined ? "" : spell(busy), over ? "**over**" : ""];
    this.#rows.push(row);
    process.stderr.write(`${row.join("  ")}\n`);
  }

  toString() {
    const head = ["what", "budget", "measured", "main thread", ""];
    return [head, head.map((_, i) => (i === 0 || i === 4 ? "---" : "---:")), ...this.#rows].map((row) => `| ${row.join(" | ")} |\n`).join("");
  }
}

function spell(ms) {
  return ms >= 1000 ? `${(ms / 1000).toFixed(2)} s` : `${ms < 10 ? ms.toFixed(1) : Math.round(ms)} ms`;
}
