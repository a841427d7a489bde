import { useEffect, useRef } from "react";

import { usePrefs } from "./usePrefs";

/**
 * Keys of a page, from anywhere on it except while something is typed: `actionOf` says what one does, undefined for
 * nothing. Single characters can be switched off; arrows and the like always work.
 */
export function useKeys(actionOf: (event: KeyboardEvent) => (() => void) | undefined): void {
  const [{ shortcuts }] = usePrefs();
  const latest = useRef(actionOf);
  useEffect(() => {
    latest.current = actionOf;
  });
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.defaultPrevented || event.altKey || isTyping(event.target)) return;
      if (!shortcuts && event.key.length === 1 && !event.ctrlKey && !event.metaKey) return;
      const action = latest.current(event);
      if (!action) return;
      event.preventDefault();
      action();
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, [shortcuts]);
}

function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return target.closest("input, textarea, select, [contenteditable='true'], [role='dialog'], [role='listbox'], [role='menu']") !== null;
}
