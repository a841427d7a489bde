import { Button } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";

import { deleteSlo, slos, type Slo } from "../../api/slos";
import { LongList } from "../../components/LongList";
import { Panel } from "../../components/Panel";
import { StateBadge } from "../../components/StateBadge";
import { Empty, Failure, Loading } from "../../components/status";
import { useTime } from "../../components/time/TimeContext";
import { useAnswer } from "../../components/useAnswer";
import { metricsPlace, servicePlace } from "../../lib/links";
import { formatTime } from "../../lib/timeFormat";
import { budgetText } from "../../lib/alerts";
import { formatValue } from "../../lib/units";
import { Sure } from "./Sure";
import { SloForm } from "./SloForm";
import classes from "./alerts.module.css";

interface SloListProps {
  filter: string;
  /** A new objective's service, where another page asks for one, or "". */
  service: string;
  /** It was made, or not. */
  onService: () => void;
}

/** Objectives with what is left of their error budgets, the most burnt first. */
export function SloList({ filter, service, onService }: SloListProps) {
  const [adding, setAdding] = useState(service !== "");
  const all = useAnswer(["slos"], ({ signal }) => slos(signal));
  if (all.isPending) return <Loading height={240} what="objectives" asked={all.asked} />;
  if (all.isError) return <Failure error={all.error} retry={all.refetch} what="Asking for objectives" />;
  const wanted = filter.trim().toLowerCase();
  const rows = all.data
    .filter((one) => `${one.name} ${one.service ?? ""} ${one.description ?? ""}`.toLowerCase().includes(wanted))
    .toSorted((a, b) => (a.budgetRemaining ?? 2) - (b.budgetRemaining ?? 2));
  return (
    <>
      <Panel
        title="Service level objectives"
        flush
        of={all}
        actions={
          <Button size="compact-xs" onClick={() => setAdding(true)}>
            New objective
          </Button>
        }
      >
        {rows.length === 0 ? (
          <Empty
            title={all.data.length === 0 ? "There are no objectives" : "No objective matches"}
            hint={
              all.data.length === 0 ? (
                <>
                  Say how many calls of a service are to be good, here or in files under <code>slo_files:</code>; alerts on burn rates come with it.
                </>
              ) : (
                "Clear the filter to see all."
              )
            }
            height={160}
          />
        ) : (
          <LongList label="Objectives" rows={rows} rowKey={(slo) => slo.name} className={classes.list} itemClass={() => classes.rule}>
            {(slo) => <Row slo={slo} />}
          </LongList>
        )}
      </Panel>
      {adding && (
        <SloForm
          service={service}
          onClose={() => {
            setAdding(false);
            onService();
          }}
        />
      )}
    </>
  );
}

function Row({ slo }: { slo: Slo }) {
  const { zone } = useTime();
  const client = useQueryClient();
  const remove = useMutation({ mutationFn: () => deleteSlo(slo.name), onSuccess: () => client.invalidateQueries({ queryKey: ["slos"] }) });
  const left = slo.budgetRemaining;
  const { state, at } = slo.exhaustion;
  return (
    <>
      <div className={classes.cardHead}>
        <Standing slo={slo} />
        <strong>{slo.name}</strong>
        {slo.service && <Link {...servicePlace(slo.service)}>{slo.service}</Link>}
        <span className={classes.muted}>{slo.description}</span>
        <span className={classes.value}>
          <b>{formatValue(slo.good, "percentunit", 3)}</b> good of {slo.objective} % wanted in {slo.window ?? "30d"}
        </span>
      </div>
      <div className={classes.budget} role="img" aria-label={left === null ? "Nothing is recorded yet" : `${formatValue(left, "percentunit", 0)} of the error budget is left`}>
        <span data-spent={left !== null && left <= 0 ? true : undefined} style={{ width: `${Math.min(Math.max(left ?? 0, 0), 1) * 100}%` }} />
      </div>
      <div className={classes.cardHead}>
        <span>{left === null ? "Nothing is recorded yet" : budgetText(left)}</span>
        {slo.burnRate !== null && <span className={classes.muted}>burns {formatValue(slo.burnRate, "none", 2)} × as fast as it may</span>}
        {state === "at" && at && <span className={classes.muted}>used up at {formatTime(Date.parse(at), zone)} at this rate</span>}
        <span className={classes.links}>
          <Link {...metricsPlace(`slo:error_ratio{slo=${JSON.stringify(slo.name)}}`)}>Open in Metrics</Link>
          {slo.editable ? (
            <Sure action="Delete" of={slo.name} disabled={remove.isPending} onSure={() => remove.mutate()} />
          ) : (
            <span className={classes.muted} title={slo.file}>
              read-only: {slo.file.split(/[\\/]/).at(-1)}
            </span>
          )}
        </span>
      </div>
      {remove.isError && (
        <div role="alert" className={classes.error}>
          {remove.error.message}
        </div>
      )}
    </>
  );
}

function Standing({ slo: { budgetRemaining, burnRate } }: { slo: Slo }) {
  if (budgetRemaining === null) return <StateBadge tone="muted">no data</StateBadge>;
  if (budgetRemaining <= 0) return <StateBadge tone="critical">exhausted</StateBadge>;
  if ((burnRate ?? 0) > 1) return <StateBadge tone="warn">burning</StateBadge>;
  return <StateBadge tone="ok">met</StateBadge>;
}
