import { pages } from "../lib/pages";

/** Keys as they are pressed, one after the other, and what they do. */
export type KeyHelp = readonly [keys: string, action: string];

const everywhere: readonly KeyHelp[] = [
  ["Ctrl K", "Palette: go anywhere, do anything"],
  ["/", "Focus the query or search field"],
  ["r", "Refresh"],
  ["Shift R", "Next interval of refreshing"],
  ["t l", "Focus the time range"],
  ["t z", "Zoom out"],
  ["t ←", "Half a range back"],
  ["t →", "Half a range forward"],
  ["t a", "Make the range absolute"],
  ["y", "Copy a link to this"],
  ["?", "This list"],
];

const list: readonly KeyHelp[] = [
  ["j", "Next row"],
  ["k", "Previous row"],
  ["Enter", "Open"],
  ["Esc", "Close"],
];
const copies = (what: string): KeyHelp => ["Ctrl C", `Copy ${what}`];

// The longest beginning of a path counts.
const byPath: readonly [path: string, title: string, keys: readonly KeyHelp[]][] = [
  ["/explore/metrics", "Metrics", [["Ctrl Enter", "Run"], ["Alt ↑", "Queries run before"], ["Shift Alt F", "Lay the query out"], ["x", "Graph or table"], ["Shift drag", "What is different here?"]]],
  ["/explore/logs", "Logs", [["Ctrl Enter", "Run"], ["Alt ↑", "Queries run before"], ["Shift Alt F", "Lay the query out"], ...list, ["[", "Previous line in the detail"], ["]", "Next line in the detail"], ["c", "Context"], ["w", "Wrap lines"], copies("the line"), ["+", "Filter for the value"], ["-", "Filter the value out"], ["Space", "Pause or go on, while live"]]],
  ["/explore/traces", "Traces", [["Ctrl Enter", "Run"], ["Alt ↑", "Queries run before"], ...list, copies("the trace's id")]],
  ["/trace/", "Trace", [...list, ["c", "Fold or unfold the span"], ["←", "Fold the span"], ["→", "Unfold the span"], ["p", "Critical path"], ["Home", "First span"], ["End", "Last span"], ["[", "Previous span"], ["]", "Next span"], copies("the span")]],
  ["/d/", "Dashboard", [["e", "Edit the panel"], ["v", "View the panel alone"], ["i", "Inspect the panel"], ["f", "Full screen"], ["d k", "Full screen"], ["d e", "Open all rows"], ["s", "Share"], ["Ctrl S", "Save, while editing"], ["Ctrl Z", "Undo, while editing"], ["Shift drag", "What is different here?"]]],
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
    { title: "Everywhere", keys: everywhere },
    { title: "Go to", keys: pages.flatMap((page): KeyHelp[] => (page.key ? [[`g ${page.key}`, page.title]] : [])) },
  ];
}
