import { pages } from "../lib/pages";
import { shellKeys } from "./shellKeys";

/** Keys as they are pressed, one after the other, and what they do. */
export type KeyHelp = readonly [keys: string, action: string];

const list: readonly KeyHelp[] = [
  ["j", "Next row, as ↓"],
  ["k", "Previous row, as ↑"],
  ["Enter", "Open"],
  ["Esc", "Close"],
];
const copies = (what: string): KeyHelp => ["Ctrl C", `Copy ${what}`];

const chart: readonly KeyHelp[] = [
  ["←", "The moment before, whose values are read out"],
  ["→", "The moment after"],
  ["Home", "The first"],
  ["End", "The last"],
  ["Enter", "All values in rows"],
  ["Esc", "Let go"],
];

// The longest beginning of a path counts.
const byPath: readonly [path: string, title: string, keys: readonly KeyHelp[]][] = [
  ["/explore/metrics", "Metrics", [["Ctrl Enter", "Run"], ["Alt ↑", "Queries run before"], ["Shift Alt F", "Lay the query out"], ["x", "Graph or table"], ["Shift drag", "What is different here?"]]],
  ["/explore/logs", "Logs", [["Ctrl Enter", "Run"], ["Alt ↑", "Queries run before"], ["Shift Alt F", "Lay the query out"], ...list, ["[", "Previous line in the detail"], ["]", "Next line in the detail"], ["c", "Context"], ["w", "Wrap lines"], copies("the line"), ["+", "Filter for the value"], ["-", "Filter the value out"], ["Space", "Pause or go on, while live"]]],
  ["/explore/traces", "Traces", [["Ctrl Enter", "Run"], ["Alt ↑", "Queries run before"], ...list, copies("the trace's id")]],
  ["/trace/", "Trace", [...list, ["c", "Fold or unfold the span"], ["←", "Fold the span"], ["→", "Unfold the span"], ["p", "Critical path"], ["Home", "First span"], ["End", "Last span"], ["[", "Previous span"], ["]", "Next span"], copies("the span")]],
  ["/d/", "Dashboard", [["e", "Edit the panel"], ["v", "View the panel alone"], ["i", "Inspect the panel"], ["f", "Full screen"], ["d k", "Full screen"], ["d e", "Open all rows"], ["s", "Share"], ["Ctrl S", "Save, while editing"], ["Ctrl Z", "Undo, while editing"], ["Ctrl Shift Z", "Do again, while editing"], ["Esc", "Back from the panel or full screen"]]],
  ["/alerts", "Alerts", [["j", "Evidence of the next alert"], ["k", "Evidence of the one before"], ["Enter", "The alert's own page"], ["Esc", "Close the evidence"]]],
];

/** What a keyboard calls a key: Apple's have ⌘ where others have Ctrl. */
export function keyName(key: string, platform: string): string {
  return key === "Ctrl" && /^(?:Mac|iP)/.test(platform) ? "⌘" : key;
}

/** The keys that work on a path, by group. */
export function keysOf(path: string): { title: string; keys: readonly KeyHelp[] }[] {
  const here = byPath.filter(([prefix]) => path.startsWith(prefix)).toSorted(([a], [b]) => b.length - a.length)[0];
  return [
    ...(here ? [{ title: here[1], keys: here[2] }] : []),
    { title: "Everywhere", keys: shellKeys.map(({ keys, action }): KeyHelp => [keys, action]) },
    { title: "On a chart that has the focus", keys: chart },
    { title: "Go to", keys: pages.flatMap((page): KeyHelp[] => (page.key ? [[`g ${page.key}`, page.title]] : [])) },
  ];
}
