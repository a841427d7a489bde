import { Button } from "@mantine/core";
import { useIdle } from "@mantine/hooks";
import { useEffect } from "react";

import { useUrlState } from "../../../components/useUrlState";
import { dashboardState } from "../state";
import classes from "./kiosk.module.css";

// How long after the last move of the mouse a screen on the wall shows the dashboard alone again.
const idleMs = 3000;

/** What one can do on a full screen. It comes with the mouse and goes, pointer and all, when that rests. */
export function KioskBar() {
  const [{ kiosk }, set] = useUrlState(dashboardState);
  const idle = useIdle(idleMs, { initialState: true });
  useEffect(() => {
    document.documentElement.style.cursor = idle ? "none" : "";
    return () => {
      document.documentElement.style.cursor = "";
    };
  }, [idle]);
  const full = kiosk === "full";
  return (
    <div className={classes.bar} data-idle={idle || undefined} role="toolbar" aria-label="Full screen">
      <Button variant="default" size="compact-sm" onClick={() => set({ kiosk: full ? "1" : "full" })}>
        {full ? "Show variables" : "Hide variables"}
      </Button>
      <Button variant="default" size="compact-sm" onClick={() => set({ kiosk: "off" })}>
        Leave full screen
      </Button>
    </div>
  );
}
