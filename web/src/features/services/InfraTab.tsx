import { Link } from "@tanstack/react-router";
import { useMemo } from "react";

import { ofService, type Profile } from "../../api/services";
import type { Mark, Stretch } from "../../components/chart/TimeSeries";
import { SeriesMenu } from "../../components/correlate/SeriesMenu";
import { infraCharts } from "../../components/infraCharts";
import { Panel } from "../../components/Panel";
import { QueryPanel } from "../../components/QueryPanel";
import { Empty, Failure, Loading } from "../../components/status";
import { useTime } from "../../components/time/TimeContext";
import { useAnswer } from "../../components/useAnswer";
import { browsePlace, metricsPlace } from "../../lib/links";
import { group } from "../../lib/units";
import classes from "./services.module.css";

interface InfraTabProps {
  service: string;
  profile: Profile | undefined;
  marks: readonly Mark[] | undefined;
  stretches: readonly Stretch[];
}

/** What a service runs on: CPU, memory and restarts of its processes, pods and hosts, and the metrics that it sends. */
export function InfraTab({ service, profile, marks, stretches }: InfraTabProps) {
  const charts = useMemo(() => infraCharts(service, profile), [service, profile]);
  return (
    <>
      {profile && (profile.pods.length > 0 || profile.hosts.length > 0) && (
        <p className={classes.where}>
          <Names title="Pods" names={profile.pods} label="k8s_pod_name" />
          <Names title="Hosts" names={profile.hosts} label="host_name" />
        </p>
      )}
      <div className={classes.charts}>
        {charts.map((panel) => (
          <QueryPanel
            key={panel.title}
            panel={panel}
            height={170}
            marks={marks}
            stretches={stretches}
            menu={(series, name, stepMs) => <SeriesMenu series={series} name={`${panel.title}: ${name}`} query={panel.query} about={{ service_name: service }} stepMs={stepMs} />}
          />
        ))}
      </div>
      <OwnMetrics service={service} />
    </>
  );
}

function Names({ title, names, label }: { title: string; names: readonly string[]; label: string }) {
  if (names.length === 0) return null;
  return (
    <span>
      {title}:{" "}
      {names.map((name, index) => (
        <span key={name}>
          {index > 0 && ", "}
          <Link {...browsePlace([{ name: label, op: "=", value: name }])}>{name}</Link>
        </span>
      ))}
    </span>
  );
}

/** The names of the metrics that a service sends, each with its way to a graph. */
function OwnMetrics({ service }: { service: string }) {
  const { range } = useTime();
  const evidence = useAnswer(["services", "evidence", service], ({ signal }) => ofService(service, range, signal));
  const own = evidence.data?.metrics[0];
  const [selector = ""] = own?.selectors ?? [];
  return (
    <Panel
      title={own && own.names.length > 0 ? `Its metrics: ${group(own.names.length)}` : "Its metrics"}
      flush
      of={evidence}
      actions={own && selector !== "" && <Link {...metricsPlace(`count by (__name__) (${selector})`)}>Open in Metrics</Link>}
    >
      {evidence.isPending ? (
        <Loading what="metrics" />
      ) : evidence.isError ? (
        <div className={classes.padded}>
          <Failure error={evidence.error} retry={evidence.refetch} what="Asking for its metrics" />
        </div>
      ) : !own || own.names.length === 0 ? (
        <Empty title="No metrics with this service's name" hint="Metrics of a service have a job or service_name that names it." height={84} />
      ) : (
        <ul className={classes.names} aria-label="Its metrics">
          {own.names.map((name) => (
            <li key={name}>
              <Link {...metricsPlace(name + selector)}>{name}</Link>
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}
