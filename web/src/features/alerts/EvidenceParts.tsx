import { Link } from "@tanstack/react-router";

import type { Evidence, EvidenceTrace } from "../../api/evidence";
import { StateBadge, type Tone } from "../../components/StateBadge";
import { useTime } from "../../components/time/TimeContext";
import { logsPlace, servicePlace, tracePlace, tracesPlace } from "../../lib/links";
import type { TimeRange } from "../../lib/time";
import { clockOf, formatTime } from "../../lib/timeFormat";
import { formatValue, group } from "../../lib/units";
import classes from "./evidence.module.css";

/** Log lines of what an alert is about: those of errors first, alike ones once. */
export function EvidenceLogs({ logs, range }: { logs: NonNullable<Evidence["logs"]>; range: TimeRange }) {
  const { zone } = useTime();
  return (
    <section className={classes.part} aria-label="Logs">
      <h3 className={classes.heading}>
        Logs <Link {...logsPlace(logs.query, range)}>Open in Logs</Link>
      </h3>
      <ul className={classes.rows}>
        {logs.lines.map((line) => (
          <li key={`${line.time} ${line.line}`} className={classes.line}>
            <span className={classes.lineHead}>
              {line.level && <StateBadge tone={levelTone(line.level)}>{line.level}</StateBadge>}
              <span className={classes.muted} title={formatTime(Date.parse(line.time), zone)}>
                {clockOf(Date.parse(line.time), zone)}
              </span>
              {line.service && <span>{line.service}</span>}
              {line.count > 1 && <b>{group(line.count)} ×</b>}
              {line.traceId && <Link {...tracePlace(line.traceId)}>Trace</Link>}
            </span>
            <code className={classes.text}>{line.line}</code>
          </li>
        ))}
      </ul>
    </section>
  );
}

function levelTone(level: string): Tone {
  if (/^(?:fatal|critical|panic)/i.test(level)) return "critical";
  if (/^err/i.test(level)) return "error";
  return /^warn/i.test(level) ? "warn" : /^info/i.test(level) ? "info" : "muted";
}

/** Traces that failed, then the slowest, each with who had the time. */
export function EvidenceTraces({ traces, range }: { traces: NonNullable<Evidence["traces"]>; range: TimeRange }) {
  return (
    <section className={classes.part} aria-label="Traces">
      <h3 className={classes.heading}>
        Traces <Link {...tracesPlace(traces.query, range)}>Open in Traces</Link>
      </h3>
      <ul className={classes.rows}>
        {traces.items.map((trace) => (
          <li key={trace.traceId} className={classes.line}>
            <TraceRow trace={trace} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function TraceRow({ trace }: { trace: EvidenceTrace }) {
  const { zone } = useTime();
  const path = trace.criticalPath ?? [];
  return (
    <>
      <span className={classes.lineHead}>
        <StateBadge tone={trace.failed ? "error" : "warn"}>{trace.failed ? "failed" : "slow"}</StateBadge>
        <Link {...tracePlace(trace.traceId, trace.failed?.spanId)}>
          {`${trace.service} ${trace.name}`.trim() || `Trace ${trace.traceId}`}
        </Link>
        <b>{formatValue(trace.durationSeconds, "s")}</b>
        <span className={classes.muted} title={formatTime(Date.parse(trace.start), zone)}>
          {clockOf(Date.parse(trace.start), zone)} · {trace.spans} spans
        </span>
      </span>
      {trace.failed && (
        <span className={classes.failed}>
          {trace.failed.service} fails in {trace.failed.name}
          {trace.failed.message && `: ${trace.failed.message}`}
        </span>
      )}
      {path.length > 0 && (
        <span className={classes.path} role="img" aria-label={`Critical path: ${path.map((step) => `${step.service} ${step.name} ${formatValue(step.part, "percentunit", 0)}`).join(", ")}`}>
          {path.map((step) => (
            <span key={`${step.service} ${step.name} ${step.selfSeconds}`} className={classes.step} style={{ flexGrow: Math.max(step.part, 0.02) }} title={`${step.service} ${step.name}: ${formatValue(step.selfSeconds, "s")}`}>
              {step.service} {formatValue(step.part, "percentunit", 0)}
            </span>
          ))}
        </span>
      )}
    </>
  );
}

/** Versions that were new around the start. */
export function EvidenceChanges({ deploys }: { deploys: NonNullable<Evidence["deploys"]> }) {
  const { zone } = useTime();
  return (
    <section className={classes.part} aria-label="Changes">
      <h3 className={classes.heading}>Changes</h3>
      <ul className={classes.rows}>
        {deploys.map((one) => (
          <li key={`${one.time} ${one.service}`} className={classes.line}>
            <span className={classes.lineHead}>
              <span title={formatTime(Date.parse(one.time), zone)}>{clockOf(Date.parse(one.time), zone)}</span>
              deploy of <Link {...servicePlace(one.service)}>{one.service}</Link> {one.version}
              {one.previous && <span className={classes.muted}>after {one.previous}</span>}
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}
