import type { ErrorComponentProps } from "@tanstack/react-router";

import { Failure } from "../components/status";

// A chunk that is gone means that the server was updated under an open tab.
const staleChunk = /dynamically imported module|Importing a module script failed|preload CSS/i;

/** What is left of a page whose code threw: the shell survives around it. */
export function PageFailure({ error, reset }: ErrorComponentProps) {
  if (error instanceof Error && staleChunk.test(error.message)) {
    return <Failure error={new Error("Oriel was updated. Reload to get the new page.")} retry={() => location.reload()} />;
  }
  return <Failure error={error} retry={reset} what="This page" />;
}
