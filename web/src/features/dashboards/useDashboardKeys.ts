import { useEffect, useRef } from "react";

import { usePrefs } from "../../components/usePrefs";
import { useUrlState } from "../../components/useUrlState";
import { dashboardState, type DashboardState } from "./state";

// How long a second key may come after `d`.
const chordMs = 1500;

/** What keys do that is not in the URL. */
export interface DashboardKeys {
  onShare: () => void;
  /** Opens all rows, or folds them where all are open. */
  onRows: () => void;
}

/** The keys of a dashboard: `v`, `e` and `i` on the panel with the focus or under the pointer, `s` share, `f` and `d k` full screen, `d e` all rows, Esc back. */
export function useDashboardKeys({ onShare, onRows }: DashboardKeys): void {
  const [state, set] = useUrlState(dashboardState);
  const [{ shortcuts }] = usePrefs();
  const first = useRef<{ key: string; at: number } | null>(null);
  useEffect(() => {
    const act = (leader: string, key: string): (() => void) | undefined => {
      const fullScreen = (): void => set({ kiosk: state.kiosk === "off" ? "1" : "off" });
      if (leader === "d") return key === "k" ? fullScreen : key === "e" ? onRows : undefined;
      const panel = panelAt();
      switch (key) {
        case "v":
          return state.viewPanel !== "" ? () => set({ viewPanel: "" }) : panel ? () => set({ viewPanel: panel }) : undefined;
        case "f":
          return fullScreen;
        case "e":
          return panel ? () => set({ editPanel: panel, edit: true }) : () => set({ edit: true });
        case "Enter":
          return panel && document.activeElement?.getAttribute("role") === "img" ? () => set({ inspect: panel, inspectTab: "data" }) : undefined;
        case "i":
          return panel ? () => set({ inspect: panel }) : undefined;
        case "s":
          return onShare;
        default:
          return undefined;
      }
    };
    const onKey = (event: KeyboardEvent): void => {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
      const leader = first.current && Date.now() - first.current.at < chordMs ? first.current.key : "";
      first.current = null;
      // After these two the shell goes on.
      if (leader === "g" || leader === "t" || (!shortcuts && event.key !== "Escape")) return;
      if (leader === "" && (event.key === "d" || event.key === "g" || event.key === "t")) {
        first.current = { key: event.key, at: Date.now() };
        return;
      }
      const back = event.key === "Escape" ? oneBack(state) : undefined;
      const action = back ? () => set(back) : act(leader, event.key);
      if (!action) return;
      event.preventDefault();
      action();
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, [state, set, shortcuts, onShare, onRows]);
}

/** What Esc closes: the last thing opened. */
function oneBack(state: DashboardState): Partial<DashboardState> | undefined {
  if (state.editPanel !== "") return { editPanel: "" };
  if (state.inspect !== "") return { inspect: "" };
  if (state.viewPanel !== "") return { viewPanel: "" };
  return state.kiosk === "off" ? undefined : { kiosk: "off" };
}

/** The id of the panel that has the focus, else of the one under the pointer. */
function panelAt(): string | undefined {
  const focused = document.activeElement?.closest<HTMLElement>("[data-panel]");
  return (focused ?? document.querySelector<HTMLElement>("[data-panel]:hover"))?.dataset.panel;
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || target.closest("input, textarea, select, [role='dialog'], [role='listbox'], [role='menu']") !== null);
}
