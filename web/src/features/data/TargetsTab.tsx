import { Select, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { relabelSteps, targets, type Target } from "../../api/prom";
import { KeyValue } from "../../components/KeyValue";
import { LabelPills } from "../../components/LabelPills";
import { Panel } from "../../components/Panel";
import { StateBadge, type Tone } from "../../components/StateBadge";
import { Empty, Failure, Loading } from "../../components/status";
import { useTime } from "../../components/time/TimeContext";
import { useAnswerNow } from "../../components/useAnswerNow";
import { age, formatTime } from "../../lib/timeFormat";
import { formatValue, group } from "../../lib/units";
import classes from "./data.module.css";

const address = "__address__";
const tones: Record<string, Tone> = { up: "ok", down: "error" };

/** What is scraped, by pool: its state, its last error, and how it got its labels. */
export function TargetsTab() {
  const [filter, setFilter] = useState("");
  const [health, setHealth] = useState("any");
  const all = useAnswerNow(["prom", "targets"], ({ signal }) => targets(signal));
  if (all.isPending) return <Loading height={320} what="targets" asked={all.asked} />;
  if (all.isError) return <Failure error={all.error} retry={all.refetch} what="Asking for targets" />;
  const { active, dropped, droppedCounts } = all.data;
  const pools = [...new Set([...active.map((one) => one.scrapePool), ...Object.keys(droppedCounts)])].toSorted();
  if (pools.length === 0) {
    return (
      <Empty
        title="Nothing is scraped"
        hint={
          <>
            Prometheus' <code>scrape_configs:</code> in the configuration name what is.
          </>
        }
        height={240}
      />
    );
  }
  const wanted = filter.trim().toLowerCase();
  const shown = active.filter((one) => (health === "any" || one.health === health) && `${one.scrapeUrl} ${JSON.stringify(one.labels)} ${one.lastError}`.toLowerCase().includes(wanted));
  return (
    <>
      <div className={classes.tools}>
        <TextInput data-search aria-label="Filter by address or label" placeholder="Filter by address or label" w={280} value={filter} onChange={(event) => setFilter(event.currentTarget.value)} />
        <Select
          w={130}
          aria-label="State"
          allowDeselect={false}
          data={[
            { value: "any", label: "Any state" },
            { value: "up", label: "Up" },
            { value: "down", label: "Down" },
            { value: "unknown", label: "Unknown" },
          ]}
          value={health}
          onChange={(value) => setHealth(value ?? "any")}
        />
      </div>
      {pools.map((pool) => {
        const own = active.filter((one) => one.scrapePool === pool);
        const up = own.filter((one) => one.health === "up").length;
        const rows = shown.filter((one) => one.scrapePool === pool);
        const lost = droppedCounts[pool] ?? 0;
        return (
          <Panel
            key={pool}
            title={pool}
            flush
            actions={
              <span className={classes.muted}>
                {up} of {own.length} up{lost > 0 && ` · ${group(lost)} dropped by relabelling`}
              </span>
            }
          >
            <ul className={classes.refused} aria-label={`Targets of ${pool}`}>
              {rows.map((one) => (
                <li key={`${one.scrapeUrl} ${JSON.stringify(one.labels)}`}>
                  <TargetRow target={one} />
                </li>
              ))}
              {dropped
                .filter((one) => one.scrapePool === pool)
                .slice(0, 20)
                .map((one) => (
                  <li key={JSON.stringify(one.discoveredLabels)}>
                    <div className={classes.refusedHead}>
                      <StateBadge tone="muted">dropped</StateBadge>
                      <span>{one.discoveredLabels[address]}</span>
                    </div>
                    <LabelPills labels={one.discoveredLabels} />
                  </li>
                ))}
            </ul>
          </Panel>
        );
      })}
    </>
  );
}

function TargetRow({ target }: { target: Target }) {
  const { zone } = useTime();
  const [open, setOpen] = useState(false);
  const last = Date.parse(target.lastScrape);
  return (
    <>
      <div className={classes.refusedHead}>
        <StateBadge tone={tones[target.health] ?? "muted"}>{target.health}</StateBadge>
        <span className={classes.wrap}>{target.scrapeUrl}</span>
        <span className={classes.when} title={last > 0 ? formatTime(last, zone) : undefined}>
          {last > 0 ? `scraped ${age(last, Date.now())} in ${formatValue(target.lastScrapeDuration, "s")}` : "not scraped yet"}, every {target.scrapeInterval}
        </span>
        <button type="button" className={classes.textButton} aria-expanded={open} onClick={() => setOpen(!open)}>
          {open ? "Hide relabelling" : "Relabelling"}
        </button>
      </div>
      <LabelPills labels={target.labels} />
      {target.lastError !== "" && <code className={classes.fault}>{target.lastError}</code>}
      {open && <Relabelling target={target} />}
    </>
  );
}

/** The labels that a target was found with, what each rule made of them, and what came out. */
function Relabelling({ target }: { target: Target }) {
  const steps = useQuery({
    queryKey: ["prom", "relabel", target.scrapePool, target.discoveredLabels],
    queryFn: ({ signal }) => relabelSteps(target.scrapePool, target.discoveredLabels, signal),
  });
  const pairs = (labels: Readonly<Record<string, string>>) => Object.entries(labels).map(([key, value]) => ({ key, value }));
  return (
    <div className={classes.two}>
      <section aria-label="Before relabelling">
        <h3 className={classes.heading}>Before</h3>
        <KeyValue pairs={pairs(target.discoveredLabels)} />
      </section>
      <section aria-label="After relabelling">
        <h3 className={classes.heading}>After</h3>
        <KeyValue pairs={pairs(target.labels)} />
        {steps.isError && <Failure error={steps.error} retry={steps.refetch} what="Asking for the rules" />}
        {(steps.data ?? []).map((step, index) => (
          // Rules stand in the order in which they are applied.
          // oxlint-disable-next-line react/no-array-index-key
          <div key={index} className={classes.step}>
            <b>Rule {index + 1}</b> {step.keep ? "" : "drops it: "}
            <code>
              {Object.entries(step.rule)
                .map(([key, value]) => `${key}: ${Array.isArray(value) ? `[${value.join(", ")}]` : String(value)}`)
                .join(" · ")}
            </code>
          </div>
        ))}
      </section>
    </div>
  );
}
