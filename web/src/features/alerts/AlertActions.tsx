import { Button, Menu } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";

import { acknowledge, snooze, unacknowledge } from "../../api/alertdesk";
import { CorrelateMenu } from "../../components/correlate/CorrelateMenu";
import { splitComparison } from "../../lib/alerts";
import { logsPlace, metricsPlace, servicePlace, tracesPlace } from "../../lib/links";
import { exactly } from "../../lib/matchers";
import { logsOf, serviceOf, tracesOf } from "../../lib/service";
import type { TimeRange } from "../../lib/time";
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
        {rule && !rule.signal && <Link {...metricsPlace(splitComparison(rule.query)?.value ?? rule.query, range)}>Metrics</Link>}
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
            onClick={() => void navigator.clipboard.writeText(new URL(`alerts?fp=${fingerprint}`, document.baseURI).href).then(() => setCopied(true))}
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

function Outward({ href, children }: { href: string | undefined; children: string }) {
  if (!href || !/^(?:https?:\/\/|\/)/.test(href)) return null;
  return (
    <a href={href} rel="noopener noreferrer" target="_blank">
      {children} ↗
    </a>
  );
}
