import { useEffect, useRef } from "react";

/** What the keys of a list do. */
export interface ListKeys {
  /** `j` and `↓` move by 1, `k` and `↑` by -1. */
  onMove(by: 1 | -1): void;
  /** `Enter`, unless a control has the focus. */
  onOpen?(): void;
  /** `Esc`. */
  onClose?(): void;
  /** Single keys of this list, by `KeyboardEvent.key`. */
  extra?: Record<string, () => void>;
}

/** Moves through a page's main list from anywhere on the page, except while something is typed. */
export function useListKeys(keys: ListKeys): void {
  const latest = useRef(keys);
  useEffect(() => {
    latest.current = keys;
  });
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
      const action = actionOf(event, latest.current);
      if (!action) return;
      event.preventDefault();
      action();
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, []);
}

function actionOf(event: KeyboardEvent, keys: ListKeys): (() => void) | undefined {
  switch (event.key) {
    case "j":
    case "ArrowDown":
      return () => keys.onMove(1);
    case "k":
    case "ArrowUp":
      return () => keys.onMove(-1);
    case "Enter":
      return onControl(event.target) ? undefined : keys.onOpen;
    case "Escape":
      return keys.onClose;
    default:
      return onControl(event.target) && event.key === " " ? undefined : keys.extra?.[event.key];
  }
}

function onControl(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.closest("button, a, [role='tab'], [role='columnheader']") !== null;
}

function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return target.closest("input, textarea, select, [contenteditable='true'], [role='dialog'], [role='listbox'], [role='menu']") !== null;
}
