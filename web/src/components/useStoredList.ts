import { useLocalStorage } from "@mantine/hooks";
import { useCallback } from "react";

import { remember } from "../lib/recent";

/** A list of texts that the browser keeps, the newest first and each once. */
export function useStoredList(key: string, limit: number): [readonly string[], (one: string) => void] {
  const [list, set] = useLocalStorage<string[]>({ key, defaultValue: [], getInitialValueInEffect: false, deserialize: readList });
  const add = useCallback((one: string) => set((before) => remember(before, one, limit)), [set, limit]);
  return [list, add];
}

function readList(text: string | undefined): string[] {
  try {
    const list: unknown = JSON.parse(text ?? "[]");
    return Array.isArray(list) ? list.filter((one) => typeof one === "string") : [];
  } catch {
    return [];
  }
}
