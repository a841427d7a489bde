import { useNavigate } from "@tanstack/react-router";
import { useEffect, useRef } from "react";

import { useTime } from "../components/time/TimeContext";
import { shift, zoomOut } from "../lib/time";
import { sharedKeys, type RawSearch } from "../lib/urlState";
import { pages } from "./pages";

// How long a second key may come after `g` or `t`.
const chordMs = 1500;

/** The keys of the shell. They never fire while something is being typed. */
export function useShortcuts(onHelp: () => void): void {
  const navigate = useNavigate();
  const time = useTime();
  const first = useRef<{ key: string; at: number } | null>(null);

  useEffect(() => {
    const go = (to: string): void => {
      void navigate({ to, search: (before: RawSearch) => Object.fromEntries(sharedKeys.map((key) => [key, before[key]])) });
    };
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
      "/": () => focusFirst("[data-query], [data-search]"),
    };
    const onKey = (event: KeyboardEvent): void => {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
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
  }, [navigate, onHelp, time]);
}

function focusFirst(selector: string): void {
  document.querySelector<HTMLElement>(selector)?.focus();
}

/** True if a key pressed on `target` is text, or answers a dialog. */
function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || target.closest("input, textarea, select, [contenteditable='true'], [role='dialog'], [role='listbox']") !== null;
}
