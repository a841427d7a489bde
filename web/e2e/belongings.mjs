import { readFile } from "node:fs/promises";

const fixtures = new URL("../testdata/dashboards/", import.meta.url);

/** The dashboards that bring leaves on a server, by uid. */
export const brought = { every: "every-panel", modern: "modern" };

/** A configuration of a shop whose alerts are told to a webhook at `hook`, a host and port that is scraped, too. */
export function shopConfig(hook) {
  return {
    scrape_configs: [{ job_name: "till", scrape_interval: "5s", static_configs: [{ targets: [hook, "127.0.0.1:9"] }] }],
    alertmanager: {
      route: {
        receiver: "shop",
        group_by: ["alertname"],
        group_wait: "5s",
        routes: [
          { matchers: ['severity="critical"'], receiver: "on call", group_by: ["alertname", "job"] },
          { matchers: ['severity="warning"'], receiver: "shop", mute_time_intervals: ["weekend"], continue: true },
        ],
      },
      receivers: ["shop", "on call"].map((name) => ({ name, webhook_configs: [{ url: `http://${hook}/` }] })),
      time_intervals: [{ name: "weekend", time_intervals: [{ weekdays: ["saturday", "sunday"] }] }],
      inhibit_rules: [{ source_matchers: ['severity="critical"'], target_matchers: ['severity="warning"'], equal: ["job"] }],
    },
  };
}

/**
 * Leaves on a demo what people of the shop would have made: dashboards with versions, a playlist, a query with a name, an
 * objective, an annotation, a silence that is to come. Again, it changes nothing that can be seen.
 */
export async function bring(base) {
  const ask = async (method, path, data) => {
    const change = { method, headers: { "Content-Type": "application/json" }, body: JSON.stringify(data) };
    const answer = await fetch(base + path, change);
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
  };
  const own = "/oriel/api/v1";
  const { queries } = await (await fetch(`${base}${own}/queries`)).json();
  if (queries.some(({ name }) => name === "Failed charges")) return;

  const every = JSON.parse(await readFile(new URL("every-panel.json", fixtures), "utf8"));
  await ask("POST", `${own}/dashboards`, { dashboard: { ...every, uid: brought.every }, message: "taken over", overwrite: true });
  const modern = { ...JSON.parse(await readFile(new URL("modern.json", fixtures), "utf8")), uid: brought.modern };
  const [first, ...others] = modern.panels;
  await ask("POST", `${own}/dashboards`, { dashboard: { ...modern, panels: [{ ...first, title: "Targets" }, ...others.slice(1)] }, message: "first draft", overwrite: true });
  await ask("POST", `${own}/dashboards`, { dashboard: modern, message: "share of targets that are up", overwrite: true });

  await ask("POST", `${own}/playlists`, { name: "Wall of the shop", interval: "30s", items: [brought.modern, "oriel"] });
  await ask("POST", `${own}/queries`, { name: "Failed charges", language: "logql", query: '{service_name="payment"} | detected_level="error"' });
  await ask("POST", `${own}/queries`, { name: "Calls by service", language: "promql", query: "sum by (job) (rate(http_server_request_duration_seconds_count[1m]))" });
  await ask("POST", `${own}/annotations`, { dashboardUID: brought.modern, time: Date.now() - 120_000, text: "deployed 1.9.2", tags: ["deploy"] });
  await ask("PUT", `${own}/slos/payment-availability`, { objective: 99.9, window: "30d", indicator: { span_metrics: { service: "payment" } } });
  await ask("POST", "/alertmanager/api/v2/silences", {
    matchers: [{ name: "alertname", value: "NightlyBackupLate", isRegex: false, isEqual: true }],
    startsAt: new Date(Date.now() + 3_600_000).toISOString(),
    endsAt: new Date(Date.now() + 7_200_000).toISOString(),
    createdBy: "ada",
    comment: "the backup moves to another disk",
  });
}
