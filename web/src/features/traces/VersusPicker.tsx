import { Button, Popover, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { searchTraces } from "../../api/tempo";
import { Failure, Loading } from "../../components/status";
import { useTime } from "../../components/time/TimeContext";
import { formatTime, nanoToMs } from "../../lib/timeFormat";
import { writeConditions } from "../../lib/traceqlEdit";
import { errorCount, type TraceRow } from "../../lib/traceRows";
import type { SpanNode } from "../../lib/traceTree";
import { formatValue } from "../../lib/units";
import classes from "./Versus.module.css";

// Of these the fastest and the slowest are on offer.
const looked = 200;
const offered = 4;

interface VersusPickerProps {
  /** Id of the trace to compare. */
  id: string;
  root: SpanNode | undefined;
  onPick(id: string): void;
}

/** Chooses a trace to compare with: one whose id is known, or a fast or slow one of the same request. */
export function VersusPicker({ id, root, onPick }: VersusPickerProps) {
  const [opened, setOpened] = useState(false);
  const [text, setText] = useState("");
  const wanted = text.trim().toLowerCase();
  const valid = /^[0-9a-f]{1,32}$/.test(wanted);
  const pick = (other: string) => {
    setOpened(false);
    onPick(other.padStart(32, "0"));
  };
  return (
    <Popover opened={opened} onChange={setOpened} position="bottom-start" shadow="md" width={460} trapFocus withinPortal>
      <Popover.Target>
        <Button size="compact-xs" variant="default" aria-haspopup="dialog" onClick={() => setOpened(!opened)}>
          Compare with…
        </Button>
      </Popover.Target>
      <Popover.Dropdown>
        <TextInput
          size="xs"
          label="Id of another trace"
          placeholder="32 hex digits"
          data-autofocus
          value={text}
          error={wanted !== "" && !valid ? "An id is up to 32 hex digits" : undefined}
          onChange={(event) => setText(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key === "Enter" && valid) pick(wanted);
          }}
        />
        {opened && root && <Alike id={id} root={root} onPick={pick} />}
      </Popover.Dropdown>
    </Popover>
  );
}

function Alike({ id, root, onPick }: { id: string; root: SpanNode; onPick(id: string): void }) {
  const { range, zone } = useTime();
  const query = writeConditions([
    { field: "resource.service.name", op: "=", value: root.span.service, quoted: true },
    { field: "name", op: "=", value: root.span.name, quoted: true },
    ...(root.span.parentId === "" ? [{ field: "nestedSetParent", op: "<" as const, value: "0", quoted: false }] : []),
  ]);
  const found = useQuery({
    queryKey: ["traces", "alike", query, range],
    queryFn: ({ signal }) => searchTraces({ query, start: Math.floor(range.from / 1000), end: Math.ceil(range.to / 1000) }, looked, signal),
  });
  if (found.isPending) return <Loading height={120} what="similar traces" />;
  if (found.isError) return <Failure error={found.error} retry={found.refetch} what="Finding similar traces" />;
  const others = found.data.filter((trace) => trace.traceId !== id).toSorted((a, b) => a.durationMs - b.durationMs);
  if (others.length === 0) return <p className={classes.hint}>No other trace of this request in the page's time range.</p>;
  const fast = others.slice(0, offered);
  const slow = others.slice(offered).slice(-offered).toReversed();
  const list = (title: string, traces: readonly TraceRow[]) =>
    traces.length > 0 && (
      <>
        <h3 className={classes.heading}>{title}</h3>
        <ul className={classes.alike}>
          {traces.map((trace) => (
            <li key={trace.traceId}>
              <button type="button" className={classes.other} onClick={() => onPick(trace.traceId)}>
                <strong>{formatValue(trace.durationMs, "ms")}</strong> {formatTime(nanoToMs(trace.start), zone)}
                {errorCount(trace) > 0 && <span className={classes.failed}> ● {errorCount(trace)} failed</span>}
              </button>
            </li>
          ))}
        </ul>
      </>
    );
  return (
    <>
      {list("Fastest of this request", fast)}
      {list("Slowest of this request", slow)}
    </>
  );
}
