import { formatValue } from "../../lib/units";

/** One figure of a query's account. */
export interface Cost {
  name: string;
  value: string;
}

/** The figures that Prometheus' and Loki's answers have under `data.stats`, those that are 0 left out. */
export function costs(body: unknown): Cost[] {
  const found: Cost[] = [];
  const visit = (value: unknown, path: readonly string[]): void => {
    if (typeof value === "number" && value !== 0) found.push({ name: words(path), value: formatValue(value, unitOf(path.at(-1) ?? "")) });
    else if (typeof value === "object" && value !== null && !Array.isArray(value)) for (const [key, inner] of Object.entries(value)) visit(inner, [...path, key]);
  };
  visit(member(member(body, "data"), "stats"), []);
  return found;
}

function member(of: unknown, key: string): unknown {
  return typeof of === "object" && of !== null ? (of as Record<string, unknown>)[key] : undefined;
}

function unitOf(name: string): string {
  if (/time$/i.test(name)) return "s";
  return /bytes/i.test(name) ? "bytes" : "short";
}

/** `samples.totalQueryableSamples` as people read it. */
function words(path: readonly string[]): string {
  return path.map((part) => part.replace(/([a-z])([A-Z])/g, "$1 $2").toLowerCase()).join(": ");
}
