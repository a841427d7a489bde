import type { ErrorComponentProps } from "@tanstack/react-router";

import { Broken } from "../components/Boundary";

/** What is left of a page whose code threw: the shell survives around it. */
export function PageFailure({ error, info, reset }: ErrorComponentProps) {
  return <Broken error={error instanceof Error ? error : new Error(String(error))} where={info?.componentStack ?? ""} what="This page" retry={reset} />;
}
