import { useDebouncedValue } from "@mantine/hooks";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useCallback, useEffect, useMemo, useState } from "react";

import { checkDraft, type Checked, type Configuration, type Draft, type RoutingConfig } from "../../../api/routing";

interface Kept {
  draft: Draft;
  config: RoutingConfig;
}

// Outlives the page's parts, not the page: it may have secrets, which no storage of the browser is to keep.
let left: Kept | undefined;

/** A configuration while it is edited, and what the server thinks of it. */
export interface RoutingDraft {
  /** What is sent: the text while that is edited, or else the configuration. */
  draft: Draft;
  config: RoutingConfig;
  changed: boolean;
  edit: (change: (config: RoutingConfig) => RoutingConfig) => void;
  write: (yaml: string) => void;
  /** Takes what the server read of the text, to go on with forms. */
  read: (config: RoutingConfig) => void;
  discard: () => void;
  checked: Checked | undefined;
  checking: boolean;
  checkError: Error | null;
}

/** Whether there is a draft that was left unsaved. */
export const hasDraft = (): boolean => left !== undefined;

/** The draft over what is in force. It outlives a look at another page; leaving Oriel asks first. */
export function useRoutingDraft(stored: Configuration): RoutingDraft {
  const fresh = useMemo<Kept>(() => ({ draft: { base: stored.version, config: stored.config }, config: stored.config }), [stored]);
  const [kept, setKept] = useState<Kept | undefined>(left);
  const { draft, config } = kept ?? fresh;
  const keep = useCallback((next: Kept | undefined) => {
    left = next;
    setKept(next);
  }, []);
  const changed = kept !== undefined;

  useEffect(() => {
    if (!changed) return;
    const ask = (event: BeforeUnloadEvent): void => event.preventDefault();
    window.addEventListener("beforeunload", ask);
    return () => window.removeEventListener("beforeunload", ask);
  }, [changed]);

  const [asked] = useDebouncedValue(draft, 300);
  const check = useQuery({ queryKey: ["routing", "check", asked], queryFn: () => checkDraft(asked), enabled: changed, placeholderData: keepPreviousData, staleTime: Infinity, gcTime: 0, retry: false });
  return {
    draft,
    config,
    changed,
    edit: (change) => {
      const next = change(config);
      keep({ draft: { base: draft.base, config: next }, config: next });
    },
    write: (yaml) => keep({ draft: { base: draft.base, yaml }, config }),
    read: (next) => keep({ draft: { base: draft.base, config: next }, config: next }),
    discard: () => keep(undefined),
    checked: changed ? check.data : undefined,
    checking: changed && (check.isFetching || asked !== draft),
    checkError: changed ? check.error : null,
  };
}
