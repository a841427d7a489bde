import { SegmentedControl, TextInput } from "@mantine/core";
import { lazy, Suspense } from "react";

import { Notice } from "../../components/Notice";
import { Empty, Failure, Loading } from "../../components/status";
import { useUrlState } from "../../components/useUrlState";
import { WaitingLine } from "../../components/Waiting";
import { choice, text, urlSchema } from "../../lib/urlState";
import { AlertPage } from "./AlertPage";
import { matching, type RuleState } from "./filter";
import { groupings, mentions, type Grouping } from "./firing";
import { FiringList } from "./FiringList";
import { useFiring } from "./useFiring";
import classes from "./alerts.module.css";

const RuleList = lazy(() => import("./RuleList").then((loaded) => ({ default: loaded.RuleList })));
const SilenceList = lazy(() => import("./SilenceList").then((loaded) => ({ default: loaded.SilenceList })));
const History = lazy(() => import("./History").then((loaded) => ({ default: loaded.History })));
const Routing = lazy(() => import("./Routing").then((loaded) => ({ default: loaded.Routing })));
const SloList = lazy(() => import("./SloList").then((loaded) => ({ default: loaded.SloList })));

const tabs = ["active", "rules", "history", "silences", "routing", "slos"] as const;

interface AlertsState {
  /** Fingerprint of the alert that a notification's link leads to. */
  fp: string;
  tab: (typeof tabs)[number];
  filter: string;
  by: Grouping;
  open: string;
  state: RuleState;
  rule: string;
  /** A new rule's expression, where another page asks for one. */
  expr: string;
  /** What it is about, and its name. */
  signal: "metrics" | "logs" | "traces";
  name: string;
  /** A new objective's service, where another page asks for one. */
  slo: string;
  /** A new silence's matchers, where a link asks for one; "{}" for one without any. */
  silence: string;
}

const alertsState = urlSchema<AlertsState>({
  fp: text(),
  tab: choice(tabs, "active"),
  filter: text(),
  by: choice(groupings, "service"),
  open: text(),
  state: choice(["any", "firing", "pending", "inactive", "failing", "recording"], "any"),
  rule: text(),
  expr: text(),
  signal: choice(["metrics", "logs", "traces"], "metrics"),
  name: text(),
  slo: text(),
  silence: text(),
});

/** What fires with its evidence, the rules behind it, what happened, what is silenced, and who is told. */
export function AlertsPage() {
  const [state, set] = useUrlState(alertsState);
  // A link from a notification is read on a phone: nothing but the alert.
  if (state.fp !== "") return <AlertPage fingerprint={state.fp} />;
  return <Tabs state={state} set={set} />;
}

function Tabs({ state: { tab, filter, by, open, state, rule, expr, signal, name, slo, silence }, set }: { state: AlertsState; set: ReturnType<typeof useUrlState<AlertsState>>[1] }) {
  const { groups, alerts, pending, error, quietError, retry, answer } = useFiring();
  const shown = matching(groups, filter);
  const active = filter.trim() === "" ? alerts : alerts.filter((one) => mentions(one, filter));
  const count = (of: number): string => (pending || error ? "" : ` ${of}`);
  const needsRules = tab === "active" || tab === "rules";

  return (
    <div className={classes.page}>
      <div className={classes.tools}>
        <div className={classes.tabs}>
          <SegmentedControl
            aria-label="View"
            data={[
              { value: "active", label: `Firing${count(active.length)}` },
              { value: "rules", label: `Rules${count(shown.reduce((sum, group) => sum + group.rules.length, 0))}` },
              { value: "history", label: "History" },
              { value: "silences", label: "Silences" },
              { value: "routing", label: "Routing" },
              { value: "slos", label: "SLOs" },
            ]}
            value={tab}
            onChange={(next) => set({ tab: next as AlertsState["tab"] })}
          />
        </div>
        {tab !== "routing" && (
          <TextInput
            data-search
            className={classes.filter}
            aria-label="Filter by name or label"
            placeholder='Name, label, or {team="shop"}'
            value={filter}
            onChange={(event) => set({ filter: event.currentTarget.value }, { replace: true })}
          />
        )}
      </div>
      {needsRules && !pending && !error && <WaitingLine of={answer} />}
      {tab === "active" && quietError && <Notice>Who is told of what is not known: {quietError.message}</Notice>}
      <Suspense fallback={<Loading height={240} what="the view" />}>
        {needsRules && pending ? (
          <Loading height={240} what="rules" asked={answer.asked} />
        ) : needsRules && error ? (
          <Failure error={error} retry={retry} what="Asking for rules" />
        ) : tab === "active" ? (
          groups.length === 0 && alerts.length === 0 ? (
            <NoRules />
          ) : (
            <FiringList alerts={active} all={alerts} by={by} onBy={(next) => set({ by: next })} open={open} onOpen={(next) => set({ open: next }, { replace: true })} />
          )
        ) : tab === "rules" ? (
          <RuleList fresh={{ expr, signal, name }} groups={shown} whole={groups} state={state} onState={(next) => set({ state: next })} open={rule} onOpen={(next) => set({ rule: next })} />
        ) : tab === "history" ? (
          <History filter={filter} />
        ) : tab === "silences" ? (
          <SilenceList filter={filter} alerts={alerts} fresh={silence} onFresh={() => set({ silence: "" }, { replace: true })} />
        ) : tab === "routing" ? (
          <Routing />
        ) : (
          <SloList filter={filter} service={slo} onService={() => set({ slo: "" }, { replace: true })} />
        )}
      </Suspense>
    </div>
  );
}

function NoRules() {
  return (
    <Empty
      title="No rules are loaded"
      hint={
        <>
          Name files of Prometheus rule groups under <code>rule_files:</code> in the configuration and reload, or make a rule at Rules.
        </>
      }
      height={240}
    />
  );
}
