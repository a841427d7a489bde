import { Button } from "@mantine/core";
import { Component, type ErrorInfo, type ReactNode } from "react";

import { boot } from "../lib/boot";
import { announce } from "./announce";
import { copyText } from "./clipboard";
import { Failure } from "./status";
import classes from "./status.module.css";

// A chunk that is gone means that the server was updated under an open tab.
const staleChunk = /dynamically imported module|Importing a module script failed|preload CSS/i;

interface BoundaryProps {
  /** What is drawn, as a person would call it. */
  what: string;
  children: ReactNode;
}

/** Keeps what is within, whose code threw, from taking along what is around. */
export class Boundary extends Component<BoundaryProps, { error: Error | null; where: string }> {
  override state: { error: Error | null; where: string } = { error: null, where: "" };

  static getDerivedStateFromError(error: unknown): { error: Error } {
    return { error: error instanceof Error ? error : new Error(String(error)) };
  }

  override componentDidCatch(_: unknown, { componentStack }: ErrorInfo): void {
    this.setState({ where: componentStack ?? "" });
  }

  override render(): ReactNode {
    const { error, where } = this.state;
    if (!error) return this.props.children;
    return <Broken error={error} where={where} what={`Drawing ${this.props.what}`} retry={() => this.setState({ error: null, where: "" })} />;
  }
}

/** What is left of a part of the page whose code threw, with what its makers want to know. */
export function Broken({ error, where = "", what, retry }: { error: Error; where?: string; what: string; retry: () => void }) {
  if (staleChunk.test(error.message)) {
    return <Failure error={new Error("Oriel was updated. Reload to get the new page.")} retry={() => location.reload()} />;
  }
  const detail = [`Oriel ${boot.version}`, location.href, navigator.userAgent, error.stack ?? `${error.name}: ${error.message}`, where.trim()].filter((part) => part !== "").join("\n\n");
  return (
    <div>
      <Failure error={error} retry={retry} what={what} />
      <Button size="compact-xs" variant="subtle" className={classes.retry} onClick={() => void copyText(detail).then(() => announce("Detail copied, for a report of the fault."))}>
        Copy the detail
      </Button>
    </div>
  );
}
