import { useEffect, useRef } from "react";

import { useTime } from "../components/time/TimeContext";
import { useGo } from "../components/useGo";
import { usePrefs } from "../components/usePrefs";
import { useUrlState } from "../components/useUrlState";
import { pages } from "../lib/pages";
import { sharedState } from "../lib/urlState";
import { shellKey, type ShellKey } from "./shellKeys";

// How long a second key may come after `g` or `t`.
const chordMs = 1500;
const leaders = new Set(["g", "t"]);

/** What the keys of the shell open. */
export interface ShellKeys {
  onHelp: () => void;
  onPalette: () => void;
  onCopyLink: () => void;
}

/** The keys of the shell. Single ones never fire while something is being typed, or when they are switched off. */
export function useShortcuts({ onHelp, onPalette, onCopyLink }: ShellKeys): void {
  const go = useGo();
  const time = useTime();
  const [{ shortcuts }] = usePrefs();
  const [{ refresh }, setShared] = useUrlState(sharedState);
  const first = useRef<{ key: string; at: number } | null>(null);

  useEffect(() => {
    const run = (found: ShellKey): void => found.run({ time, refresh, onRefresh: (next) => setShared({ refresh: next }, { replace: true }), onHelp, onPalette, onCopyLink });
    const follow = (leader: string, key: string): (() => void) | undefined => {
      const page = leader === "g" ? pages.find((one) => one.key === key) : undefined;
      if (page) return () => go(page.to);
      const found = shellKey(leader, key);
      return found && (() => run(found));
    };
    const onKey = (event: KeyboardEvent): void => {
      if (event.defaultPrevented || event.altKey) return;
      if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k" && !event.shiftKey) {
        event.preventDefault();
        return onPalette();
      }
      if (!shortcuts || event.ctrlKey || event.metaKey || isTyping(event.target)) return;
      const leader = first.current && Date.now() - first.current.at < chordMs ? first.current.key : "";
      first.current = null;
      const action = (leader === "" ? undefined : follow(leader, event.key)) ?? (leaders.has(event.key) ? undefined : follow("", event.key));
      if (action) {
        event.preventDefault();
        action();
      } else if (leaders.has(event.key)) {
        first.current = { key: event.key, at: Date.now() };
      }
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, [go, onHelp, onPalette, onCopyLink, time, shortcuts, refresh, setShared]);
}

/** True if a key pressed on `target` is text, or answers a dialog. */
function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || target.closest("input, textarea, select, [contenteditable='true'], [role='dialog'], [role='listbox'], [role='menu']") !== null;
}
