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
import { QueryEditor } from "../../components/editor/QueryEditor";
import { useTime } from "../../components/time/TimeContext";
import { fillMacros } from "../../lib/macros";
import { placeInQuery } from "../../lib/problem";
import { pickStep } from "../../lib/step";
import { metaOf } from "./defaultQuery";
import { ExplainTree } from "./ExplainTree";
import { referencesIn, type PaneQuery } from "./panes";
import { isRefusal, points, type NamedQuery, type QueryAnswer } from "./usePaneData";
import classes from "./metrics.module.css";

const QueryBuilder = lazy(async () => ({ default: (await import("../../components/querybuilder/QueryBuilder")).QueryBuilder }));

const completions: Completions = { prometheus: { url: baseURL(), fetch: fetchAs } };

interface QueryRowProps {
  query: NamedQuery;
  answer: QueryAnswer | undefined;
  /** Whether it is one of several in its pane: then it can be hidden and named. */
  several: boolean;
  onChange: (patch: Partial<PaneQuery>) => void;
  onRemove: (() => void) | undefined;
}

/** One query: as text or by choosing its parts, and explained. */
export function QueryRow({ query, answer, several, onChange, onRemove }: QueryRowProps) {
  const { name } = query;
  const [draft, setDraft] = useState({ of: query.text, text: query.text });
  const [shown, setShown] = useState<"builder" | "explain" | "">("");
  // A query that comes from elsewhere (Back, a metric chosen at the left) wins over what was being typed.
  const text = draft.of === query.text ? draft.text : query.text;
  const run = (next: string): void => onChange({ text: next.trim() });
  const error = answer && isRefusal(answer.error) && text === query.text ? answer.error : null;
  const problem = useProblem(error, query.text);
  const hint = useHint();
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
        {answer && !answer.pending && !answer.error && <span className={classes.caption}>{answer.series.length} series</span>}
      </div>
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
function useProblem(error: Error | null, query: string) {
  return useMemo(() => {
    if (!error) return undefined;
    const place = placeInQuery(error.message, query);
    return place && { ...place, message: error.message };
  }, [error, query]);
}

/** What macros stand for now, and what is known of metrics. */
function useHint(): (word: string) => string | undefined {
  const { range } = useTime();
  const client = useQueryClient();
  return (word) => {
    if (word.startsWith("$")) {
      const filled = fillMacros(word, range, pickStep(range, points));
      return filled === word ? undefined : `${word} is ${filled} now`;
    }
    // The list at the left has asked for it.
    const [found] = client.getQueriesData<Map<string, MetricMeta>>({ queryKey: ["prom", "metadata"] });
    const meta = found?.[1] && metaOf(word, found[1]);
    return meta && `${word}: ${meta.type}${meta.unit === "" ? "" : ` in ${meta.unit}`}\n${meta.help}`;
  };
}
