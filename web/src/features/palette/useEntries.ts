import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";

import { listDashboards } from "../../api/dashboards";
import { labelValues as logLabelValues } from "../../api/loki";
import { labelValues } from "../../api/prom";
import { activeAlerts } from "../../api/rules";
import { savedQueries } from "../../api/savedQueries";
import { useOfferedActions } from "../../components/pageActions";
import { useTime } from "../../components/time/TimeContext";
import { useGo } from "../../components/useGo";
import { useRecentQueries } from "../../components/useRecentQueries";
import { address } from "../../lib/foreign/address";
import { boot } from "../../lib/boot";
import { formatLabels } from "../../lib/labels";
import { pages } from "../../lib/pages";
import { recognise, type Entry, type Pasted } from "../../lib/palette";
import { serviceOf } from "../../lib/service";
import { formatTime, msToNano } from "../../lib/timeFormat";

const queryPages = { promql: "/explore/metrics", logql: "/explore/logs", traceql: "/explore/traces" } as const;
const languages = { promql: "PromQL", logql: "LogQL", traceql: "TraceQL" } as const;
// A time that was pasted is shown with a quarter of an hour on either side.
const around = 15 * 60_000;

/** All that the palette can offer, and what a pasted text means. */
export function useEntries(text: string, onHelp: () => void): { entries: readonly Entry[]; pasted: readonly Entry[]; pending: boolean } {
  const go = useGo();
  const time = useTime();
  const { range, zone } = time;
  const actions = useOfferedActions();
  const [recent] = useRecentQueries();
  // What there is to find hardly changes while one looks for it.
  const common = { staleTime: 60_000 } as const;
  const dashboards = useQuery({ ...common, queryKey: ["palette", "dashboards"], queryFn: ({ signal }) => listDashboards({}, signal) });
  const metrics = useQuery({ ...common, queryKey: ["palette", "metrics"], queryFn: ({ signal }) => labelValues("__name__", range, signal) });
  const services = useQuery({
    ...common,
    queryKey: ["palette", "services"],
    queryFn: async ({ signal }) => {
      const seconds = { start: msToNano(range.from), end: msToNano(range.to) };
      const [logging, measured] = await Promise.all([logLabelValues("service_name", seconds, signal), labelValues("service_name", range, signal)]);
      return [...new Set([...logging, ...measured])].filter((name) => name !== "").toSorted();
    },
  });
  const kept = useQuery({ ...common, queryKey: ["queries"], queryFn: ({ signal }) => savedQueries(signal) });
  const alerts = useQuery({ ...common, staleTime: 10_000, queryKey: ["palette", "alerts"], queryFn: ({ signal }) => activeAlerts(signal) });

  const entries = useMemo<Entry[]>(
    () => [
      ...actions.map((one): Entry => ({ ...one, id: `action:${one.id}`, kind: "action" })),
      ...(alerts.data ?? []).flatMap(({ labels }): Entry[] => {
        const name = labels.alertname ?? "";
        return [{ id: `silence:${JSON.stringify(labels)}`, kind: "action", title: `Silence ${name}`, note: serviceOf(labels), run: () => go(address("/alerts", { tab: "silences", silence: formatLabels(labels) })) }];
      }),
      ...pages.map((page): Entry => ({ id: `page:${page.to}`, kind: "page", title: page.title, note: page.group ?? "", keys: page.key ? `g ${page.key}` : "", words: page.words ?? "", run: () => go(page.to) })),
      ...(services.data ?? []).map((name): Entry => ({ id: `service:${name}`, kind: "service", title: name, run: () => go(`/services/${encodeURIComponent(name)}`) })),
      ...(dashboards.data ?? []).map((one): Entry => ({ id: `dashboard:${one.uid}`, kind: "dashboard", title: one.title, note: [one.folderTitle, ...one.tags].filter(Boolean).join(" · "), run: () => go(`/d/${encodeURIComponent(one.uid)}`) })),
      ...(alerts.data ?? []).map(({ labels, state, annotations }, index): Entry => ({
        id: `alert:${index}`,
        kind: "alert",
        title: [labels.alertname, serviceOf(labels)].filter(Boolean).join(" "),
        note: `${state} · ${annotations.summary ?? ""}`,
        run: () => go(address("/alerts", { filter: formatLabels(labels) })),
      })),
      ...(metrics.data ?? []).map((name): Entry => ({ id: `metric:${name}`, kind: "metric", title: name, run: () => go(address("/explore/metrics", { q: name })) })),
      ...(kept.data ?? []).map(({ uid, name, language, query }): Entry => ({ id: `kept:${uid}`, kind: "query", title: name, note: `${languages[language]} · ${query}`, words: "saved kept query", run: () => go(address(queryPages[language], { q: query })) })),
      ...recent.map(({ language, query }): Entry => ({ id: `query:${language}:${query}`, kind: "query", title: query, note: languages[language], words: "recent query", run: () => go(address(queryPages[language], { q: query })) })),
      { id: "help:keys", kind: "help", title: "Keyboard shortcuts", keys: "?", run: onHelp },
      { id: "help:api", kind: "help", title: "HTTP API", note: "OpenAPI document", run: () => void window.open(`${boot.prefix}/oriel/api/v1/openapi.yaml`, "_blank", "noopener") },
    ],
    [actions, alerts.data, services.data, dashboards.data, metrics.data, kept.data, recent, go, onHelp],
  );

  const pasted = useMemo(() => {
    const found = recognise(text, Date.now(), zone, location.origin, boot.prefix);
    return found ? meaning(found) : [];

    function meaning(what: Pasted): Entry[] {
      switch (what.kind) {
        case "trace":
          return [
            { id: "pasted:trace", kind: "action", title: "Open the trace", note: what.id, run: () => go(`/trace/${what.id}`) },
            { id: "pasted:lines", kind: "action", title: "Find its log lines", note: what.id, run: () => go(address("/explore/logs", { q: `{service_name=~".+"} | trace_id="${what.id}"` })) },
          ];
        case "time":
          return [{ id: "pasted:time", kind: "action", title: "Show this time", note: formatTime(what.ms, zone), run: () => time.zoomTo({ from: what.ms - around, to: what.ms + around }) }];
        case "link":
          return [{ id: "pasted:link", kind: "action", title: "Open this link here", note: what.to, run: () => go(what.to) }];
        case "query":
          return [{ id: "pasted:query", kind: "action", title: `Run as ${languages[what.language]}`, note: what.query, run: () => go(address(queryPages[what.language], { q: what.query })) }];
      }
    }
  }, [text, zone, go, time]);

  return { entries, pasted, pending: dashboards.isPending || metrics.isPending || services.isPending || alerts.isPending };
}
