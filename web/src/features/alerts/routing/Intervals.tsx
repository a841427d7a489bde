import { Button } from "@mantine/core";
import { useState } from "react";

import type { IntervalConfig } from "../../../api/routing";
import { Panel } from "../../../components/Panel";
import { Empty } from "../../../components/status";
import { Sure } from "../Sure";
import { WeekGrid } from "../WeekGrid";
import { intervalsIn, routesAt, withInterval } from "./draft";
import { IntervalForm } from "./IntervalForm";
import type { RoutingDraft } from "./useRoutingDraft";
import alertClasses from "../alerts.module.css";
import classes from "../routing.module.css";

/** The times of the week that routes name, to be changed. */
export function Intervals({ of }: { of: RoutingDraft }) {
  const [open, setOpen] = useState<{ before: IntervalConfig | undefined }>();
  const [refusal, setRefusal] = useState("");
  const all = intervalsIn(of.config);
  const remove = (name: string): void => {
    const users = routesAt(of.config, name);
    setRefusal(users.length === 0 ? "" : `${name} stays: the routes of ${users.join(" and of ")} go by it.`);
    if (users.length === 0) of.edit((before) => withInterval(before, name, undefined));
  };
  return (
    <Panel
      title="Time intervals"
      flush
      actions={
        <Button size="compact-xs" variant="default" onClick={() => setOpen({ before: undefined })}>
          Add time interval
        </Button>
      }
    >
      {refusal !== "" && (
        <div role="alert" className={alertClasses.error}>
          {refusal}
        </div>
      )}
      {all.length === 0 && <Empty title="No time intervals" hint="Routes can be mute at some, or go by others alone." height={80} />}
      {all.map((one) => (
        <div key={one.name}>
          <WeekGrid name={one.name} intervals={one.time_intervals ?? []} />
          <div className={classes.weekLinks}>
            <button type="button" className={alertClasses.textButton} aria-label={`Edit ${one.name}`} onClick={() => setOpen({ before: one })}>
              Edit
            </button>
            <Sure action="Remove" of={one.name} onSure={() => remove(one.name)} />
          </div>
        </div>
      ))}
      {open && <IntervalForm config={of.config} before={open.before} onDone={(interval) => of.edit((config) => withInterval(config, open.before?.name, interval))} onClose={() => setOpen(undefined)} />}
    </Panel>
  );
}
