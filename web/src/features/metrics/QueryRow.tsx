import { ActionIcon, Button, TextInput } from "@mantine/core";
import IconEye from "@tabler/icons-react/dist/esm/icons/IconEye.mjs";
import IconEyeOff from "@tabler/icons-react/dist/esm/icons/IconEyeOff.mjs";
import IconPlayerPlay from "@tabler/icons-react/dist/esm/icons/IconPlayerPlay.mjs";
import IconX from "@tabler/icons-react/dist/esm/icons/IconX.mjs";
import { useQueryClient } from "@tanstack/react-query";
import { lazy, Suspense, useMemo, useState } from "react";

import { baseURL, fetchAs } from "../../api/client";
import type { MetricMeta } from "../../api/prom";
import type { Completions } from "../../components/editor/language";
import { HistoryMenu } from "../../components/editor/HistoryMenu";
import { QueryEditor } from "../../components/editor/QueryEditor";
import { FilterBar } from "../../components/filterbar/FilterBar";
import { useTime } from "../../components/time/TimeContext";
import { fillMacros } from "../../lib/macros";
import { placeInAsked } from "../../lib/problem";
import { writeSelector, type PromMatcher } from "../../lib/promql/tree";
import { metaOf } from "./defaultQuery";
import { ExplainTree } from "./ExplainTree";
import { QueryCost } from "./QueryCost";
import { referencesIn, type PaneQuery } from "./panes";
import { pillsOf, promSource, selectorOf } from "./pills";
import { isRefusal, type NamedQuery, type QueryAnswer } from "./usePaneData";
import classes from "./metrics.module.css";

const QueryBuilder = lazy(async () => ({ default: (await import("../../components/querybuilder/QueryBuilder")).QueryBuilder }));

const completions: Completions = { prometheus: { url: baseURL(), fetch: fetchAs } };

interface QueryRowProps {
  query: NamedQuery;
  answer: QueryAnswer | undefined;
  /** The step it is asked with, in milliseconds. */
  stepMs: number;
  /** Whether it is one of several in its pane: then it can be hidden and named. */
  several: boolean;
  onChange: (patch: Partial<PaneQuery>) => void;
  onRemove: (() => void) | undefined;
}

/** One query: as text or by choosing its parts, and explained. */
export function QueryRow({ query, answer, stepMs, several, onChange, onRemove }: QueryRowProps) {
  const { name } = query;
  const [draft, setDraft] = useState({ of: query.text, text: query.text });
  const [shown, setShown] = useState<"builder" | "explain" | "">("");
  // A query that comes from elsewhere (Back, a metric chosen at the left) wins over what was being typed.
  const text = draft.of === query.text ? draft.text : query.text;
  const { refresh } = useTime();
  // The same again asks anew.
  const run = (next: string): void => (next.trim() === query.text ? refresh() : onChange({ text: next.trim() }));
  const error = answer && isRefusal(answer.error) && text === query.text ? answer.error : null;
  const problem = useProblem(error, query.text, stepMs);
  const hint = useHint(stepMs);
  const expression = referencesIn(text) !== undefined;
  const toggle = (which: "builder" | "explain"): void => setShown(shown === which ? "" : which);

  return (
    <div className={classes.query}>
      <div className={classes.editorRow}>
        <span className={classes.paneName}>{name}</span>
        <QueryEditor
          language="promql"
          label={`Query ${name} in PromQL`}
          placeholder="A PromQL expression, or arithmetic over others as $A / $B; Ctrl+Enter runs it"
          value={text}
          onChange={(next) => setDraft({ of: query.text, text: next })}
          onRun={run}
          completions={completions}
          invalid={error !== null}
          problem={problem}
          hint={hint}
        />
        <HistoryMenu language="promql" current={query.text} onRun={run} />
        <Button leftSection={<IconPlayerPlay size={14} />} onClick={() => run(text)}>
          Run
        </Button>
        {several && (
          <ActionIcon aria-label={`${query.hidden ? "Show" : "Hide"} query ${name}`} aria-pressed={query.hidden} onClick={() => onChange({ hidden: !query.hidden })}>
            {query.hidden ? <IconEyeOff size={16} /> : <IconEye size={16} />}
          </ActionIcon>
        )}
        {onRemove && (
          <ActionIcon aria-label={`Remove query ${name}`} onClick={onRemove}>
            <IconX size={16} />
          </ActionIcon>
        )}
      </div>
      <div className={classes.queryTools}>
        {!expression && (
          <>
            <Button size="compact-xs" variant={shown === "builder" ? "filled" : "subtle"} aria-expanded={shown === "builder"} onClick={() => toggle("builder")}>
              Builder
            </Button>
            <Button size="compact-xs" variant={shown === "explain" ? "filled" : "subtle"} aria-expanded={shown === "explain"} onClick={() => toggle("explain")} disabled={text === ""}>
              Explain
            </Button>
          </>
        )}
        <LegendField key={query.legend} value={query.legend} name={name} onChange={(legend) => onChange({ legend })} />
        {answer && !answer.pending && !answer.error && <QueryCost query={query.text} expression={expression} answer={answer} stepMs={stepMs} />}
      </div>
      {!expression && query.text !== "" && <Pills query={query.text} onQuery={(next) => onChange({ text: next })} />}
      {shown === "builder" && !expression && (
        <div className={classes.builder}>
          <Suspense fallback={null}>
            <QueryBuilder language="promql" query={text} onChange={(next) => onChange({ text: next })} />
          </Suspense>
        </div>
      )}
      {shown === "explain" && !expression && <ExplainTree query={text} />}
    </div>
  );
}

/** The conditions of a query that is run. */
function Pills({ query, onQuery }: { query: string; onQuery: (query: string) => void }) {
  const of = useMemo(() => selectorOf(query), [query]);
  const matchers = of?.matchers ?? [];
  const put = (next: readonly PromMatcher[]): void => of && onQuery(of.with(next));
  return (
    <FilterBar
      label="Conditions"
      conditions={pillsOf(matchers)}
      byHand={!of}
      source={promSource}
      scope={of ? writeSelector(of.metric, matchers) : ""}
      onChange={(index, op, value) => put(matchers.map((one, at) => (at === index ? { ...one, op: op as PromMatcher["op"], value } : one)))}
      onRemove={(index) => put(matchers.toSpliced(index, 1))}
      {...(of && { onAdd: (name, op, value) => put([...matchers, { name, op: op as PromMatcher["op"], value }]) })}
    />
  );
}

function LegendField({ value, name, onChange }: { value: string; name: string; onChange: (legend: string) => void }) {
  const [text, setText] = useState(value);
  const done = (): void => {
    if (text !== value) onChange(text);
  };
  return (
    <TextInput
      size="xs"
      variant="unstyled"
      w={200}
      aria-label={`Legend of query ${name}`}
      placeholder="legend, as {{service}}"
      value={text}
      onChange={(event) => setText(event.currentTarget.value)}
      onBlur={done}
      onKeyDown={(event) => {
        if (event.key === "Enter") done();
      }}
    />
  );
}

/** Where the server says that a query is wrong; it was asked with the macros filled in, which moves what follows them. */
function useProblem(error: Error | null, query: string, stepMs: number) {
  const { range } = useTime();
  return useMemo(() => {
    if (!error) return undefined;
    const place = placeInAsked(error.message, query, range, stepMs);
    return place && { ...place, message: error.message };
  }, [error, query, range, stepMs]);
}

/** What macros stand for now, and what is known of metrics. */
function useHint(stepMs: number): (word: string) => string | undefined {
  const { range } = useTime();
  const client = useQueryClient();
  return (word) => {
    if (word.startsWith("$")) {
      const filled = fillMacros(word, range, stepMs);
      return filled === word ? undefined : `${word} is ${filled} now`;
    }
    // The list at the left has asked for it.
    const [found] = client.getQueriesData<Map<string, MetricMeta>>({ queryKey: ["prom", "metadata"] });
    const meta = found?.[1] && metaOf(word, found[1]);
    return meta && `${word}: ${meta.type}${meta.unit === "" ? "" : ` in ${meta.unit}`}\n${meta.help}`;
  };
}
