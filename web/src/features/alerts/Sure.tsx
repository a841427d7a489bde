import { useState } from "react";

import classes from "./alerts.module.css";

interface SureProps {
  /** What is done: "Discard". */
  action: string;
  /** What it is done to, for those who do not see what it stands beside. */
  of: string;
  disabled?: boolean;
  onSure: () => void;
}

/** A button of what cannot be undone: it asks once more. */
export function Sure({ action, of, disabled = false, onSure }: SureProps) {
  const [sure, setSure] = useState(false);
  return (
    <button
      type="button"
      className={classes.textButton}
      data-sure={sure || undefined}
      aria-label={`${sure ? "Really " : ""}${sure ? action.toLowerCase() : action} ${of}`}
      disabled={disabled}
      onBlur={() => setSure(false)}
      onClick={() => {
        if (sure) onSure();
        setSure(!sure);
      }}
    >
      {sure ? `Really ${action.toLowerCase()}?` : action}
    </button>
  );
}
