import { ActionIcon, SegmentedControl, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import IconX from "@tabler/icons-react/dist/esm/icons/IconX.mjs";
import { Link } from "@tanstack/react-router";

import { queryLogs } from "../../api/loki";
import { CorrelateMenu } from "../../components/correlate/CorrelateMenu";
import { KeyValue } from "../../components/KeyValue";
import { Histogram } from "../../components/logs/Histogram";
import { LogList } from "../../components/logs/LogList";
import { Panel } from "../../components/Panel";
import { Empty, Failure, Loading } from "../../components/status";
import { useTime } from "../../components/time/TimeContext";
import { useAnswer } from "../../components/useAnswer";
import { useListKeys } from "../../components/useListKeys";
import { useUrlState } from "../../components/useUrlState";
import { patternOf } from "../../lib/correlate/targets";
import { logsPlace, tracePlace } from "../../lib/links";
import { traceOf, type LogLine } from "../../lib/logLines";
import { linesOf } from "../../lib/service";
import { formatNano, msToNano, nanoToMs } from "../../lib/timeFormat";
import { group } from "../../lib/units";
import { serviceState, type ServiceState } from "./state";
import classes from "./services.module.css";

// The list here is to look at; the Logs page has all lines.
const most = 500;
const noTerms: readonly RegExp[] = [];

/** The newest lines of a service, all or those of errors, and how many there were over time. */
export function LogsTab({ service }: { service: string }) {
  const { range, zone } = useTime();
  const [state, set] = useUrlState(serviceState);
  const errors = state.lines === "errors";
  const [wanted] = useDebouncedValue(state.find, 300);
  const open = state.row;
  const setOpen = (row: string) => set({ row }, { replace: true });
  const query = linesOf(service, errors, wanted);
  const answer = useAnswer(["logs", "service", query], async ({ signal }) => {
    const found = await queryLogs({ query, start: msToNano(range.from), end: msToNano(range.to) }, { limit: most, direction: "backward" }, signal);
    return found.kind === "lines" ? found.lines : [];
  });
  const lines = answer.data ?? [];
  const at = lines.findIndex((line) => line.id === open);
  useListKeys({
    onMove: (by) => setOpen(lines[Math.min(Math.max(at + by, 0), lines.length - 1)]?.id ?? ""),
    onClose: () => setOpen(""),
  });
  const chosen = lines[at];
  return (
    <Panel title="Logs" flush of={answer} actions={<Link {...logsPlace(query)}>Open in Logs</Link>}>
      <div className={classes.bar}>
        <SegmentedControl
          aria-label="Lines"
          value={errors ? "errors" : "all"}
          onChange={(next) => set({ lines: next as ServiceState["lines"], row: "" })}
          data={[
            { value: "all", label: "All" },
            { value: "errors", label: "Errors" },
          ]}
        />
        <TextInput className={classes.find} aria-label="Find in the lines" placeholder="Find in the lines" value={state.find} onChange={(event) => set({ find: event.currentTarget.value }, { replace: true })} />
        {lines.length >= most && <span className={classes.muted}>the newest {group(most)}; the Logs page has the rest</span>}
      </div>
      <Histogram query={query} enabled={!answer.isError} />
      {answer.isPending ? (
        <Loading height={360} what="lines" />
      ) : answer.isError ? (
        <div className={classes.padded}>
          <Failure error={answer.error} retry={answer.refetch} what="Asking for lines" />
        </div>
      ) : lines.length === 0 ? (
        <Empty
          title="No lines in this range"
          hint={errors || wanted !== "" ? "Show all lines, or clear the search." : "Lines of a service have the label service_name."}
        />
      ) : (
        <div className={classes.beside}>
          <div className={classes.lineList}>
            <LogList lines={lines} terms={noTerms} wrap={false} zone={zone} active={open} open={open} onOpen={(line) => setOpen(line.id === open ? "" : line.id)} />
          </div>
          {chosen && <Line line={chosen} query={query} onClose={() => setOpen("")} />}
        </div>
      )}
    </Panel>
  );
}

function Line({ line, query, onClose }: { line: LogLine; query: string; onClose: () => void }) {
  const { zone, range } = useTime();
  const trace = traceOf(line);
  const fields = { ...line.labels, ...line.metadata, ...line.parsed };
  return (
    <aside className={classes.aside} aria-label="The line">
      <div className={classes.asideHead}>
        <Link {...logsPlace(query, range, line.id)}>Open in Logs</Link>
        {trace && <Link {...tracePlace(trace.traceId, trace.spanId)}>Trace {trace.traceId.slice(0, 8)}</Link>}
        <span className={classes.right}>
          <CorrelateMenu label="What else tells of this" subject={() => ({ kind: "line", labels: fields, time: nanoToMs(line.ts), traceId: trace?.traceId, spanId: trace?.spanId, pattern: patternOf(line.line) })} />
          <ActionIcon size={24} aria-label="Close" onClick={onClose}>
            <IconX size={14} />
          </ActionIcon>
        </span>
      </div>
      <pre className={classes.whole}>{line.line}</pre>
      <KeyValue pairs={[{ key: "time", value: formatNano(line.ts, zone) }, ...Object.entries(fields).toSorted(([a], [b]) => a.localeCompare(b)).map(([key, value]) => ({ key, value }))]} />
    </aside>
  );
}
