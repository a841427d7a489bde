import type { TimeState } from "../components/time/TimeContext";
import { refreshChoices } from "../lib/refresh";
import { shift, zoomOut } from "../lib/time";

/** What the keys of the shell act on. */
export interface ShellParts {
  time: TimeState;
  /** As the URL has it, and how it is set. */
  refresh: string;
  onRefresh: (refresh: string) => void;
  onHelp: () => void;
  onPalette: () => void;
  onCopyLink: () => void;
}

/** A key of the shell, or two that are pressed one after the other. */
export interface ShellKey {
  /** As they are shown: `t ←` is t, then the left arrow. */
  keys: string;
  action: string;
  run: (parts: ShellParts) => void;
}

/** Every key that works on all pages, besides `g` and that of a page. What works and what is listed are the same. */
export const shellKeys: readonly ShellKey[] = [
  { keys: "Ctrl K", action: "Palette: go anywhere, do anything", run: ({ onPalette }) => onPalette() },
  { keys: "/", action: "Focus the query or search field", run: () => focusFirst("[data-query]", "[data-search]") },
  { keys: "r", action: "Refresh", run: ({ time }) => time.refresh() },
  { keys: "Shift R", action: "Next interval of refreshing", run: ({ refresh, onRefresh }) => onRefresh(nextRefresh(refresh)) },
  { keys: "t l", action: "Focus the time range", run: () => focusFirst("[data-time-field]") },
  { keys: "t z", action: "Zoom out", run: ({ time }) => time.zoomTo(zoomOut(time.range, Date.now())) },
  { keys: "t ←", action: "Half a range back", run: ({ time }) => time.zoomTo(shift(time.range, -1)) },
  { keys: "t →", action: "Half a range forward", run: ({ time }) => time.zoomTo(shift(time.range, 1)) },
  { keys: "t a", action: "Make the range absolute", run: ({ time }) => time.zoomTo(time.range) },
  { keys: "y", action: "Copy a link to this", run: ({ onCopyLink }) => onCopyLink() },
  { keys: "?", action: "This list", run: ({ onHelp }) => onHelp() },
];

const arrows: Readonly<Record<string, string>> = { ArrowLeft: "←", ArrowRight: "→" };

/** The key of the shell that `key` is after `leader`, "" for none; as `KeyboardEvent.key` has them. */
export function shellKey(leader: string, key: string): ShellKey | undefined {
  const name = arrows[key] ?? (/^[A-Z]$/.test(key) ? `Shift ${key}` : key);
  const wanted = leader === "" ? name : `${leader} ${name}`;
  return shellKeys.find(({ keys }) => keys === wanted);
}

/** The interval after `choice`, from the longest to none. */
function nextRefresh(choice: string): string {
  const at = refreshChoices.findIndex((one) => one === choice);
  return refreshChoices[(at + 1) % refreshChoices.length] ?? "off";
}

/** Of a page with a query and a list to search it is the query. */
function focusFirst(...selectors: string[]): void {
  for (const selector of selectors) {
    const found = document.querySelector<HTMLElement>(selector);
    if (found) return found.focus();
  }
}
