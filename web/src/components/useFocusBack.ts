import { useEffect, useState } from "react";

/**
 * For a dialog that is mounted only while it is open: what had the focus before has it again when it is gone, unless something
 * else has taken it. (Mantine's own way back is for dialogs that stay mounted.)
 */
export function useFocusBack(): void {
  const [before] = useState(() => document.activeElement);
  useEffect(
    () => () => {
      // The dialog's own elements leave the document after this.
      setTimeout(() => {
        if (document.activeElement === document.body && before instanceof HTMLElement && before.isConnected) before.focus({ preventScroll: true });
      });
    },
    [before],
  );
}
