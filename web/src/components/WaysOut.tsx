import { Button } from "@mantine/core";
import { useQueries } from "@tanstack/react-query";

import { group } from "../lib/units";
import classes from "./status.module.css";

/** A way on from an empty answer. */
export interface WayOut {
  title: string;
  /** Identifies what is counted. */
  key: readonly unknown[];
  /** How many there are that way; without it that is known. */
  count?: (signal: AbortSignal) => Promise<number>;
  take: () => void;
}

/** Ways on from an empty answer, each with how many there are that way; those that lead nowhere either are named last. */
export function WaysOut({ ways }: { ways: readonly WayOut[] }) {
  const counts = useQueries({
    queries: ways.map((way) => ({ queryKey: ["way out", ...way.key], queryFn: ({ signal }: { signal: AbortSignal }) => way.count?.(signal) ?? NaN, enabled: way.count !== undefined, staleTime: 30_000, retry: false })),
  });
  const counted = ways.map((way, index) => ({ ...way, n: counts[index]?.data, none: counts[index]?.data === 0 }));
  const none = counted.filter((way) => way.none);
  return (
    <div>
      <div className={classes.ways}>
        {counted.map((way) =>
          way.none ? null : (
            <Button key={way.title} variant="default" size="compact-xs" onClick={way.take}>
              {way.title}
              {way.n !== undefined && <span className={classes.count}>{group(way.n)}</span>}
            </Button>
          ),
        )}
      </div>
      {none.length > 0 && <div className={classes.nothing}>Nothing that way either: {none.map((way) => way.title.charAt(0).toLowerCase() + way.title.slice(1)).join(" · ")}</div>}
    </div>
  );
}
