
import { configText, serverFacts } from "../../api/prom";
import { KeyValue } from "../../components/KeyValue";
import { Notice } from "../../components/Notice";
import { Panel } from "../../components/Panel";
import { StateBadge } from "../../components/StateBadge";
import { Failure, Loading } from "../../components/status";
import { useTime } from "../../components/time/TimeContext";
import { useAnswerNow } from "../../components/useAnswerNow";
import { age, formatTime } from "../../lib/timeFormat";
import { scalar } from "./flatten";
import { Replays, replaysOf } from "./Replays";
import { Section } from "./Section";
import { storageOf } from "./storage";
import { useStatus } from "./useStatus";
import classes from "./data.module.css";

const hidden = new Set(["CWD", "hostname", "lastConfigTime", "reloadConfigSuccess", "startTime", "serverTime"]);

/** What runs here, with which flags and configuration, and how its parts do. */
export function StatusTab() {
  const { zone } = useTime();
  const status = useStatus();
  const runtime = useAnswerNow(["prom", "runtimeinfo"], ({ signal }) => serverFacts("runtimeinfo", signal));
  const flags = useAnswerNow(["prom", "flags"], ({ signal }) => serverFacts("flags", signal));
  const config = useAnswerNow(["prom", "config"], ({ signal }) => configText(signal));
  if (status.isPending) return <Loading as="page" height={320} what="the server's status" asked={status.asked} />;
  if (status.isError) return <Failure error={status.error} retry={status.refetch} what="Asking for the status" />;
  const { version, startedAt, sections } = status.data;
  const started = Date.parse(startedAt);
  const { signals } = storageOf(sections, []);
  const facts = runtime.data ?? {};
  return (
    <>
      {facts.reloadConfigSuccess === false && <Notice>The configuration file could not be loaded; the one before is in force.</Notice>}
      <Panel title="Parts" flush of={status}>
        <ul className={classes.refused} aria-label="Parts">
          {signals.map((one) => (
            <li key={one.signal}>
              <div className={classes.refusedHead}>
                {one.readOnly !== "" ? <StateBadge tone="error">read-only</StateBadge> : one.quarantined > 0 ? <StateBadge tone="warn">damaged files</StateBadge> : <StateBadge tone="ok">well</StateBadge>}
                <span>Store of {one.signal}</span>
                <span className={classes.muted}>{one.readOnly || (one.quarantined > 0 ? `${one.quarantined} files are set aside` : "")}</span>
              </div>
            </li>
          ))}
          <li>
            <div className={classes.refusedHead}>
              <StateBadge tone={facts.reloadConfigSuccess === false ? "error" : "ok"}>{facts.reloadConfigSuccess === false ? "not loaded" : "well"}</StateBadge>
              <span>Configuration</span>
              {typeof facts.lastConfigTime === "string" && <span className={classes.muted}>loaded {age(Date.parse(facts.lastConfigTime), Date.now())}</span>}
            </div>
          </li>
        </ul>
      </Panel>
      <div className={classes.two}>
        <Panel title="Server" flush>
          <KeyValue
            pairs={[
              { key: "version", value: version },
              { key: "started", value: `${formatTime(started, zone)} (${age(started, Date.now())})` },
              ...Object.entries(facts).flatMap(([key, value]) => (hidden.has(key) || value === "" ? [] : [{ key, value: scalar(key, value) }])),
            ]}
          />
          {runtime.isError && <Failure error={runtime.error} retry={runtime.refetch} what="Asking for the process" />}
        </Panel>
        <Panel title="Command line" flush>
          {flags.isError ? <Failure error={flags.error} retry={flags.refetch} what="Asking for the flags" /> : <KeyValue pairs={Object.entries(flags.data ?? {}).map(([key, value]) => ({ key: `--${key}`, value: scalar(key, value) }))} />}
        </Panel>
      </div>
      <Replays replays={replaysOf(sections)} of={status} />
      {sections.map(([name, value]) => name !== "replay" && <Section key={name} name={name} value={value} />)}
      <Panel title="Configuration in force" flush of={config}>
        {config.isError ? (
          <Failure error={config.error} retry={config.refetch} what="Asking for the configuration" />
        ) : (
          // It scrolls, so the keyboard must reach it.
          // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
          <pre className={classes.config} tabIndex={0}>
            {config.data}
          </pre>
        )}
      </Panel>
    </>
  );
}
