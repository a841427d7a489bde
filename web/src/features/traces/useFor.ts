import { useEffect, useState } from "react";

/** True for `ms` milliseconds from when `what` was first met, and from then on false until it is something else. */
export function useFor(ms: number, what: unknown): boolean {
  const [over, setOver] = useState<{ what: unknown }>();
  useEffect(() => {
    const timer = setTimeout(() => setOver({ what }), ms);
    return () => clearTimeout(timer);
  }, [ms, what]);
  return !(over && Object.is(over.what, what));
}
