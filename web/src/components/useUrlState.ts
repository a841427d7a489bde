import { useNavigate, useSearch } from "@tanstack/react-router";
import { useCallback, useMemo } from "react";

import type { RawSearch, UrlSchema } from "../lib/urlState";

/** Sets some of a page's URL state. `replace` is for typing and the like, which Back should not undo one by one. */
export type SetUrlState<T> = (patch: Partial<T>, options?: { replace?: boolean }) => void;

/** The URL state of the current page under `schema`, which must be a constant of the module. */
export function useUrlState<T>(schema: UrlSchema<T>): [T, SetUrlState<T>] {
  const search: RawSearch = useSearch({ strict: false });
  const navigate = useNavigate();
  const state = useMemo(() => schema.read(search), [schema, search]);
  const set = useCallback<SetUrlState<T>>(
    (patch, options) => {
      void navigate({
        to: ".",
        search: (before: RawSearch) => schema.write(before, patch),
        replace: options?.replace ?? false,
      });
    },
    [navigate, schema],
  );
  return [state, set];
}
