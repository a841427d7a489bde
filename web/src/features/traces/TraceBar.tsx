import { Button } from "@mantine/core";
import { lazy, Suspense, useMemo, useState } from "react";

import { tagNames, tagValues } from "../../api/tempo";
import type { Completions } from "../../components/editor/language";
import { QueryEditor } from "../../components/editor/QueryEditor";
import { useTime } from "../../components/time/TimeContext";
import { placeInQuery } from "../../lib/problem";
import classes from "./TraceBar.module.css";

const QueryBuilder = lazy(async () => ({ default: (await import("../../components/querybuilder/QueryBuilder")).QueryBuilder }));

interface TraceBarProps {
  query: string;
  /** Why the server refused the query. */
  refused?: Error | undefined;
  /** Runs a query; the same one again asks anew. */
  onRun(query: string): void;
}

/** The query as text and as a builder: two ways to write the same. */
export function TraceBar({ query, refused, onRun }: TraceBarProps) {
  const [draft, setDraft] = useState({ of: query, text: query });
  // A query from elsewhere (the builder, a link, Back) replaces what was being typed.
  const text = draft.of === query ? draft.text : query;
  const { range } = useTime();
  const completions = useMemo<Completions>(() => {
    const seconds = { start: Math.floor(range.from / 1000), end: Math.ceil(range.to / 1000) };
    return { names: () => tagNames(seconds), values: (name, scope) => tagValues(name, { query: scope ?? "{}", ...seconds }) };
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
            language="traceql"
            label="TraceQL query"
            placeholder="{}"
            value={text}
            onChange={(next) => setDraft({ of: query, text: next })}
            onRun={(next) => onRun(next.trim() || "{}")}
            completions={completions}
            invalid={refused !== undefined && !edited}
            problem={edited ? undefined : problem}
          />
        </div>
        <Button variant={edited ? "filled" : "default"} onClick={() => onRun(text.trim() || "{}")}>
          Run
        </Button>
      </div>
      <Suspense fallback={<div className={classes.waiting} />}>
        <QueryBuilder language="traceql" query={query} onChange={onRun} />
      </Suspense>
    </div>
  );
}
