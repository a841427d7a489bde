import { Button, Loader, Text } from "@mantine/core";
import type { QueryKey } from "@tanstack/react-query";
import { useContext, type ReactNode } from "react";

import { useDelayed } from "./useDelayed";
import { AskedContext, Waiting } from "./Waiting";
import classes from "./status.module.css";

/**
 * A view waiting for its first data, in the size the data will have. Nothing shows for the first 150 ms, so a quick
 * answer does not flash. `height` is in pixels. A long wait for what was `asked`, or the box around asks, can be given up.
 */
export function Loading({ height = 160, what = "data", asked }: { height?: number; what?: string; asked?: readonly QueryKey[] }) {
  const visible = useDelayed(150);
  const around = useContext(AskedContext);
  const keys = asked ?? around;
  const dots = (
    <div role="status" aria-label={`Loading ${what}`}>
      {visible && <Loader size="sm" type="dots" />}
    </div>
  );
  return (
    <div className={classes.box} style={{ minHeight: height }}>
      {keys.length === 0 ? dots : <Waiting asked={keys}>{dots}</Waiting>}
    </div>
  );
}

/** A view without data: what was asked (`title`), and in `hint` the next step to take. */
export function Empty({ title = "Nothing here", hint, height = 160 }: { title?: string; hint?: ReactNode; height?: number }) {
  return (
    <div className={classes.box} style={{ minHeight: height }} data-nothing="">
      <Text fw={500}>{title}</Text>
      {hint && (
        <Text c="dimmed" size="sm" component="div" className={classes.hint}>
          {hint}
        </Text>
      )}
    </div>
  );
}

/** A view that failed: the cause in the server's words, and a way to try again. */
export function Failure({ error, retry, what }: { error: unknown; retry?: () => unknown; what?: string }) {
  const message = error instanceof Error ? error.message : String(error);
  return (
    <div role="alert" className={classes.failure}>
      {what && <div className={classes.what}>{what} failed</div>}
      <div className={classes.message}>{message}</div>
      {retry && (
        <Button size="compact-xs" variant="default" className={classes.retry} onClick={() => void retry()}>
          Try again
        </Button>
      )}
    </div>
  );
}
