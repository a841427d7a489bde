import { useEffect } from "react";

import { useUrlState } from "../../components/useUrlState";
import { dashboardState } from "./state";

// How long a second key may come after `d`.
const chordMs = 1500;

/** The keys of a dashboard: `v` and `e` on the panel with the focus or under the pointer, `d k` full screen, Esc back. */
export function useDashboardKeys(): void {
  const [state, set] = useUrlState(dashboardState);
  useEffect(() => {
    let leader = 0;
    const onKey = (event: KeyboardEvent): void => {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
      const chord = Date.now() - leader < chordMs;
      leader = 0;
      const panel = panelAt();
      const act = (): (() => void) | undefined => {
        if (chord && event.key === "k") return () => set({ kiosk: state.kiosk === "off" ? "1" : "off" });
        switch (event.key) {
          case "v":
            return state.viewPanel !== "" ? () => set({ viewPanel: "" }) : panel ? () => set({ viewPanel: panel }) : undefined;
          case "f":
            return () => set({ kiosk: state.kiosk === "off" ? "1" : "off" });
          case "e":
            return panel ? () => set({ editPanel: panel, edit: true }) : () => set({ edit: true });
          case "i":
            return panel ? () => set({ inspect: panel }) : undefined;
          case "Escape":
            if (state.editPanel !== "") return () => set({ editPanel: "" });
            if (state.inspect !== "") return () => set({ inspect: "" });
            if (state.viewPanel !== "") return () => set({ viewPanel: "" });
            return state.kiosk === "off" ? undefined : () => set({ kiosk: "off" });
          default:
            return undefined;
        }
      };
      if (event.key === "d") {
        leader = Date.now();
        return;
      }
      const action = act();
      if (!action) return;
      event.preventDefault();
      action();
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, [state, set]);
}

/** The id of the panel that has the focus, else of the one under the pointer. */
function panelAt(): string | undefined {
  const focused = document.activeElement?.closest<HTMLElement>("[data-panel]");
  return (focused ?? document.querySelector<HTMLElement>("[data-panel]:hover"))?.dataset.panel;
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || target.closest("input, textarea, select, [role='dialog'], [role='listbox'], [role='menu']") !== null);
}
