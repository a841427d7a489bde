import { existsSync, readFileSync, writeFileSync } from "node:fs";

const byHand = "<!-- What follows is written by hand. -->";

/** Writes the results as a page of the documentation. What was written by hand below them stays. */
export function writeReport(path, results, compared) {
  const [, kept] = existsSync(path) ? readFileSync(path, "utf8").split(byHand) : [];
  writeFileSync(path, report(results, compared) + (kept === undefined ? "" : `\n${byHand}${kept}`));
}

function report(results, compared) {
  const sum = (member) => results.reduce((total, one) => total + one[member], 0);
  const [drawn, empty, failed] = [sum("drawn"), sum("empty"), sum("failed")];
  const all = drawn + empty + failed;
  const share = (part) => `${((100 * part) / Math.max(1, all)).toFixed(1)} %`;
  const rows = results.toSorted((a, b) => (a.file < b.file ? -1 : 1)).map((one) => `| ${one.title.replaceAll("|", "\\|")} | \`${one.file}\` | ${one.drawn} | ${one.empty || ""} | ${one.failed || ""} |`);
  const left = results.flatMap((one) => one.problems.map((problem) => `- ${one.title}, “${problem.title}”: ${problem.state === "empty" ? [problem.why, problem.verdict ?? []].flat().join("; ") : problem.text.replace(/\s+/g, " ")}`));
  return `# Dashboards of others

How the panels of ${results.length} public dashboards fare, as \`make dashboards DIR=…\` counts them. It starts the real binary with the
folder as its dashboards, writes series with the metric and label names that their queries use (and lines for those of
LogQL), opens each dashboard in Chromium, unfolds its rows, scrolls through it and looks at every panel: it draws, or says
that there is no data, or fails. Panels that are repeated count once for each copy. The dashboards themselves belong to
their authors and are not part of this repository.

**${all} panels: ${drawn} draw (${share(drawn)}), ${empty} have no data, ${failed} fail.**

| dashboard | file | drawn | no data | failed |
| --- | --- | --: | --: | --: |
${rows.join("\n")}
${left.length === 0 ? "" : `\n## Not drawn\n\nThe series are made from the queries: a panel without data asks for something that the maker of series does not guess.${compared ? " What such a panel\nasks was then asked of a Prometheus with the same series: whether that has none either is said of each." : ""}\n\n${left.join("\n")}\n`}`;
}
