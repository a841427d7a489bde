import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";

import { listPatterns, type Pattern } from "../../api/patterns";
import { Panel } from "../../components/Panel";
import { Empty, Failure, Loading } from "../../components/status";
import { useTime } from "../../components/time/TimeContext";
import { useAnswer } from "../../components/useAnswer";
import { logsPlace } from "../../lib/links";
import { errorLevels } from "../../lib/service";
import { age, msToNano } from "../../lib/timeFormat";
import { group } from "../../lib/units";
import classes from "./overview.module.css";

const query = `{service_name=~".+"} | ${errorLevels}`;
const dayMs = 86_400_000;
const grainMs = 5 * 60_000;
const shown = 8;

/** Kinds of error lines that the day before the range did not have. */
export function NewPatterns() {
  const { range } = useTime();
  const now = useAnswer(["overview", "patterns"], ({ signal }) => listPatterns({ query, start: msToNano(range.from), end: msToNano(range.to) }, signal));
  const until = Math.floor(range.from / grainMs) * grainMs;
  const before = useQuery({
    queryKey: ["overview", "patterns before", until],
    queryFn: ({ signal }) => listPatterns({ query, start: msToNano(until - dayMs), end: msToNano(until) }, signal),
  });
  const failed = now.error ?? before.error;
  const known = new Set(before.data?.map(({ pattern }) => pattern));
  const fresh = before.data ? (now.data ?? []).filter(({ pattern }) => !known.has(pattern)) : [];
  return (
    <Panel title="New error patterns" flush busy={now.isPlaceholderData || before.isPlaceholderData}>
      {failed ? (
        <div className={classes.padded}>
          <Failure error={failed} retry={() => (now.isError ? now : before).refetch()} what="Looking for patterns" />
        </div>
      ) : now.isPending || before.isPending ? (
        <Loading height={96} what="patterns" asked={now.asked} />
      ) : fresh.length === 0 ? (
        <Empty title="No new kind of error" hint={now.data?.length === 0 ? "No error lines in this range." : "Every kind of error line in this range was there the day before."} height={96} />
      ) : (
        <ul className={classes.list} aria-label="New error patterns">
          {fresh.slice(0, shown).map((one) => (
            <li key={`${one.level} ${one.pattern}`} className={classes.item}>
              <PatternLine pattern={one} />
            </li>
          ))}
          {fresh.length > shown && <li className={classes.item}>{fresh.length - shown} more</li>}
        </ul>
      )}
    </Panel>
  );
}

function PatternLine({ pattern: { pattern, count, first } }: { pattern: Pattern }) {
  const place = logsPlace(`{service_name=~".+"} | ${errorLevels} |> ${JSON.stringify(pattern)}`);
  return (
    <>
      <div className={classes.itemHead}>
        <Link {...place}>{group(count)}×</Link>
        <span className={classes.when}>since {age(first * 1000, Date.now())}</span>
      </div>
      <div className={classes.message} title={pattern}>
        {readable(pattern)}
      </div>
    </>
  );
}

/** The part of a JSON line's pattern that people wrote. */
function readable(pattern: string): string {
  return /"(?:msg|message|error)":"((?:[^"\\]|\\.)*)/.exec(pattern)?.[1] ?? pattern;
}
