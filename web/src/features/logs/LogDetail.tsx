import { ActionIcon, CopyButton, Tabs } from "@mantine/core";
import IconChevronDown from "@tabler/icons-react/dist/esm/icons/IconChevronDown.mjs";
import IconChevronUp from "@tabler/icons-react/dist/esm/icons/IconChevronUp.mjs";
import IconCopy from "@tabler/icons-react/dist/esm/icons/IconCopy.mjs";
import IconMinus from "@tabler/icons-react/dist/esm/icons/IconMinus.mjs";
import IconPlus from "@tabler/icons-react/dist/esm/icons/IconPlus.mjs";
import IconX from "@tabler/icons-react/dist/esm/icons/IconX.mjs";
import { Link } from "@tanstack/react-router";
import { useMemo, useState, type ReactNode } from "react";

import { KeyValue, type Pair } from "../../components/KeyValue";
import { StateBadge, type Tone } from "../../components/StateBadge";
import { useTime } from "../../components/time/TimeContext";
import type { Level } from "../../lib/colour";
import { logsPlace, tracePlace } from "../../lib/links";
import { readTextFields } from "../../lib/logFields";
import { levelOf, traceOf, type Fields, type LogLine } from "../../lib/logLines";
import { linesOfTrace, type Filter } from "../../lib/logqlEdit";
import { formatNano } from "../../lib/timeFormat";
import { stripAnsi } from "../../lib/ansi";
import { JsonTree } from "./JsonTree";
import { LogContext } from "./LogContext";
import { LogText } from "./LogText";
import classes from "./LogDetail.module.css";

const tones: Record<Level, Tone> = { trace: "muted", debug: "muted", info: "info", warn: "warn", error: "error", fatal: "critical", unknown: "muted" };

interface LogDetailProps {
  line: LogLine;
  terms: readonly RegExp[];
  onFilter(filter: Filter): void;
  onStep(by: 1 | -1): void;
  onClose(): void;
}

/** All there is to know of one line, beside the list, which stays usable. */
export function LogDetail({ line, terms, onFilter, onStep, onClose }: LogDetailProps) {
  const { zone } = useTime();
  const [tab, setTab] = useState<string | null>("fields");
  const text = useMemo(() => readTextFields(line.line), [line]);
  const trace = traceOf(line, text.fields);
  const level = levelOf(line);
  const json = text.format === "json";
  const shownTab = tab === "json" && !json ? "fields" : tab;
  const extra = Object.fromEntries(
    Object.entries(text.fields).filter(([name]) => !(name in line.labels || name in line.metadata || name in line.parsed)),
  );

  const pairs = (fields: Fields, filter: Pick<Filter, "origin" | "parser">): Pair[] =>
    Object.keys(fields)
      .toSorted()
      .map((name) => ({
        key: name,
        value: fieldValue(fields[name] ?? "", trace),
        actions: <FieldActions name={name} value={fields[name] ?? ""} onFilter={(op) => onFilter({ ...filter, name, value: fields[name] ?? "", op })} />,
      }));

  return (
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
      {trace && (
        <p className={classes.links}>
          <Link {...tracePlace(trace.traceId, trace.spanId)}>Open trace</Link>
          <Link {...logsPlace(linesOfTrace(trace.traceId))}>All lines of this trace</Link>
        </p>
      )}
      <pre className={classes.line}>
        <LogText text={line.line} terms={terms} />
      </pre>
      <Tabs value={shownTab} onChange={setTab} keepMounted={false} className={classes.tabs}>
        <Tabs.List>
          <Tabs.Tab value="fields">Fields</Tabs.Tab>
          {json && <Tabs.Tab value="json">JSON</Tabs.Tab>}
          <Tabs.Tab value="context">Context</Tabs.Tab>
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
          <JsonTree value={text.document} />
        </Tabs.Panel>
        <Tabs.Panel value="context">
          <LogContext line={line} />
        </Tabs.Panel>
      </Tabs>
    </aside>
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

function FieldActions({ name, value, onFilter }: { name: string; value: string; onFilter(op: Filter["op"]): void }) {
  return (
    <>
      <ActionIcon size="xs" aria-label={`Only ${name} = ${value}`} title="Only these" onClick={() => onFilter("=")}>
        <IconPlus size={12} />
      </ActionIcon>
      <ActionIcon size="xs" aria-label={`Without ${name} = ${value}`} title="Without these" onClick={() => onFilter("!=")}>
        <IconMinus size={12} />
      </ActionIcon>
      <Copy value={value} label={`Copy ${name}`} size={12} />
    </>
  );
}

function Copy({ value, label, size = 16 }: { value: string; label: string; size?: number }) {
  return (
    <CopyButton value={value}>
      {({ copied, copy }) => (
        <ActionIcon size={size < 16 ? "xs" : "md"} aria-label={label} title={copied ? "Copied" : label} onClick={copy} color={copied ? "accent" : "gray"}>
          <IconCopy size={size} />
        </ActionIcon>
      )}
    </CopyButton>
  );
}
