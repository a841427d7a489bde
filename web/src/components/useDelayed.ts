import { useEffect, useState } from "react";

/** False for the first `ms` milliseconds of a component's life, then true. */
export function useDelayed(ms: number): boolean {
  const [over, setOver] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setOver(true), ms);
    return () => clearTimeout(timer);
  }, [ms]);
  return over;
}
