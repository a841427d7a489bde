import { useLocalStorage } from "@mantine/hooks";

import { optionalColumns } from "./ServiceTable";

const firstShown: readonly string[] = optionalColumns.flatMap(({ key, first }) => (first ? [key] : []));

/** The columns that this browser's user wants in the list of services, and how to choose others. */
export function useColumns(): [readonly string[], (columns: readonly string[]) => void] {
  const [columns, set] = useLocalStorage<readonly string[]>({ key: "oriel.services.columns", defaultValue: firstShown, getInitialValueInEffect: false, deserialize: read });
  return [columns, set];
}

function read(text: string | undefined): readonly string[] {
  try {
    const kept: unknown = JSON.parse(text ?? "null");
    return Array.isArray(kept) ? kept.filter((one) => typeof one === "string") : firstShown;
  } catch {
    return firstShown;
  }
}
