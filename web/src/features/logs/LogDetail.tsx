import { ActionIcon, CopyButton, Tabs } from "@mantine/core";
import IconChevronDown from "@tabler/icons-react/dist/esm/icons/IconChevronDown.mjs";
import IconChevronUp from "@tabler/icons-react/dist/esm/icons/IconChevronUp.mjs";
import IconCopy from "@tabler/icons-react/dist/esm/icons/IconCopy.mjs";
import IconLink from "@tabler/icons-react/dist/esm/icons/IconLink.mjs";
import IconMinus from "@tabler/icons-react/dist/esm/icons/IconMinus.mjs";
import IconPlus from "@tabler/icons-react/dist/esm/icons/IconPlus.mjs";
import IconX from "@tabler/icons-react/dist/esm/icons/IconX.mjs";
import { Link } from "@tanstack/react-router";
import IconTableColumn from "@tabler/icons-react/dist/esm/icons/IconTableColumn.mjs";
import { useMemo, useState, type ReactNode } from "react";

import { CorrelateMenu } from "../../components/correlate/CorrelateMenu";
import { KeyValue, type Pair } from "../../components/KeyValue";
import { LogText } from "../../components/logs/LogText";
import { StateBadge, type Tone } from "../../components/StateBadge";
import { useTime } from "../../components/time/TimeContext";
import { useDrawerWidth } from "../../components/useDrawerWidth";
import { TraceSummary } from "../../components/trace/TraceDrawer";
import type { Level } from "../../lib/colour";
import { patternOf, traceIdIn } from "../../lib/correlate/targets";
import { logsPlace, tracePlace } from "../../lib/links";
import { longestText, readTextFields } from "../../lib/logFields";
import { filterOn } from "../../lib/logFilter";
import { levelOf, traceOf, type Fields, type LogLine } from "../../lib/logLines";
import { linesOfTrace, type Filter, type QueryShape } from "../../lib/logqlEdit";
import { formatNano, nanoToMs } from "../../lib/timeFormat";
import type { TimeRange } from "../../lib/time";
import { stripAnsi } from "../../lib/ansi";
import { JsonTree } from "./JsonTree";
import { LogContext } from "./LogContext";
import classes from "./LogDetail.module.css";

const tones: Record<Level, Tone> = { trace: "muted", debug: "muted", info: "info", warn: "warn", error: "error", fatal: "critical", unknown: "muted" };

interface LogDetailProps {
  line: LogLine;
  terms: readonly RegExp[];
  /** What the query made instead of reading it. */
  derived: QueryShape["derived"];
  /** Begin with the lines around it. */
  context: boolean;
  onContext(on: boolean): void;
  columns: readonly string[];
  onColumn(name: string): void;
  onFilter(filter: Filter): void;
  onStep(by: 1 | -1): void;
  onClose(): void;
}

/** All there is to know of one line, beside the list, which stays usable. */
export function LogDetail({ line, terms, derived, context, onContext, columns, onColumn, onFilter, onStep, onClose }: LogDetailProps) {
  const { zone, range } = useTime();
  const { width, edge } = useDrawerWidth();
  const [own, setOwn] = useState<string | null>("fields");
  const tab = context ? "context" : own;
  const setTab = (next: string | null): void => {
    if ((next === "context") !== context) onContext(next === "context");
    if (next !== "context") setOwn(next);
  };
  const text = useMemo(() => readTextFields(line.line), [line]);
  const named = traceOf(line, text.fields);
  const found = named ? undefined : traceIdIn(line.line);
  const trace = useMemo(() => named ?? (found ? { traceId: found } : undefined), [named?.traceId, named?.spanId, found]); // oxlint-disable-line react/exhaustive-deps
  const level = levelOf(line);
  const json = text.format === "json";
  const shownTab = (tab === "json" && !json) || (tab === "trace" && !trace) ? "fields" : tab;
  const extra = Object.fromEntries(
    Object.entries(text.fields).filter(([name]) => ![line.labels, line.metadata, line.parsed].some((known) => Object.hasOwn(known, name))),
  );

  const pairs = (fields: Fields, filter: Pick<Filter, "origin" | "parser">): Pair[] =>
    Object.keys(fields)
      .toSorted()
      .map((name) => ({
        key: name,
        value: (
          <>
            {fieldValue(fields[name] ?? "", trace)}
            {derived.labels.includes(name) && (
              <span className={classes.derived} title="Made by the query's label_format">
                derived
              </span>
            )}
          </>
        ),
        actions: <FieldActions name={name} value={fields[name] ?? ""} column={columns.includes(name)} onColumn={() => onColumn(name)} onFilter={(op) => onFilter({ ...filter, name, value: fields[name] ?? "", op })} />,
      }));

  return (
    <div className={classes.side} style={{ width }}>
      {edge}
      <aside className={classes.drawer} aria-label="Line detail">
        <header className={classes.head}>
          <StateBadge tone={tones[level]}>{level}</StateBadge>
          <time className={classes.time}>{formatNano(line.ts, zone)}</time>
          <ActionIcon aria-label="Previous line ([)" onClick={() => onStep(-1)}>
            <IconChevronUp size={16} />
          </ActionIcon>
          <ActionIcon aria-label="Next line (])" onClick={() => onStep(1)}>
            <IconChevronDown size={16} />
          </ActionIcon>
          <Copy value={stripAnsi(line.line)} label="Copy the line" />
          <ActionIcon aria-label="Close (Esc)" onClick={onClose}>
            <IconX size={16} />
          </ActionIcon>
        </header>
        <div className={classes.links}>
          {trace && (
            <>
              <Link {...tracePlace(trace.traceId, trace.spanId)}>Open trace</Link>
              <Link {...logsPlace(linesOfTrace(trace.traceId))}>All lines of this trace</Link>
            </>
          )}
          <Copy value={linkTo(line, range)} label="Copy a link to the line and what is around it" icon={<IconLink size={16} />} />
          <CorrelateMenu
            label="More about this line"
            subject={() => ({ kind: "line", labels: { ...line.metadata, ...line.labels }, time: nanoToMs(line.ts), traceId: trace?.traceId, spanId: trace?.spanId, pattern: patternOf(stripAnsi(line.line)) })}
          />
        </div>
        {derived.line && <p className={classes.note}>Derived: the query&apos;s line_format made this text.</p>}
        <pre className={classes.line}>
          <LogText text={line.line} terms={terms} />
        </pre>
        {line.line.length > longestText && <p className={classes.note}>This line is longer than 1 MB: it is not taken apart into fields. Copy it to read it elsewhere.</p>}
        <Tabs value={shownTab} onChange={setTab} keepMounted={false} className={classes.tabs}>
          <Tabs.List>
            <Tabs.Tab value="fields">Fields</Tabs.Tab>
            {json && <Tabs.Tab value="json">JSON</Tabs.Tab>}
            <Tabs.Tab value="context">Context</Tabs.Tab>
            {trace && <Tabs.Tab value="trace">Trace</Tabs.Tab>}
          </Tabs.List>
          <Tabs.Panel value="fields">
            <Group title="Labels" pairs={pairs(line.labels, { origin: "label" })} />
            <Group title="Structured metadata" pairs={pairs(line.metadata, { origin: "metadata" })} />
            <Group title="Parsed by the query" pairs={pairs(line.parsed, { origin: "parsed" })} />
            {text.format !== "none" && (
              <Group title={`Found in the text (${text.format})`} pairs={pairs(extra, { origin: "parsed", parser: text.format })} />
            )}
          </Tabs.Panel>
          <Tabs.Panel value="json">
            <JsonTree value={text.document} actions={{ columns, onColumn, onFilter: (name, value, op) => onFilter(filterOn(line, name, value, op)) }} />
          </Tabs.Panel>
          <Tabs.Panel value="context">
            <LogContext line={line} />
          </Tabs.Panel>
          <Tabs.Panel value="trace">{trace && <TraceSummary traceId={trace.traceId} />}</Tabs.Panel>
        </Tabs>
      </aside>
    </div>
  );
}

function Group({ title, pairs }: { title: string; pairs: Pair[] }) {
  if (pairs.length === 0) return null;
  return (
    <section>
      <h3 className={classes.group}>{title}</h3>
      <KeyValue pairs={pairs} />
    </section>
  );
}

function fieldValue(value: string, trace: { traceId: string; spanId?: string } | undefined): ReactNode {
  if (trace && value.toLowerCase() === trace.traceId) return <Link {...tracePlace(trace.traceId, trace.spanId)}>{value}</Link>;
  return value === "" ? <em>(empty)</em> : value;
}

interface FieldActionsProps {
  name: string;
  value: string;
  column: boolean;
  onColumn(): void;
  onFilter(op: Filter["op"]): void;
}

function FieldActions({ name, value, column, onColumn, onFilter }: FieldActionsProps) {
  return (
    <>
      <ActionIcon size="xs" aria-label={`Only ${name} = ${value}`} title="Only these (+)" data-filter="in" onClick={() => onFilter("=")}>
        <IconPlus size={12} />
      </ActionIcon>
      <ActionIcon size="xs" aria-label={`Without ${name} = ${value}`} title="Without these (-)" data-filter="out" onClick={() => onFilter("!=")}>
        <IconMinus size={12} />
      </ActionIcon>
      <ActionIcon size="xs" aria-label={`${name} as a column`} title="As a column" aria-pressed={column} onClick={onColumn}>
        <IconTableColumn size={12} />
      </ActionIcon>
      <Copy value={value} label={`Copy ${name}`} size={12} />
    </>
  );
}

/** The page's address with this line open, the lines around it, and a range that holds it whenever it is opened. */
function linkTo(line: LogLine, range: TimeRange): string {
  const target = new URL(location.href);
  target.searchParams.set("row", line.id);
  target.searchParams.set("ctx", "1");
  target.searchParams.set("from", String(range.from));
  target.searchParams.set("to", String(range.to));
  target.searchParams.delete("live");
  return target.href;
}

function Copy({ value, label, size = 16, icon }: { value: string; label: string; size?: number; icon?: ReactNode }) {
  return (
    <CopyButton value={value}>
      {({ copied, copy }) => (
        <ActionIcon size={size < 16 ? "xs" : "md"} aria-label={label} title={copied ? "Copied" : label} onClick={copy} color={copied ? "accent" : "gray"}>
          {icon ?? <IconCopy size={size} />}
        </ActionIcon>
      )}
    </CopyButton>
  );
}
