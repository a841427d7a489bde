import { Button, Switch, TextInput } from "@mantine/core";
import { lazy, Suspense, useMemo, useState } from "react";

import { labelNames, labelValues } from "../../api/loki";
import type { Completions } from "../../components/editor/language";
import { HistoryMenu } from "../../components/editor/HistoryMenu";
import { QueryEditor } from "../../components/editor/QueryEditor";
import { FilterBar, labelOps, type Condition } from "../../components/filterbar/FilterBar";
import type { NameSource } from "../../components/querybuilder/useNames";
import { useTime } from "../../components/time/TimeContext";
import { addFilter, addLineFilter, changeChip, EVERYTHING, isChangeable, readQuery, removeChip, type Chip, type QueryShape } from "../../lib/logqlEdit";
import { placeInAsked, placeInQuery } from "../../lib/problem";
import { msToNano } from "../../lib/timeFormat";
import classes from "./QueryBar.module.css";

const QueryBuilder = lazy(async () => ({ default: (await import("../../components/querybuilder/QueryBuilder")).QueryBuilder }));

interface QueryBarProps {
  query: string;
  shape: QueryShape;
  /** The server refused the query. */
  refused: Error | undefined;
  /** Of a metric query, in milliseconds: what its macros are filled in with. */
  step: number;
  live: boolean;
  /** Runs a query; the same one again asks anew. */
  onRun(query: string): void;
  onLive(live: boolean): void;
}

/** The query as text, and its conditions as chips that can be taken out. */
export function QueryBar({ query, shape, refused, step, live, onRun, onLive }: QueryBarProps) {
  const [draft, setDraft] = useState({ of: query, text: query });
  const [find, setFind] = useState("");
  const [building, setBuilding] = useState(false);
  // A query from elsewhere (a chip, a link, Back) replaces what was being typed.
  const text = draft.of === query ? draft.text : query;
  const { range } = useTime();
  const completions = useMemo<Completions>(() => {
    const window = { start: msToNano(range.from), end: msToNano(range.to) };
    return { names: () => labelNames(window), values: (name, scope) => labelValues(name, window, undefined, scope) };
  }, [range]);
  const edited = text !== query;
  const conditions = useMemo(
    () =>
      shape.chips.map((chip): Condition => ({
        key: `${chip.from} ${chip.to}`,
        name: chip.name,
        op: chip.op,
        value: chip.value,
        text: chipText(chip),
        ops: !isChangeable(query, chip) ? [] : chip.kind === "line" ? lineOps : chip.kind === "matcher" ? labelOps : fieldOps,
        removable: chip.removable && !isEverything(chip, shape),
      })),
    [shape, query],
  );
  const problem = useMemo(() => {
    const metric = shape.kind === "metric";
    const place = refused && (metric ? placeInAsked(refused.message, query, range, step) : placeInQuery(refused.message, query));
    return place && { ...place, message: refused.message };
  }, [refused, query, range, step, shape.kind]);

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
        <HistoryMenu language="logql" current={query} onRun={onRun} />
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
      <FilterBar
        label="Conditions"
        conditions={conditions}
        byHand={text.trim() !== "" && (shape.kind === "invalid" || shape.chips.some((chip) => !isChangeable(query, chip)))}
        source={source}
        onChange={(index, op, value) => shape.chips[index] && onRun(changeChip(query, shape.chips[index], op, value))}
        onRemove={(index) => shape.chips[index] && onRun(removeChip(query, shape.chips[index]))}
        onAdd={(name, op, value) => onRun(addMatcher(query, name, op, value))}
      >
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
      </FilterBar>
    </div>
  );
}

const lineOps = ["|=", "!=", "|~", "!~", "|>", "!>"];
const fieldOps = [...labelOps, ">", ">=", "<", "<="];
const source: NameSource = { language: "logql", base: "", fill: (text) => text };

/** A query with another condition on a label of its streams. */
function addMatcher(query: string, name: string, op: string, value: string): string {
  const added = addFilter(query, { origin: "label", name, op: op.startsWith("!") ? "!=" : "=", value });
  if (!op.endsWith("~")) return added;
  const chip = readQuery(added).chips.find((one) => one.kind === "matcher" && one.name === name && one.value === value);
  return chip ? changeChip(added, chip, op, value) : added;
}

const words: Record<string, string> = { "|=": "contains", "!=": "without", "|~": "matches", "!~": "does not match", "|>": "like", "!>": "not like" };

function chipText(chip: Chip): string {
  return chip.kind === "line" ? `${words[chip.op] ?? chip.op} ${chip.value}` : `${chip.name} ${chip.op} ${chip.value}`;
}

/** The matcher that stands for "all streams" cannot be taken out: a selector may not be empty. */
function isEverything(chip: Chip, shape: QueryShape): boolean {
  return chip.kind === "matcher" && chip.op === "=~" && chip.value === ".+" && shape.chips.filter((one) => one.kind === "matcher").length === 1;
}
