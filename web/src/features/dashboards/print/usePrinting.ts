import { useMantineColorScheme } from "@mantine/core";
import { useEffect, useEffectEvent, useState } from "react";

import { requests } from "../../../api/queue";

// How often it is looked whether all is drawn, and how often in a row nothing may be missing.
const lookMs = 150;
const quietLooks = 4;

/**
 * Prints the page as paper wants it: everything that is not folded is asked for and drawn first, in the light theme.
 * `printing` is true from then until the browser is done with it.
 */
export function usePrinting(): { printing: boolean; print: () => void } {
  const [printing, setPrinting] = useState(false);
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const scheme = useEffectEvent(() => colorScheme);
  // The setter is another one whenever the scheme is.
  const paint = useEffectEvent((next: typeof colorScheme) => setColorScheme(next));
  useEffect(() => {
    if (!printing) return undefined;
    const before = scheme();
    paint("light");
    let quiet = 0;
    const timer = setInterval(() => {
      const { running, waiting } = requests.size;
      const busy = running + waiting > 0 || document.querySelector("#main [role=status]") !== null;
      quiet = busy ? 0 : quiet + 1;
      if (quiet < quietLooks) return;
      clearInterval(timer);
      window.print();
    }, lookMs);
    const done = (): void => setPrinting(false);
    addEventListener("afterprint", done);
    return () => {
      clearInterval(timer);
      removeEventListener("afterprint", done);
      paint(before);
    };
  }, [printing]);
  return { printing, print: () => setPrinting(true) };
}
