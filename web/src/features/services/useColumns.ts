import { useLocalStorage } from "@mantine/hooks";
import { useState } from "react";

import { optionalColumns } from "./ServiceTable";

// On a phone what tells how a service does stands beside its name.
const wideOnly: ReadonlySet<string> = new Set(["language", "version", "instances", "dependencies"]);

/** What is shown without a choice. */
function firstShown(): readonly string[] {
  const narrow = window.matchMedia("(width < 760px)").matches;
  return optionalColumns.flatMap(({ key, first }) => (first && !(narrow && wideOnly.has(key)) ? [key] : []));
}

/** The columns that this browser's user wants in the list of services, and how to choose others. */
export function useColumns(): [readonly string[], (columns: readonly string[]) => void] {
  const [first] = useState(firstShown);
  const [columns, set] = useLocalStorage<readonly string[]>({ key: "oriel.services.columns", defaultValue: first, getInitialValueInEffect: false, deserialize: read });
  return [columns, set];
}

function read(text: string | undefined): readonly string[] {
  try {
    const kept: unknown = JSON.parse(text ?? "null");
    return Array.isArray(kept) ? kept.filter((one) => typeof one === "string") : firstShown();
  } catch {
    return firstShown();
  }
}
