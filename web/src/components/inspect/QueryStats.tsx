import { lazy, Suspense, useState } from "react";

import type { Params } from "../../api/client";
import classes from "./inspect.module.css";

const QueryInspector = lazy(() => import("./QueryInspector").then((loaded) => ({ default: loaded.QueryInspector })));

/** A request that can be looked into. */
export interface Inspected {
  /** Path of the API, as `/api/v1/query_range`. */
  path: string;
  params: Params;
}

/** What an answer took, in a few words; a click shows the request, its answer and what each part cost. */
export function QueryStats({ parts, of }: { parts: readonly string[]; of: Inspected }) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <button type="button" className={classes.chip} aria-haspopup="dialog" title="What was asked, what came back, and what it cost" onClick={() => setOpen(true)}>
        {parts.join(" · ")}
      </button>
      {open && (
        <Suspense fallback={null}>
          <QueryInspector of={of} onClose={() => setOpen(false)} />
        </Suspense>
      )}
    </>
  );
}
