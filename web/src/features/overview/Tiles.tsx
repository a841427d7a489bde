import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";

import { received } from "../../api/onboarding";
import { queryInstant, queryRange } from "../../api/prom";
import { Sparkline } from "../../components/Sparkline";
import { StatTile } from "../../components/StatTile";
import { useTime } from "../../components/time/TimeContext";
import { sortAlerts } from "../../lib/alerts";
import { logsPlace, metricsPlace, tracesPlace } from "../../lib/links";
import { errorLevels } from "../../lib/service";
import { fillMacros } from "../../lib/macros";
import { age, clockOf } from "../../lib/timeFormat";
import { formatValue, group } from "../../lib/units";
import { droppedSince } from "./drops";
import { latest, newest, ratio, redQueries, total, type Service } from "./red";
import { useDayBefore } from "./useDayBefore";
import { useErrorSpans } from "./useErrorSpans";
import { useActiveAlerts } from "./useActiveAlerts";
import { useIngest } from "./useIngest";
import classes from "./overview.module.css";

const signals = ["metrics", "logs", "spans"] as const;

/** The page's first line: one number for each thing that can be wrong. Services are `known` once all that was asked about them is answered. */
export function Tiles({ services, known, degraded }: { services: readonly Service[]; known: boolean; degraded: number }) {
  const some = services.length > 0;
  return (
    <div className={classes.tiles}>
      <AlertsTile />
      <StatTile
        title="Services"
        value={<Link to="/services">{some || known ? services.length : "–"}</Link>}
        note={degraded > 0 ? `${degraded} degraded` : some ? "none degraded" : known ? "in this range" : ""}
        token={degraded === 0 ? undefined : "error"}
      />
      <RequestsTile services={services} known={known} />
      <ErrorLinesTile services={services} />
      <ErrorSpansTile />
      <IngestTile />
      <RefusedTile />
      <ServerTile />
    </div>
  );
}

function AlertsTile() {
  const { zone } = useTime();
  const alerts = useActiveAlerts();
  const firing = alerts.data?.filter((alert) => alert.state === "firing") ?? [];
  const bySeverity = new Map<string, number>();
  for (const { labels } of sortAlerts(firing)) {
    const severity = labels.severity ?? "no severity";
    bySeverity.set(severity, (bySeverity.get(severity) ?? 0) + 1);
  }
  const note = [...bySeverity].map(([severity, count]) => `${count} ${severity}`).join(", ");
  return (
    <StatTile
      title="Firing alerts"
      value={<Link to="/alerts">{alerts.data ? firing.length : "–"}</Link>}
      token={firing.length > 0 ? "error" : undefined}
      note={alerts.isError ? alerts.error.message : [note || (alerts.data ? `${alerts.data.length - firing.length} pending` : ""), alerts.failure ? `as of ${clockOf(alerts.at, zone)}` : ""].filter(Boolean).join(", ")}
    />
  );
}

function RequestsTile({ services, known }: { services: readonly Service[]; known: boolean }) {
  const rate = total(services.map((one) => one.red?.rate ?? []));
  const errors = total(services.map((one) => one.red?.errors ?? []));
  const [now, failed] = [latest(rate), latest(errors) ?? 0];
  const share = now ? failed / now : null;
  return (
    <StatTile
      title="Requests"
      value={<Link {...metricsPlace(redQueries("$__rate_interval").rate)}>{formatValue(now, "/s")}</Link>}
      note={share === null ? (known ? "no service reports requests" : "") : `${formatValue(share, "percentunit")} failed`}
      trend={<Sparkline values={rate} width={72} />}
    />
  );
}

function ErrorLinesTile({ services }: { services: readonly Service[] }) {
  const change = useDayBefore();
  const lines = total(services.map((one) => one.errorLines));
  const all = latest(total(services.map((one) => one.lines)));
  const now = latest(lines) ?? (all === null ? null : 0);
  return (
    <StatTile
      title="Error lines"
      value={<Link {...logsPlace(`{service_name=~".+"} | ${errorLevels}`)}>{formatValue(now, "/min")}</Link>}
      note={[change, all === null ? "" : `of ${formatValue(all, "/min")}`].filter(Boolean).join(", ")}
      trend={<Sparkline values={lines} token="error" width={72} />}
    />
  );
}

function ErrorSpansTile() {
  const spans = useErrorSpans();
  const share = spans.data ? ratio(spans.data.failed, spans.data.all) : [];
  return (
    <StatTile
      title="Error spans"
      value={<Link {...tracesPlace("{ status = error }")}>{formatValue(newest(share), "percentunit")}</Link>}
      note={spans.isError ? spans.error.message : spans.data && (newest(spans.data.all) === null ? "no spans now" : `of ${formatValue(newest(spans.data.all), "/s")}`)}
      trend={<Sparkline values={share} token="error" width={72} />}
    />
  );
}

function IngestTile() {
  const rows = useIngest();
  const { tick } = useTime();
  const came = useQuery({ queryKey: ["overview", "received", tick], queryFn: ({ signal }) => received(signal) });
  const series = rows.data?.series ?? [];
  const all = total(series.map((one) => one.values));
  const parts = signals.flatMap((signal) => {
    const one = series.find(({ labels }) => labels.signal === signal);
    return one ? [`${signal} ${formatValue(latest(one.values))}`] : [];
  });
  const drops = came.data ? droppedSince(came.data.rejections, Date.now()) : [];
  const [lastRow = ""] = came.data?.accepted.map((one) => one.last).toSorted().toReversed() ?? [];
  const parted = parts.join(", ") || (rows.isPending ? "" : "nothing in this range");
  return (
    <StatTile
      title="Ingested rows"
      value={<Link to="/data">{formatValue(latest(all), "/s")}</Link>}
      token={drops.length > 0 ? "error" : undefined}
      note={
        rows.isError ? (
          rows.error.message
        ) : drops.length > 0 ? (
          <span title={drops.map(({ example }) => example).join("\n")}>Refused: {drops.map(({ protocol, reason, ago }) => `${protocol} ${reason} ${ago}`).join(", ")}</span>
        ) : (
          [parted, lastRow && `newest ${age(Date.parse(lastRow), Date.now())}`].filter(Boolean).join(" · ")
        )
      }
      trend={<Sparkline values={all} width={72} />}
    />
  );
}

function RefusedTile() {
  const { range, tick } = useTime();
  const query = fillMacros("sum by (protocol, reason) (increase(oriel_ingest_rejected_total[$__range])) > 0", range, 1000);
  const refused = useQuery({
    queryKey: ["overview", "refused", range, tick],
    queryFn: ({ signal }) => queryInstant(query, range.to, signal),
  });
  const rows = (refused.data ?? []).toSorted((a, b) => b.value - a.value);
  const count = Math.round(rows.reduce((sum, row) => sum + row.value, 0));
  const note = rows.map(({ labels }) => `${labels.protocol ?? ""} ${labels.reason ?? ""}`).join(", ");
  return (
    <StatTile
      title="Refused rows"
      value={<Link to="/data">{refused.data ? group(count) : "–"}</Link>}
      token={count > 0 ? "error" : undefined}
      note={refused.isError ? refused.error.message : note || "in this range"}
    />
  );
}

function ServerTile() {
  const { range, tick } = useTime();
  const memory = useQuery({
    queryKey: ["overview", "memory", range, tick],
    queryFn: ({ signal }) => queryRange({ query: 'process_resident_memory_bytes{job="oriel"}', range, points: 60 }, signal),
  });
  const values = memory.data?.series[0]?.values ?? [];
  return (
    <StatTile
      title="Oriel"
      value={<Link {...metricsPlace('process_resident_memory_bytes{job="oriel"}')}>{formatValue(latest(values), "bytes")}</Link>}
      note={<Link to="/d/$uid" params={{ uid: "oriel" }}>memory, queries, stores</Link>}
      trend={<Sparkline values={values} width={72} />}
    />
  );
}
