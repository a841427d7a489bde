import { lazy, Suspense, useMemo } from "react";

import { besideState, readPeek } from "../../lib/correlate/beside";
import { useUrlState } from "../useUrlState";

// Few look beside the page, and none at first.
const PeekDrawer = lazy(async () => ({ default: (await import("./PeekDrawer")).PeekDrawer }));

/** What the URL says is open beside the page. */
export function Beside() {
  const [{ beside }, set] = useUrlState(besideState);
  const target = useMemo(() => readPeek(beside), [beside]);
  if (!target) return null;
  return (
    <Suspense fallback={null}>
      <PeekDrawer target={target} onClose={() => set({ beside: [] })} />
    </Suspense>
  );
}
