import { useQuery } from "@tanstack/react-query";

import { listAnnotations, listDashboards } from "../../api/dashboards";
import { ruleChanges } from "../../api/rules";
import { listDeploys } from "../../api/services";
import { Panel } from "../../components/Panel";
import { useTime } from "../../components/time/TimeContext";
import { useGo } from "../../components/useGo";
import { boot } from "../../lib/boot";
import { clockOf, formatTime } from "../../lib/timeFormat";
import { changesOf } from "./changes";
import classes from "./overview.module.css";

const shown = 20;

/** What was deployed, noted and edited within the range, rules and dashboards. */
export function RecentChanges() {
  const { range, zone, tick } = useTime();
  const go = useGo();
  const deploys = useQuery({ queryKey: ["overview", "deploys", range, tick], queryFn: ({ signal }) => listDeploys("", range, signal) });
  const notes = useQuery({
    queryKey: ["overview", "notes", range, tick],
    queryFn: ({ signal }) => listAnnotations({ from: Math.floor(range.from), to: Math.ceil(range.to), limit: 100 }, signal),
  });
  const dashboards = useQuery({ queryKey: ["overview", "dashboards", tick], queryFn: ({ signal }) => listDashboards({}, signal) });
  const rules = useQuery({ queryKey: ["overview", "rules", range, tick], queryFn: ({ signal }) => ruleChanges(range, signal) });
  const changes = changesOf(range, { deploys: deploys.data ?? [], notes: notes.data ?? [], dashboards: dashboards.data ?? [], rules: rules.data ?? [] });
  const failed = [deploys, notes, dashboards, rules].find((one) => one.isError)?.error;
  const pending = deploys.isPending || notes.isPending || dashboards.isPending || rules.isPending;
  return (
    <Panel title="Recent changes">
      {failed && <p className={classes.text}>Some are missing: {failed.message}</p>}
      {changes.length === 0 ? (
        <span className={classes.text}>{pending ? "Looking…" : "Nothing was deployed, noted or edited in this range."}</span>
      ) : (
        <ul className={classes.changes} aria-label="Changes">
          {changes.slice(0, shown).map((change) => (
            <li key={`${change.time} ${change.what} ${change.text}`}>
              <time title={formatTime(change.time, zone)}>{clockOf(change.time, zone).slice(0, 5)}</time> {change.what}{" "}
              {change.to === undefined ? (
                change.text
              ) : (
                <a
                  href={boot.prefix + change.to}
                  onClick={(event) => {
                    if (event.ctrlKey || event.metaKey || event.shiftKey || change.to === undefined) return;
                    event.preventDefault();
                    go(change.to);
                  }}
                >
                  {change.text}
                </a>
              )}
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}
