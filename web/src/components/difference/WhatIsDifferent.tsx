import { ActionIcon, Button, Drawer } from "@mantine/core";
import IconMinus from "@tabler/icons-react/dist/esm/icons/IconMinus.mjs";
import IconPlus from "@tabler/icons-react/dist/esm/icons/IconPlus.mjs";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";

import { differentLines, differentSeries, differentSpans, restOf } from "../../api/compare";
import { identify, logMatchers, traceConditions } from "../../lib/correlate/identity";
import type { Difference } from "../../lib/difference";
import type { Labels } from "../../lib/labels";
import { logsPlace, tracesPlace, type Place } from "../../lib/links";
import { addFilter, EVERYTHING } from "../../lib/logqlEdit";
import type { TimeRange } from "../../lib/time";
import { formatTime } from "../../lib/timeFormat";
import { Failure, Loading } from "../status";
import { useTime } from "../time/TimeContext";
import { ShareBars } from "./ShareBars";
import classes from "./difference.module.css";

interface WhatIsDifferentProps {
  /** The stretch of time that was selected. */
  region: TimeRange;
  /** PromQL on a chart of metrics; LogQL for lines where `signal` says so. */
  query: string;
  signal?: "metrics" | "logs";
  /** What all that is on the chart has in common. */
  labels: Labels;
  onFilter: (name: string, op: "=" | "!=", value: string) => void;
  /** Narrows the page to the stretch. */
  onZoom: () => void;
  onClose: () => void;
}

/** What a stretch of time has more of than the rest of the page's range, in all three signals, the most telling first. */
export function WhatIsDifferent({ region, query, signal = "metrics", labels, onFilter, onZoom, onClose }: WhatIsDifferentProps) {
  const { range, zone } = useTime();
  const known = identify(labels);
  const selector = signal === "logs" ? query : logMatchers(known) === "" ? EVERYTHING : `{${logMatchers(known)}}`;
  const conditions = traceConditions(known);
  const rest = restOf(range, region);
  return (
    <Drawer opened onClose={onClose} position="right" size="lg" title="What is different here?">
      <p className={classes.about}>
        {formatTime(region.from, zone)} to {formatTime(region.to, zone)}, against {formatTime(rest.from, zone)} to {formatTime(rest.to, zone)}.{" "}
        <Button variant="default" size="compact-xs" onClick={onZoom}>
          Zoom to it
        </Button>
      </p>
      {signal === "metrics" && (
        <Part
          title="In the series"
          id={["metrics", query]}
          region={region}
          ask={(abort) => differentSeries(query, range, region, abort)}
          actions={(one) => <InOut one={one} onFilter={onFilter} />}
        />
      )}
      <Part
        title="In the log lines"
        id={["logs", selector]}
        region={region}
        ask={(abort) => differentLines(selector, range, region, abort)}
        actions={(one) => (signal === "logs" ? <InOut one={one} onFilter={onFilter} /> : undefined)}
        place={(one) => logsPlace(addFilter(selector, { origin: "metadata", name: one.attribute, op: "=", value: one.value }), region)}
      />
      <Part
        title="In the spans"
        id={["spans", conditions]}
        region={region}
        ask={(abort) => differentSpans(`{ ${conditions} }`, range, region, abort)}
        place={(one) => tracesPlace(`{ ${[conditions, `${one.attribute} = ${literal(one)}`].filter(Boolean).join(" && ")} }`, region)}
      />
    </Drawer>
  );
}

function literal({ attribute, value }: Difference): string {
  // Intrinsics with words of their own, and numbers, are not quoted.
  if (/^(?:kind|status|duration)$/.test(attribute) || /^(?:-?\d+(?:\.\d+)?|true|false)$/.test(value)) return value;
  return JSON.stringify(value);
}

interface PartProps {
  title: string;
  id: readonly string[];
  region: TimeRange;
  ask: (signal: AbortSignal) => Promise<Difference[]>;
  actions?: (one: Difference) => ReactNode;
  place?: (one: Difference) => Place;
}

function Part({ title, id, region, ask, actions, place }: PartProps) {
  const { range } = useTime();
  const answer = useQuery({ queryKey: ["different", ...id, region, range], queryFn: ({ signal }) => ask(signal), retry: false, placeholderData: undefined });
  return (
    <section className={classes.part} aria-label={title}>
      <h3 className={classes.heading}>{title}</h3>
      {answer.isPending ? (
        <Loading height={60} what="the comparison" />
      ) : answer.isError ? (
        <Failure error={answer.error} retry={answer.refetch} what="The comparison" />
      ) : answer.data.length === 0 ? (
        <p className={classes.none}>Nothing stands out.</p>
      ) : (
        <ol className={classes.list}>
          {answer.data.map((one) => (
            <li key={`${one.attribute} ${one.value}`} className={classes.row}>
              <span className={classes.name} dir="auto" title={`${one.attribute} = ${one.value}`}>
                {place ? (
                  <Link {...place(one)}>
                    {one.attribute.replace(/^(?:resource|span)\./, "")} = {one.value}
                  </Link>
                ) : (
                  <>
                    {one.attribute} = {one.value}
                  </>
                )}
              </span>
              <ShareBars selection={one.selection} baseline={one.baseline} />
              <span className={classes.actions}>{actions?.(one)}</span>
            </li>
          ))}
        </ol>
      )}
    </section>
  );
}

function InOut({ one, onFilter }: { one: Difference; onFilter: WhatIsDifferentProps["onFilter"] }) {
  return (
    <>
      <ActionIcon size="xs" variant="subtle" aria-label={`Only ${one.attribute} = ${one.value}`} onClick={() => onFilter(one.attribute, "=", one.value)}>
        <IconPlus size={12} />
      </ActionIcon>
      <ActionIcon size="xs" variant="subtle" aria-label={`Without ${one.attribute} = ${one.value}`} onClick={() => onFilter(one.attribute, "!=", one.value)}>
        <IconMinus size={12} />
      </ActionIcon>
    </>
  );
}
