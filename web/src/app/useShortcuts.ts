import { useEffect, useRef } from "react";

import { useTime } from "../components/time/TimeContext";
import { useGo } from "../components/useGo";
import { usePrefs } from "../components/usePrefs";
import { useUrlState } from "../components/useUrlState";
import { pages } from "../lib/pages";
import { refreshChoices } from "../lib/refresh";
import { shift, zoomOut } from "../lib/time";
import { sharedState } from "../lib/urlState";

// How long a second key may come after `g` or `t`.
const chordMs = 1500;

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
    const chord = (leader: string, key: string): boolean => {
      if (leader === "g") {
        const page = pages.find((one) => one.key === key);
        if (page) go(page.to);
        return page !== undefined;
      }
      if (key === "z") time.zoomTo(zoomOut(time.range, Date.now()));
      else if (key === "ArrowLeft") time.zoomTo(shift(time.range, -1));
      else if (key === "ArrowRight") time.zoomTo(shift(time.range, 1));
      else if (key === "a") time.zoomTo(time.range);
      else if (key === "l") focusFirst("[data-time-field]");
      else return false;
      return true;
    };
    const single: Record<string, () => void> = {
      "?": onHelp,
      r: time.refresh,
      R: () => setShared({ refresh: nextRefresh(refresh) }, { replace: true }),
      y: onCopyLink,
      "/": () => focusFirst("[data-query], [data-search]"),
    };
    const onKey = (event: KeyboardEvent): void => {
      if (event.defaultPrevented || event.altKey) return;
      if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k" && !event.shiftKey) {
        event.preventDefault();
        return onPalette();
      }
      if (!shortcuts || event.ctrlKey || event.metaKey || isTyping(event.target)) return;
      const leader = first.current;
      first.current = null;
      if (leader && Date.now() - leader.at < chordMs && chord(leader.key, event.key)) {
        event.preventDefault();
      } else if (event.key === "g" || event.key === "t") {
        first.current = { key: event.key, at: Date.now() };
      } else if (single[event.key]) {
        event.preventDefault();
        single[event.key]?.();
      }
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, [go, onHelp, onPalette, onCopyLink, time, shortcuts, refresh, setShared]);
}

/** The interval after `choice`, from the longest to none. */
function nextRefresh(choice: string): string {
  const at = refreshChoices.findIndex((one) => one === choice);
  return refreshChoices[(at + 1) % refreshChoices.length] ?? "off";
}

function focusFirst(selector: string): void {
  document.querySelector<HTMLElement>(selector)?.focus();
}

/** True if a key pressed on `target` is text, or answers a dialog. */
function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || target.closest("input, textarea, select, [contenteditable='true'], [role='dialog'], [role='listbox'], [role='menu']") !== null;
}
