import { Tabs } from "@mantine/core";
import { Link, useParams } from "@tanstack/react-router";
import { lazy, Suspense, useMemo, type ReactNode } from "react";

import { listDeploys, listProfiles, listServices, type Deploy, type Profile } from "../../api/services";
import type { Mark } from "../../components/chart/TimeSeries";
import { CorrelateMenu } from "../../components/correlate/CorrelateMenu";
import { useEnvironment } from "../../components/environment";
import { Notice } from "../../components/Notice";
import { Failure, Loading } from "../../components/status";
import { useTime } from "../../components/time/TimeContext";
import { useAnswer } from "../../components/useAnswer";
import { useUrlState } from "../../components/useUrlState";
import { focusPlace, logsPlace, metricsPlace, newSloPlace, tracesPlace } from "../../lib/links";
import { errorLogsOf, failedTracesOf, logsOf, tracesOf } from "../../lib/service";
import { formatTime, nanoToMs } from "../../lib/timeFormat";
import { counted } from "../../lib/units";
import { ErrorGroups } from "./ErrorGroups";
import { ErrorLines } from "./ErrorLines";
import { Neighbours } from "./Neighbours";
import { OperationTable } from "./OperationTable";
import { serviceCharts } from "./queries";
import { shortList } from "./rows";
import { RuleEdits } from "./RuleEdits";
import { serviceState, type ServiceState } from "./state";
import { SummaryTab } from "./SummaryTab";
import { useServiceAlerts } from "./useServiceAlerts";
import classes from "./services.module.css";

const LogsTab = lazy(() => import("./LogsTab").then((loaded) => ({ default: loaded.LogsTab })));
const TracesTab = lazy(() => import("./TracesTab").then((loaded) => ({ default: loaded.TracesTab })));
const InfraTab = lazy(() => import("./InfraTab").then((loaded) => ({ default: loaded.InfraTab })));
const AlertsTab = lazy(() => import("./AlertsTab").then((loaded) => ({ default: loaded.AlertsTab })));
const DashboardsTab = lazy(() => import("./DashboardsTab").then((loaded) => ({ default: loaded.DashboardsTab })));

/** One service: how it does, what it does, whom it needs, what fails, and the ways to the evidence. */
export function ServicePage() {
  const { name = "" } = useParams({ strict: false });
  return <Service key={name} name={name} />;
}

function Service({ name }: { name: string }) {
  const { range } = useTime();
  const [{ tab }, set] = useUrlState(serviceState);
  const [env, choose] = useEnvironment();
  const services = useAnswer(["services", "list"], ({ signal }) => listServices(range, signal));
  const profiles = useAnswer(["services", "profile", name], ({ signal }) => listProfiles(name, range, signal));
  const deploys = useAnswer(["services", "deploys", name], ({ signal }) => listDeploys(name, range, signal));
  const { active, bands } = useServiceAlerts(name);
  const marks = useMemo(() => deploys.data?.map(markOf), [deploys.data]);
  const red = services.data?.services.find((one) => one.name === name);
  const profile = profiles.data?.[0];
  const entry = red?.entry ?? true;
  // Ways that are sure to lead to nothing are not offered; without a profile nothing is sure.
  const sends = { spans: red !== undefined || (profile?.spans ?? true), logs: profile?.logs ?? true };
  const charts = useMemo(() => serviceCharts(name, entry), [name, entry]);
  const firing = active.filter(({ state }) => state === "firing").length;

  const bodies: Record<ServiceState["tab"], { title: string; body: () => ReactNode }> = {
    summary: { title: "Summary", body: () => <SummaryTab service={name} known={red !== undefined || profile !== undefined || !profiles.isSuccess} others={services.data?.services.map((one) => one.name) ?? nobody} red={red} charts={charts} marks={marks} stretches={bands} /> },
    operations: { title: "Operations", body: () => <OperationTable service={name} /> },
    errors: { title: "Errors", body: () => <Errors service={name} spans={sends.spans} /> },
    logs: { title: "Logs", body: () => <LogsTab service={name} /> },
    traces: { title: "Traces", body: () => <TracesTab service={name} red={red} /> },
    dependencies: { title: "Dependencies", body: () => <Neighbours service={name} /> },
    infra: { title: "Infra", body: () => <InfraTab service={name} profile={profile} marks={marks} stretches={bands} /> },
    alerts: { title: firing > 0 ? `Alerts (${firing})` : "Alerts", body: () => <AlertsTab service={name} /> },
    dashboards: { title: "Dashboards", body: () => <DashboardsTab service={name} /> },
  };

  return (
    <div className={classes.page}>
      <div className={classes.tools}>
        {profile && <Facts profile={profile} />}
        <nav className={classes.ways} aria-label="Evidence">
          {sends.spans && (
            <>
              <Link {...tracesPlace(tracesOf(name))}>Traces</Link>
              <Link {...tracesPlace(failedTracesOf(name))}>Failed traces</Link>
            </>
          )}
          {sends.logs && (
            <>
              <Link {...logsPlace(logsOf(name))}>Logs</Link>
              <Link {...logsPlace(errorLogsOf(name))}>Error logs</Link>
            </>
          )}
          {sends.spans && (
            <>
              <Link {...metricsPlace(charts.map((chart) => chart.query))}>Metrics</Link>
              <Link {...focusPlace(name)}>Map around it</Link>
            </>
          )}
          <Link {...newSloPlace(name)}>New objective</Link>
          <CorrelateMenu label={`What else tells of ${name}`} subject={() => ({ kind: "service", labels: { service_name: name } })} />
        </nav>
      </div>
      {profile && env !== "" && (profile.environments.length !== 1 || profile.environments[0] !== env) && (
        <Notice action={{ label: "Show all environments", run: () => choose("") }}>
          {profile.environments.includes(env) ? `${name} runs in ${profile.environments.join(" and ")}: what is told here is of all of them.` : `${name} was not seen in ${env}${profile.environments.length > 0 ? `, but in ${profile.environments.join(" and ")}` : ""}.`}
        </Notice>
      )}
      {deploys.isError && (
        <Notice action={{ label: "Try again", run: () => void deploys.refetch() }}>When versions began is not known: {deploys.error.message}</Notice>
      )}
      {deploys.data && deploys.data.length > 0 && <Deploys deploys={deploys.data} />}
      <RuleEdits service={name} />
      <Tabs value={tab} onChange={(next) => next && set({ tab: next as ServiceState["tab"] })} keepMounted={false} activateTabWithKeyboard={false}>
        <Tabs.List aria-label={`Of ${name}`}>
          {Object.entries(bodies).map(([key, { title }]) => (
            <Tabs.Tab key={key} value={key}>
              {title}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        {Object.entries(bodies).map(([key, { title, body }]) => (
          <Tabs.Panel key={key} value={key} className={classes.tab}>
            {key !== tab ? null : services.isPending ? (
              <Loading as="page" height={480} what={name} asked={services.asked} />
            ) : services.isError && key === "summary" ? (
              <Failure error={services.error} retry={services.refetch} what={`Asking for ${name}`} />
            ) : (
              <Suspense fallback={<Loading as="page" height={320} what={title} />}>{body()}</Suspense>
            )}
          </Tabs.Panel>
        ))}
      </Tabs>
    </div>
  );
}

const nobody: readonly string[] = [];

/** What fails: by the spans that did, and by what is logged of it. */
function Errors({ service, spans }: { service: string; spans: boolean }) {
  return (
    <>
      {spans && <ErrorGroups service={service} />}
      <ErrorLines service={service} />
    </>
  );
}

/** What a service says of itself, in a line. */
function Facts({ profile: { namespaces, environments, languages, versions, instances } }: { profile: Profile }) {
  const parts = [
    ["in", namespaces],
    ["environment", environments],
    ["written in", languages],
    [versions.length === 1 ? "version" : "versions", versions],
  ] as const;
  const told = parts.filter(([, values]) => values.length > 0);
  if (told.length === 0 && instances === 0) return null;
  return (
    <div className={classes.facts} role="group" aria-label="About it">
      {told.map(([word, values]) => (
        <span key={word} title={values.join(", ")}>
          {word} <strong>{shortList(values, 3)}</strong>
        </span>
      ))}
      {instances > 0 && <span>{counted(instances, "instance")}</span>}
    </div>
  );
}

function Deploys({ deploys }: { deploys: readonly Deploy[] }) {
  const { zone } = useTime();
  return (
    <ul className={classes.deploys} aria-label="Versions that began">
      {deploys.map((one) => (
        <li key={`${one.version} ${one.time}`}>
          <strong>{one.version}</strong> from <time>{formatTime(nanoToMs(one.time), zone)}</time>, after {one.previous}
        </li>
      ))}
    </ul>
  );
}

function markOf({ version, time }: Deploy): Mark {
  return { time: nanoToMs(time) / 1000, label: version };
}
