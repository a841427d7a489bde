import { useCallback, useMemo, useState } from "react";

import type { Obj } from "../../../lib/dashboard/json";

/** A dashboard's JSON while it is edited, with every step back to what is stored. */
export interface Draft {
  raw: Obj;
  changed: boolean;
  /** Takes the next step. One with the same `group` as the step before replaces it: typing is one step. */
  apply: (change: (raw: Obj) => Obj, group?: string) => void;
  undo: (() => void) | undefined;
  redo: (() => void) | undefined;
  /** Back to what is stored. */
  discard: () => void;
}

interface Steps {
  of: Obj;
  past: readonly Obj[];
  future: readonly Obj[];
  current: Obj;
  group: string | undefined;
}

// So many steps can be undone.
const mostSteps = 100;

/** The draft over what is stored. When another version is stored the draft begins anew. */
export function useDraft(stored: Obj): Draft {
  const fresh: Steps = { of: stored, past: [], future: [], current: stored, group: undefined };
  const [kept, setSteps] = useState<Steps>(fresh);
  const steps = kept.of === stored ? kept : fresh;

  const change = useCallback((next: (steps: Steps) => Steps) => setSteps((before) => next(before.of === stored ? before : { of: stored, past: [], future: [], current: stored, group: undefined })), [stored]);
  const apply = useCallback<Draft["apply"]>(
    (edit, group) =>
      change((before) => {
        const current = edit(before.current);
        if (current === before.current) return before;
        const same = group !== undefined && group === before.group;
        return { ...before, current, past: same ? before.past : [...before.past, before.current].slice(-mostSteps), future: [], group };
      }),
    [change],
  );
  const undo = useCallback(
    () =>
      change((before) => {
        const last = before.past.at(-1);
        return last ? { ...before, current: last, past: before.past.slice(0, -1), future: [before.current, ...before.future], group: undefined } : before;
      }),
    [change],
  );
  const redo = useCallback(
    () =>
      change((before) => {
        const [next, ...rest] = before.future;
        return next ? { ...before, current: next, past: [...before.past, before.current], future: rest, group: undefined } : before;
      }),
    [change],
  );
  const discard = useCallback(() => change((before) => ({ ...before, past: [], future: [], current: before.of, group: undefined })), [change]);
  return useMemo(
    () => ({
      raw: steps.current,
      changed: steps.current !== stored,
      apply,
      undo: steps.past.length > 0 ? undo : undefined,
      redo: steps.future.length > 0 ? redo : undefined,
      discard,
    }),
    [steps, stored, apply, undo, redo, discard],
  );
}
