import { gzipSync } from "node:zlib";

import type { Plugin } from "vite";

/** Kilobytes of compressed JavaScript that a page may load in all, by the module that a route loads. */
const budgets: readonly [module: string, kB: number][] = [
  ["src/app/Home.tsx", 250],
  ["src/features/metrics/MetricsPage.tsx", 420],
  ["src/features/logs/LogsPage.tsx", 420],
  ["src/features/traces/TracesPage.tsx", 420],
  ["src/features/traces/TracePage.tsx", 420],
  ["src/features/services/ServicePage.tsx", 420],
  ["src/features/alerts/AlertsPage.tsx", 420],
  ["src/features/dashboards/DashboardPage.tsx", 420],
];

const cssBudget = 45;

/** Fails a build whose pages load more than their budget, and says how much each one loads. */
export function budget(): Plugin {
  return {
    name: "oriel-budget",
    apply: "build",
    writeBundle(_, bundle) {
      const chunks = Object.values(bundle).filter((one) => one.type === "chunk");
      const byFile = new Map(chunks.map((chunk) => [chunk.fileName, chunk]));
      const sizes = new Map<string, number>();
      const size = (file: string): number => {
        const known = sizes.get(file);
        if (known !== undefined) return known;
        const bytes = gzipSync(byFile.get(file)?.code ?? "", { level: 9 }).length;
        sizes.set(file, bytes);
        return bytes;
      };
      const closure = (file: string, into: Set<string>): Set<string> => {
        if (into.has(file) || !byFile.has(file)) return into;
        into.add(file);
        for (const one of byFile.get(file)?.imports ?? []) closure(one, into);
        return into;
      };
      const entry = chunks.find((chunk) => chunk.isEntry);
      const lines: string[] = [];
      const faults: string[] = [];
      for (const [module, limit] of budgets) {
        const chunk = chunks.find((one) => one.moduleIds.some((id) => id.endsWith(`/${module}`)));
        if (!chunk || !entry) {
          faults.push(`${module} is in no chunk: does its route still load it?`);
          continue;
        }
        const files = closure(chunk.fileName, closure(entry.fileName, new Set()));
        const kB = [...files].reduce((sum, file) => sum + size(file), 0) / 1024;
        lines.push(`${kB.toFixed(0).padStart(5)} kB of ${limit}  ${module}`);
        if (kB > limit) faults.push(`${module} loads ${kB.toFixed(1)} kB of compressed JavaScript; its budget is ${limit} kB`);
      }
      const css = Object.values(bundle).filter((one) => one.type === "asset" && one.fileName.endsWith(".css") && entry?.viteMetadata?.importedCss.has(one.fileName));
      const cssKB = css.reduce((sum, one) => sum + ("source" in one ? gzipSync(one.source, { level: 9 }).length : 0), 0) / 1024;
      lines.push(`${cssKB.toFixed(0).padStart(5)} kB of ${cssBudget}  style sheets of the shell`);
      if (cssKB > cssBudget) faults.push(`the shell's style sheets are ${cssKB.toFixed(1)} kB compressed; their budget is ${cssBudget} kB`);
      this.info(`compressed, with all that it imports:\n${lines.join("\n")}`);
      if (faults.length > 0) this.error(faults.join("\n"));
    },
  };
}
