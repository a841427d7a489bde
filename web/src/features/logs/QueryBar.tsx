import { Button, Switch, TextInput } from "@mantine/core";
import IconX from "@tabler/icons-react/dist/esm/icons/IconX.mjs";
import { lazy, Suspense, useMemo, useState } from "react";

import { labelNames, labelValues } from "../../api/loki";
import type { Completions } from "../../components/editor/language";
import { QueryEditor } from "../../components/editor/QueryEditor";
import { useTime } from "../../components/time/TimeContext";
import { addLineFilter, EVERYTHING, removeChip, type Chip, type QueryShape } from "../../lib/logqlEdit";
import { placeInQuery } from "../../lib/problem";
import { msToNano } from "../../lib/timeFormat";
import classes from "./QueryBar.module.css";

const QueryBuilder = lazy(async () => ({ default: (await import("../../components/querybuilder/QueryBuilder")).QueryBuilder }));

interface QueryBarProps {
  query: string;
  shape: QueryShape;
  /** The server refused the query. */
  refused: Error | undefined;
  live: boolean;
  /** Runs a query; the same one again asks anew. */
  onRun(query: string): void;
  onLive(live: boolean): void;
}

/** The query as text, and its conditions as chips that can be taken out. */
export function QueryBar({ query, shape, refused, live, onRun, onLive }: QueryBarProps) {
  const [draft, setDraft] = useState({ of: query, text: query });
  const [find, setFind] = useState("");
  const [building, setBuilding] = useState(false);
  // A query from elsewhere (a chip, a link, Back) replaces what was being typed.
  const text = draft.of === query ? draft.text : query;
  const { range } = useTime();
  const completions = useMemo<Completions>(() => {
    const window = { start: msToNano(range.from), end: msToNano(range.to) };
    return { names: () => labelNames(window), values: (name) => labelValues(name, window) };
  }, [range]);
  const edited = text !== query;
  const problem = useMemo(() => {
    const place = refused && placeInQuery(refused.message, query);
    return place && { ...place, message: refused.message };
  }, [refused, query]);

  return (
    <div className={classes.bar}>
      <div className={classes.line}>
        <div className={classes.editor}>
          <QueryEditor
            language="logql"
            label="LogQL query"
            placeholder={EVERYTHING}
            value={text}
            onChange={(next) => setDraft({ of: query, text: next })}
            onRun={(next) => onRun(next.trim() || EVERYTHING)}
            completions={completions}
            invalid={refused !== undefined && !edited}
            problem={edited ? undefined : problem}
          />
        </div>
        <Switch label="Live" checked={live} onChange={(event) => onLive(event.currentTarget.checked)} disabled={shape.kind === "metric"} />
        <Button variant={edited ? "filled" : "default"} onClick={() => onRun(text.trim() || EVERYTHING)}>
          Run
        </Button>
        <Button variant={building ? "filled" : "default"} aria-expanded={building} onClick={() => setBuilding(!building)}>
          Builder
        </Button>
      </div>
      {building && (
        <Suspense fallback={null}>
          <QueryBuilder language="logql" query={text} onChange={(next) => onRun(next || EVERYTHING)} />
        </Suspense>
      )}
      <div className={classes.chips} role="group" aria-label="Conditions">
        {shape.chips.map((chip) => (
          <span key={`${chip.from} ${chip.to}`} className={classes.chip} data-negative={chip.op.startsWith("!") || undefined}>
            <span className={classes.chipText} title={chipText(chip)}>
              {chipText(chip)}
            </span>
            {chip.removable && !isEverything(chip, shape) && (
              <button type="button" className={classes.remove} aria-label={`Remove ${chipText(chip)}`} onClick={() => onRun(removeChip(query, chip))}>
                <IconX size={12} />
              </button>
            )}
          </span>
        ))}
        <form
          onSubmit={(event) => {
            event.preventDefault();
            if (find.trim() === "") return;
            onRun(addLineFilter(query, "|=", find.trim()));
            setFind("");
          }}
        >
          <TextInput
            size="xs"
            className={classes.find}
            placeholder="+ lines that contain …"
            aria-label="Add a text filter"
            value={find}
            onChange={(event) => setFind(event.currentTarget.value)}
          />
        </form>
      </div>
    </div>
  );
}

const words: Record<string, string> = { "|=": "contains", "!=": "without", "|~": "matches", "!~": "does not match", "|>": "like", "!>": "not like" };

function chipText(chip: Chip): string {
  return chip.kind === "line" ? `${words[chip.op] ?? chip.op} ${chip.value}` : `${chip.name} ${chip.op} ${chip.value}`;
}

/** The matcher that stands for "all streams" cannot be taken out: a selector may not be empty. */
function isEverything(chip: Chip, shape: QueryShape): boolean {
  return chip.kind === "matcher" && chip.op === "=~" && chip.value === ".+" && shape.chips.filter((one) => one.kind === "matcher").length === 1;
}
