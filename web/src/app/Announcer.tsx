import { useEffect, useSyncExternalStore } from "react";

import { announced, dismiss, subscribe } from "../components/announce";
import classes from "./Announcer.module.css";

const shownMs = 5000;

/** Shows, and reads to those who cannot see it, what an action has done. */
export function Announcer() {
  const what = useSyncExternalStore(subscribe, announced);
  useEffect(() => {
    if (!what) return undefined;
    const timer = setTimeout(dismiss, shownMs);
    return () => clearTimeout(timer);
  }, [what]);
  return (
    <div role="status" className={classes.place}>
      {what && (
        <div className={classes.box}>
          {what.text}
          {what.undo && (
            <button
              type="button"
              className={classes.undo}
              onClick={() => {
                what.undo?.();
                dismiss();
              }}
            >
              Undo
            </button>
          )}
        </div>
      )}
    </div>
  );
}
