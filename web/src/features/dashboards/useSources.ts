import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";

import { ApiError } from "../../api/client";
import { listSources, type ListedSource } from "../../api/dashboards";
import { localSources, sourceTypeOf, type Source } from "../../lib/dashboard/datasource";

/** The data sources of the server; its own ones where it lists none. Undefined while they are asked for. */
export function useSources(): readonly Source[] | undefined {
  const listed = useQuery({
    queryKey: ["datasources"],
    queryFn: async ({ signal }): Promise<ListedSource[]> => {
      try {
        return await listSources(signal);
      } catch (error) {
        // Without the list the server's own sources are still there.
        if (error instanceof ApiError && error.status === 404) return [];
        throw error;
      }
    },
    staleTime: 60_000,
  });
  return useMemo(() => {
    if (listed.isPending) return undefined;
    const found = (listed.data ?? []).flatMap(sourceOf);
    return found.length === 0 ? localSources : found;
  }, [listed.isPending, listed.data]);
}

function sourceOf(listed: ListedSource): Source[] {
  const type = sourceTypeOf(listed.type);
  return type ? [{ uid: listed.uid, name: listed.name, type, base: listed.url, isDefault: listed.isDefault ?? false }] : [];
}
