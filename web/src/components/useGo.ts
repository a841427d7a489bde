import { useRouter } from "@tanstack/react-router";
import { useCallback } from "react";

import { boot } from "../lib/boot";
import { sharedKeys, type RawSearch } from "../lib/urlState";

/** Goes to an address within the page, path and search; the time range comes along unless it names one. */
export function useGo(): (to: string, options?: { replace?: boolean }) => void {
  const router = useRouter();
  return useCallback(
    (to, options) => {
      const target = new URL(to, "http://page");
      const before = router.state.location.search as RawSearch;
      for (const key of sharedKeys) {
        const value = before[key];
        if (typeof value === "string" && !target.searchParams.has(key)) target.searchParams.set(key, value);
      }
      const href = `${boot.prefix}${target.pathname}${target.search}${target.hash}`;
      if (options?.replace) router.history.replace(href);
      else router.history.push(href);
    },
    [router],
  );
}
