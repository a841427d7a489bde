import { Link } from "@tanstack/react-router";

import { ruleChanges, ruleGroups, whatChanged, type Rule } from "../../api/rules";
import { useTime } from "../../components/time/TimeContext";
import { useAnswer } from "../../components/useAnswer";
import { useAnswerNow } from "../../components/useAnswerNow";
import { formatTime } from "../../lib/timeFormat";
import classes from "./services.module.css";

const most = 5;

/** Which rules about a service somebody made or changed within the range, and who; nothing where nobody did. */
export function RuleEdits({ service }: { service: string }) {
  const { range, zone } = useTime();
  const changes = useAnswer(["rules", "changes"], ({ signal }) => ruleChanges(range, signal));
  const edits = (changes.data ?? []).filter(({ kind, action }) => (kind === "alert" || kind === "record") && action !== "deleted");
  // What a rule is about is told by the rule.
  const groups = useAnswerNow(["rules"], ({ signal }) => ruleGroups(signal), { enabled: edits.length > 0 });
  const about = new Set((groups.data ?? []).flatMap(({ rules }) => rules.flatMap((rule) => (names(rule, service) ? [rule.name] : []))));
  const shown = edits.filter(({ name }) => about.has(name)).slice(0, most);
  if (shown.length === 0) return null;
  return (
    <ul className={classes.deploys} aria-label="Rules that were changed">
      {shown.map((one) => (
        <li key={`${one.time} ${one.action} ${one.name}`}>
          {whatChanged(one)}{" "}
          <Link to="/alerts" search={{ tab: "rules", filter: one.name }}>
            {one.name}
          </Link>{" "}
          at <time>{formatTime(Date.parse(one.time), zone)}</time>
          {one.author !== undefined && ` by ${one.author}`}
        </li>
      ))}
    </ul>
  );
}

/** Whether a rule's expression or a label of it names a service, as a whole word. */
function names({ query, labels = {} }: Rule, service: string): boolean {
  const word = new RegExp(`(?<![\\w-])${service.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&")}(?![\\w-])`);
  return [query, ...Object.values(labels)].some((text) => word.test(text));
}
