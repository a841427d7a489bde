import { Button } from "@mantine/core";
import { Link } from "@tanstack/react-router";

import { Empty } from "../../components/status";
import { logsPlace, tracesPlace } from "../../lib/links";
import { linesNaming } from "../../lib/logqlEdit";

interface NoTraceProps {
  id: string;
  /** It is still being asked for. */
  looking: boolean;
  onLook(): void;
}

/** Stands where a trace would be: why it may be missing, and who else may know of it. */
export function NoTrace({ id, looking, onLook }: NoTraceProps) {
  return (
    <Empty
      title={`No trace ${id}`}
      height={320}
      hint={
        <>
          <p>It was not sampled, has not arrived yet, or is older than what is kept. Its services may have logged what it did all the same.</p>
          <p>
            <Link {...logsPlace(linesNaming(id))}>Log lines with this id</Link> · <Link {...tracesPlace("{}")}>Other traces</Link>
          </p>
          {looking ? (
            <p role="status">Looking for it again…</p>
          ) : (
            <Button size="compact-xs" variant="default" onClick={onLook}>
              Look again
            </Button>
          )}
        </>
      }
    />
  );
}
