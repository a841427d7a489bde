import { SegmentedControl, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";

import { ruleGroups } from "../../api/rules";
import { Empty, Failure, Loading } from "../../components/status";
import { useTime } from "../../components/time/TimeContext";
import { useUrlState } from "../../components/useUrlState";
import { choice, text, urlSchema } from "../../lib/urlState";
import { ActiveList } from "./ActiveList";
import { active, matching } from "./filter";
import { RuleList } from "./RuleList";
import { SilenceList } from "./SilenceList";
import classes from "./alerts.module.css";

interface AlertsState {
  tab: "active" | "rules" | "silences";
  filter: string;
}

const alertsState = urlSchema<AlertsState>({ tab: choice(["active", "rules", "silences"], "active"), filter: text() });

/** What fires, the rules behind it, and what is silenced. */
export function AlertsPage() {
  const { tick } = useTime();
  const [{ tab, filter }, set] = useUrlState(alertsState);
  const groups = useQuery({ queryKey: ["rules", tick], queryFn: ({ signal }) => ruleGroups(signal) });
  const shown = matching(groups.data ?? [], filter);
  const firing = active(shown);
  const count = firing.reduce((sum, rule) => sum + rule.alerts.length, 0);

  return (
    <div className={classes.page}>
      <div className={classes.tools}>
        <SegmentedControl
          aria-label="View"
          data={[
            { value: "active", label: groups.data ? `Active ${count}` : "Active" },
            { value: "rules", label: groups.data ? `Rules ${shown.reduce((sum, group) => sum + group.rules.length, 0)}` : "Rules" },
            { value: "silences", label: "Silences" },
          ]}
          value={tab}
          onChange={(next) => set({ tab: next })}
        />
        <TextInput
          data-search
          className={classes.filter}
          aria-label="Filter by name or label"
          placeholder="Filter by name or label"
          value={filter}
          onChange={(event) => set({ filter: event.currentTarget.value }, { replace: true })}
        />
      </div>
      {tab === "silences" ? (
        <SilenceList filter={filter} />
      ) : groups.isPending ? (
        <Loading height={240} what="rules" />
      ) : groups.isError ? (
        <Failure error={groups.error} retry={groups.refetch} what="Asking for rules" />
      ) : groups.data.length === 0 ? (
        <Empty
          title="No rules are loaded"
          hint={
            <>
              Name files of Prometheus rule groups under <code>rule_files:</code> in the configuration and reload.
            </>
          }
          height={240}
        />
      ) : tab === "rules" ? (
        <RuleList groups={shown} />
      ) : (
        <ActiveList rules={firing} filtered={filter !== ""} />
      )}
    </div>
  );
}
