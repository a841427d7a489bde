import { Button, Menu } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";

import { acknowledge, snooze, unacknowledge } from "../../api/alertdesk";
import { copyText } from "../../components/clipboard";
import { CorrelateMenu } from "../../components/correlate/CorrelateMenu";
import { splitComparison } from "../../lib/alerts";
import { logsPlace, metricsPlace, servicePlace, tracesPlace, type Place } from "../../lib/links";
import { exactly } from "../../lib/matchers";
import { logsOf, serviceOf, tracesOf } from "../../lib/service";
import { addressOf, tenantOf } from "../../lib/tenant";
import type { TimeRange } from "../../lib/time";
import type { AlertingRule } from "./filter";
import type { Firing } from "./firing";
import { NameField } from "./NameField";
import { SilenceForm } from "./SilenceForm";
import { useAuthor } from "./useAuthor";
import classes from "./alerts.module.css";

const snoozes = [
  ["30m", "30 minutes"],
  ["1h", "1 hour"],
  ["4h", "4 hours"],
  ["24h", "a day"],
] as const;

/** What to do about an alert, and where to look further. */
export function AlertActions({ alert, range, all }: { alert: Firing; range: TimeRange; all: readonly Firing[] }) {
  const [author, setAuthor] = useAuthor();
  const [silencing, setSilencing] = useState(false);
  const [copied, setCopied] = useState(false);
  const client = useQueryClient();
  const fingerprint = alert.notified?.fingerprint;
  const acked = alert.notified?.acknowledgement;
  const act = useMutation({
    mutationFn: (what: () => Promise<unknown>) => what(),
    onSuccess: () => client.invalidateQueries({ queryKey: ["notified"] }),
  });
  const nameless = author.trim() === "";
  const service = serviceOf(alert.labels);
  const { rule } = alert;

  return (
    <div className={classes.actions}>
      {fingerprint && (
        <>
          <NameField value={author} onChange={setAuthor} />
          {acked ? (
            <Button size="compact-sm" variant="default" disabled={nameless || act.isPending} onClick={() => act.mutate(() => unacknowledge(fingerprint, author))}>
              Take acknowledgement back
            </Button>
          ) : (
            <Button size="compact-sm" disabled={nameless || act.isPending} onClick={() => act.mutate(() => acknowledge(fingerprint, author, "", true))}>
              Acknowledge
            </Button>
          )}
          <Menu position="bottom-start">
            <Menu.Target>
              <Button size="compact-sm" variant="default" disabled={nameless || act.isPending}>
                Snooze ▾
              </Button>
            </Menu.Target>
            <Menu.Dropdown>
              {snoozes.map(([duration, words]) => (
                <Menu.Item key={duration} onClick={() => act.mutate(() => snooze(fingerprint, duration, author, ""))}>
                  For {words}
                </Menu.Item>
              ))}
            </Menu.Dropdown>
          </Menu>
        </>
      )}
      <Button size="compact-sm" variant="default" onClick={() => setSilencing(true)}>
        Silence…
      </Button>
      <span className={classes.ways}>
        {rule && <Link {...measuredPlace(rule, range)}>{{ metrics: "Metrics", logs: "What it counts in Logs", traces: "What it counts in Traces" }[rule.signal ?? "metrics"]}</Link>}
        {service && <Link {...logsPlace(logsOf(service), range)}>Logs of {service}</Link>}
        {service && <Link {...tracesPlace(tracesOf(service), range)}>Traces of {service}</Link>}
        {service && <Link {...servicePlace(service)}>Service</Link>}
        <CorrelateMenu
          label="More about this alert"
          subject={() => ({ kind: "alert", labels: alert.labels, time: Number.isNaN(alert.since) ? undefined : alert.since, query: rule && !rule.signal ? rule.query : undefined })}
        />
        <Outward href={alert.annotations.runbook_url ?? alert.annotations.runbook}>Runbook</Outward>
        <Outward href={alert.annotations.dashboard_url ?? alert.annotations.dashboard}>Dashboard</Outward>
        {fingerprint && (
          <button
            type="button"
            className={classes.textButton}
            onClick={() => void copyText(linkTo(fingerprint)).then(() => setCopied(true))}
          >
            {copied ? "Copied" : "Copy link"}
          </button>
        )}
      </span>
      {act.isError && (
        <div role="alert" className={classes.error}>
          {act.error.message}
        </div>
      )}
      {silencing && <SilenceForm of={{ matchers: exactly(alert.labels) }} alerts={all} onClose={() => setSilencing(false)} />}
    </div>
  );
}

/** Where what a rule measures is asked for. */
function measuredPlace({ query, signal }: AlertingRule, range: TimeRange): Place {
  const measured = splitComparison(query)?.value ?? query;
  return signal === "logs" ? logsPlace(measured, range) : signal === "traces" ? tracesPlace(measured, range) : metricsPlace(measured, range);
}

/** The address of the alert's own page, for others to open: in the tenant that it is of. */
function linkTo(fingerprint: string): string {
  const link = new URL(`alerts?fp=${fingerprint}`, document.baseURI).href;
  const tenant = tenantOf(location.search);
  return tenant === "" ? link : addressOf(link, tenant);
}

function Outward({ href, children }: { href: string | undefined; children: string }) {
  if (!href || !/^(?:https?:\/\/|\/)/.test(href)) return null;
  return (
    <a href={href} rel="noopener noreferrer" target="_blank">
      {children} ↗
    </a>
  );
}
