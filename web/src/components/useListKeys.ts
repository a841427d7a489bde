import { announce } from "./announce";
import { copyText } from "./clipboard";
import { useKeys } from "./useKeys";

/** What the keys of a list do. */
export interface ListKeys {
  /** `j` and `↓` move by 1, `k` and `↑` by -1. */
  onMove(by: 1 | -1): void;
  /** `Enter`, unless a control has the focus. */
  onOpen?(): void;
  /** `Esc`. */
  onClose?(): void;
  /** `Ctrl C` or `⌘ C` while no text is selected: what is copied of the active row, and how that is called. */
  onCopy?(): { text: string; what: string } | undefined;
  /** Single keys of this list, by `KeyboardEvent.key`. */
  extra?: Record<string, () => void>;
}

/** Moves through a page's main list from anywhere on the page, except while something is typed. */
export function useListKeys(keys: ListKeys): void {
  useKeys((event) => {
    if (event.ctrlKey || event.metaKey) return event.key === "c" && !event.shiftKey ? copyOf(keys) : undefined;
    return actionOf(event, keys);
  });
}

function copyOf(keys: ListKeys): (() => void) | undefined {
  const row = document.getSelection()?.isCollapsed === false ? undefined : keys.onCopy?.();
  return row && (() => void copyText(row.text).then(() => announce(`${row.what} copied.`)));
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
