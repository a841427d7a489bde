import { ActionIcon, CopyButton, Tabs } from "@mantine/core";
import IconCopy from "@tabler/icons-react/dist/esm/icons/IconCopy.mjs";
import IconX from "@tabler/icons-react/dist/esm/icons/IconX.mjs";
import { Link } from "@tanstack/react-router";
import { lazy, Suspense, useState } from "react";

import { CorrelateMenu } from "../../components/correlate/CorrelateMenu";
import { KeyValue, type Pair } from "../../components/KeyValue";
import { LongText } from "../../components/LongText";
import { StateBadge } from "../../components/StateBadge";
import { Loading } from "../../components/status";
import { useTime } from "../../components/time/TimeContext";
import { useDrawerWidth } from "../../components/useDrawerWidth";
import { logsPlace, servicePlace, tracePlace, tracesPlace } from "../../lib/links";
import { linesOfTrace } from "../../lib/logqlEdit";
import type { TimeRange } from "../../lib/time";
import type { Attribute, SpanEvent } from "../../lib/trace";
import { attributeField, writeConditions } from "../../lib/traceqlEdit";
import type { SpanNode, TraceTree } from "../../lib/traceTree";
import { formatNanoSpan } from "../../lib/units";
import { countText, SpanLogs, useSpanLines } from "./SpanLogs";
import type { TraceState } from "./state";
import { rangeAround } from "./traceWindow";
import classes from "./SpanDetail.module.css";

const SpanMetrics = lazy(async () => ({ default: (await import("./SpanMetrics")).SpanMetrics }));

interface SpanDetailProps {
  node: SpanNode;
  tree: TraceTree;
  /** Where what belongs to the trace is looked for. */
  window: TimeRange;
  onClose(): void;
  /** Shows another span of this trace. */
  onSpan(key: string): void;
  /** The tab shown, where the page keeps it. */
  tab?: DetailTab;
  onTab?(tab: DetailTab): void;
  /** Shows a span of another trace beside this one; without it a link leads there. */
  onTrace?(id: string, span: string): void;
  /** Whether the span's log lines and metrics are told, too. */
  whole?: boolean;
}

type DetailTab = TraceState["detail"];

/** What is known of one span. */
export function SpanDetail({ node, tree, window, onClose, onSpan, tab, onTab, onTrace, whole = false }: SpanDetailProps) {
  const { span } = node;
  const [own, setOwn] = useState<DetailTab>("attributes");
  const wanted = tab ?? own;
  const tabs: DetailTab[] = ["attributes", ...(span.events.length > 0 ? (["events"] as const) : []), ...(span.links.length > 0 ? (["links"] as const) : []), ...(whole ? (["logs", "metrics"] as const) : []), "resource"];
  const shownTab = tabs.includes(wanted) ? wanted : "attributes";
  const parent = node.parent;
  const lines = useSpanLines(span, window, whole);
  const { range: page } = useTime();
  // Links to what is like it are of the page's range, where that has anything to do with the trace.
  const range = rangeAround(window, page);
  const { width, edge } = useDrawerWidth();

  return (
    <div className={classes.side} style={{ width }}>
      {edge}
      <aside className={classes.drawer} aria-label="Span detail">
        <header className={classes.head}>
          <div className={classes.title}>
            <Link className={classes.service} {...servicePlace(span.service, "", range)} title={`What is known of ${span.service}`}>
              {span.service}
            </Link>{" "}
            {span.name}
          </div>
          <ActionIcon aria-label="Close (Esc)" onClick={onClose}>
            <IconX size={16} />
          </ActionIcon>
        </header>
        <p className={classes.facts}>
          {span.status === "error" ? <StateBadge tone="error">failed</StateBadge> : <StateBadge tone={span.status === "ok" ? "ok" : "muted"}>{span.status}</StateBadge>}
          <strong>{formatNanoSpan(node.duration)}</strong>
          <span>self {formatNanoSpan(node.self)}</span>
          <span>starts at +{formatNanoSpan(node.start)}</span>
          <span>{span.kind}</span>
        </p>
        {span.statusMessage !== "" && (
          <div className={classes.message} dir="auto">
            <LongText key={node.key} text={span.statusMessage} />
            {span.statusMessage.length > longMessage && <Copy what="status message" text={span.statusMessage} />}
          </div>
        )}
        {node.orphan && (
          <p className={classes.note}>
            {node.orphan === "missing"
              ? `Its parent ${span.parentId} is not in this trace: not sampled, not yet arrived, or lost.`
              : "Its parents form a ring; it is shown at the top because it started first."}
          </p>
        )}
        <p className={classes.links}>
          <Link {...logsPlace(linesOfTrace(span.traceId, span.spanId), window)}>Logs of this span</Link>
          <Link {...logsPlace(linesOfTrace(span.traceId), window)}>Logs of the trace</Link>
          <Link {...tracesPlace(sameOperation(span.service, span.name), range)}>Traces with this operation</Link>
          <CorrelateMenu
            label="More about this span"
            subject={() => ({
              kind: "span",
              labels: { ...Object.fromEntries([...span.attributes, ...span.resource].map(({ key, value }) => [key, value])), "service.name": span.service },
              time: Number(span.start / 1_000_000n),
              end: Number(span.end / 1_000_000n),
              traceId: span.traceId,
              spanId: span.spanId,
              operation: span.name,
            })}
          />
          {parent && (
            <button type="button" className={classes.link} onClick={() => onSpan(parent.key)}>
              Parent
            </button>
          )}
        </p>
        <Tabs value={shownTab} onChange={(value) => (onTab ?? setOwn)((value ?? "attributes") as DetailTab)} keepMounted={false}>
          <Tabs.List>
            <Tabs.Tab value="attributes">Attributes {span.attributes.length}</Tabs.Tab>
            {span.events.length > 0 && <Tabs.Tab value="events">Events {span.events.length}</Tabs.Tab>}
            {span.links.length > 0 && <Tabs.Tab value="links">Links {span.links.length}</Tabs.Tab>}
            {whole && <Tabs.Tab value="logs">Logs {lines.data ? countText(lines.data.lines) : ""}</Tabs.Tab>}
            {whole && <Tabs.Tab value="metrics">Metrics</Tabs.Tab>}
            <Tabs.Tab value="resource">Resource {span.resource.length}</Tabs.Tab>
          </Tabs.List>
          <Tabs.Panel value="attributes">
            <KeyValue pairs={[...pairs(span.attributes, range, "span"), ...facts(node)]} />
          </Tabs.Panel>
          <Tabs.Panel value="events">
            {span.events.map((event, index) => (
              // Events never change places.
              // oxlint-disable-next-line react/no-array-index-key
              <Event key={index} event={event} traceStart={tree.start} />
            ))}
          </Tabs.Panel>
          <Tabs.Panel value="links">
            {span.links.map((link, index) => (
              // Links never change places, and one may stand there twice.
              // oxlint-disable-next-line react/no-array-index-key
              <section key={index} className={classes.event}>
                {link.traceId === span.traceId ? (
                  tree.nodes.some((one) => one.key === link.spanId) ? (
                    <button type="button" className={classes.link} onClick={() => onSpan(link.spanId)}>
                      Span {link.spanId} of this trace
                    </button>
                  ) : (
                    <p className={classes.note}>Span {link.spanId} of this trace, which is not in it: not sampled, not yet arrived, or lost.</p>
                  )
                ) : (
                  <p className={classes.linked}>
                    {onTrace ? (
                      <button type="button" className={classes.link} onClick={() => onTrace(link.traceId, link.spanId)}>
                        Trace {link.traceId}
                      </button>
                    ) : (
                      <>Trace {link.traceId}</>
                    )}
                    <Link {...tracePlace(link.traceId, link.spanId)}>Open at the span</Link>
                  </p>
                )}
                <KeyValue pairs={pairs(link.attributes)} />
              </section>
            ))}
          </Tabs.Panel>
          <Tabs.Panel value="logs">
            <SpanLogs lines={lines} span={span} window={window} traceStart={tree.start} />
          </Tabs.Panel>
          <Tabs.Panel value="metrics">
            <Suspense fallback={<Loading height={240} what="the metrics" />}>
              <SpanMetrics span={span} />
            </Suspense>
          </Tabs.Panel>
          <Tabs.Panel value="resource">
            <KeyValue pairs={pairs(span.resource, range, "resource")} />
          </Tabs.Panel>
        </Tabs>
      </aside>
    </div>
  );
}

// A shorter message is selected faster than a button is found.
const longMessage = 200;

function Copy({ what, text }: { what: string; text: string }) {
  return (
    <CopyButton value={text}>
      {({ copied, copy }) => (
        <ActionIcon size="xs" aria-label={`Copy ${what}`} color={copied ? "accent" : "gray"} onClick={copy}>
          <IconCopy size={12} />
        </ActionIcon>
      )}
    </CopyButton>
  );
}

function sameOperation(service: string, name: string): string {
  return writeConditions([
    { field: "resource.service.name", op: "=", value: service, quoted: true },
    { field: "name", op: "=", value: name, quoted: true },
  ]);
}

/** Attributes as lines, with a search for traces that share one where its `scope` can be asked for. */
function pairs(attributes: readonly Attribute[], range?: TimeRange, scope?: "span" | "resource"): Pair[] {
  return attributes
    .toSorted((a, b) => (a.key < b.key ? -1 : 1))
    .map((attribute) => ({
      key: attribute.key,
      value: attribute.value === "" ? <em>(empty)</em> : <LongText text={attribute.value} />,
      actions: (
        <>
          {scope && attribute.type !== "json" && (
            <Link
              className={classes.filter}
              aria-label={`find traces with ${attribute.key} = ${attribute.value}`}
              title="Traces with this value"
              {...tracesPlace(
                writeConditions([
                  { field: attributeField(scope, attribute.key), op: "=", value: attribute.value, quoted: attribute.type === "string" },
                ]),
                range,
              )}
            >
              find
            </Link>
          )}
          <Copy what={attribute.key} text={attribute.value} />
        </>
      ),
    }));
}

function facts({ span }: SpanNode): Pair[] {
  return [
    { key: "span id", value: span.spanId },
    ...(span.parentId === "" ? [] : [{ key: "parent span id", value: span.parentId }]),
    ...(span.scope === "" ? [] : [{ key: "instrumentation", value: span.scope }]),
  ];
}

/** An event with its time in the trace; an exception's stack trace is laid out as it was written. */
function Event({ event, traceStart }: { event: SpanEvent; traceStart: bigint }) {
  const stack = event.attributes.find((attribute) => attribute.key === "exception.stacktrace");
  const rest = event.attributes.filter((attribute) => attribute !== stack);
  return (
    <section className={classes.event}>
      <h3 className={classes.eventName}>
        {event.name} <span className={classes.eventTime}>+{formatNanoSpan(event.time - traceStart)}</span>
      </h3>
      <KeyValue pairs={pairs(rest)} />
      {stack && (
        <details open>
          <summary>Stack trace</summary>
          <pre className={classes.stack}>{stack.value}</pre>
        </details>
      )}
    </section>
  );
}
