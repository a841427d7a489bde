import { Button, Text } from "@mantine/core";
import type { QueryKey } from "@tanstack/react-query";
import { useContext, type ReactNode } from "react";

import { ApiError } from "../api/client";
import { noteRefusal } from "../api/session";
import { boot } from "../lib/boot";
import { reachedLimit } from "../lib/limit";
import { neededRole } from "../lib/role";
import { useNoteLoading } from "./loading";
import { Skeleton, type Shape } from "./Skeleton";
import { useDelayed } from "./useDelayed";
import { AskedContext, useWait, Waiting } from "./Waiting";
import classes from "./status.module.css";

interface LoadingProps {
  /** In pixels. */
  height?: number;
  what?: string;
  /** What the data will look like. */
  as?: Shape;
  asked?: readonly QueryKey[];
}

/**
 * A view waiting for its first data: the outline of it, in the size the data will have. Nothing shows for the first
 * 150 ms, so a quick answer does not flash. A long wait for what was `asked`, or the box around asks, can be given up;
 * where an attempt failed and another is on its way, that is told instead.
 */
export function Loading({ height = 160, what = "data", as = "rows", asked }: LoadingProps) {
  const around = useContext(AskedContext);
  const keys = asked ?? around;
  return keys.length === 0 ? <Outline height={height} what={what} as={as} keys={keys} /> : <Attempts height={height} what={what} as={as} keys={keys} />;
}

type OutlineProps = Required<Omit<LoadingProps, "asked">> & { keys: readonly QueryKey[] };

function Attempts(props: OutlineProps) {
  const { failing, givenUp, again } = useWait(props.keys);
  if (!failing || givenUp) return <Outline {...props} />;
  return (
    <div className={classes.failing} style={{ minHeight: props.height }}>
      <Failure error={failing} again={again} />
    </div>
  );
}

function Outline({ height, what, as, keys }: OutlineProps) {
  const visible = useDelayed(150);
  useNoteLoading(visible);
  const outline = (
    // Whoever cannot see it is told by the shell, once for all boxes.
    <div role="status" aria-live="off" aria-busy="true" aria-label={`Loading ${what}`} className={classes.outline}>
      {visible && <Skeleton shape={as} />}
    </div>
  );
  return (
    <div className={classes.waiting} style={{ height }}>
      {keys.length === 0 ? outline : <Waiting asked={keys}>{outline}</Waiting>}
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

interface FailureProps {
  error: unknown;
  retry?: () => unknown;
  /** It is tried again by itself; this does so at once. */
  again?: () => unknown;
  what?: string;
}

/** A view that failed: the cause in the server's words, what can be done about it, and a way to try again. */
export function Failure({ error, retry, again, what }: FailureProps) {
  const message = error instanceof Error ? error.message : String(error);
  const status = error instanceof ApiError ? error.status : undefined;
  const limit = reachedLimit(status, message);
  const role = status === 403 ? neededRole(message) : "";
  return (
    <div role="alert" className={classes.failure}>
      {(what !== undefined || limit || role) && <div className={classes.what}>{limit ? limit.title : role ? `Needs the role ${role}` : `${what} failed`}</div>}
      <div className={classes.message}>{message}</div>
      {limit && (
        <div className={classes.advice}>
          {limit.advice} {limit.setting !== "" && <Raise setting={limit.setting} />}
        </div>
      )}
      {again && (
        <div className={classes.advice}>
          Trying again by itself.{" "}
          <Button size="compact-xs" variant="default" onClick={() => void again()}>
            Try now
          </Button>
        </div>
      )}
      {status === 401 && (
        <Button size="compact-xs" variant="default" className={classes.retry} onClick={() => noteRefusal(401, message)}>
          Sign in
        </Button>
      )}
      {retry && (
        <Button size="compact-xs" variant="default" className={classes.retry} onClick={() => void retry()}>
          Try again
        </Button>
      )}
    </div>
  );
}

/** Who can raise a limit, and where whoever may sees what it is. */
function Raise({ setting }: { setting: string }) {
  if (boot.auth && !boot.roles.includes("admin")) {
    return (
      <>
        An administrator can raise <code>{setting}</code>.
      </>
    );
  }
  return (
    <a href={`${boot.prefix}/data?tab=status`}>
      See <code>{setting}</code> in the configuration
    </a>
  );
}
