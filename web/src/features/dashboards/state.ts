import { choice, flag, list, text, urlSchema } from "../../lib/urlState";

/** What the URL of a dashboard says besides time and variables. */
export interface DashboardState {
  /** Id of the one panel that is shown, also as `panel-12`. */
  viewPanel: string;
  /** Id of the panel that is edited. */
  editPanel: string;
  /** Without rail and header, for a screen on the wall. */
  kiosk: string;
  /** Id of the panel that is looked into, and in which respect. */
  inspect: string;
  inspectTab: "data" | "query" | "json" | "stats";
  /** Keys of the rows that are folded otherwise than the dashboard says. */
  fold: readonly string[];
  /** The page is in edit mode. */
  edit: boolean;
}

export const dashboardState = urlSchema<DashboardState>({
  viewPanel: text(),
  editPanel: text(),
  kiosk: text("off"),
  inspect: text(),
  inspectTab: choice(["data", "query", "json", "stats"], "data"),
  fold: list(),
  edit: flag(),
});

/** The panel's id in `12` and `panel-12`; undefined for anything else. */
export function panelId(value: string): number | undefined {
  const digits = /^(?:panel-)?(\d+)$/.exec(value)?.[1];
  return digits === undefined ? undefined : Number(digits);
}

/** What the URL of the list says. */
export interface ListState {
  q: string;
  tag: readonly string[];
  folder: string;
  starred: boolean;
}

export const listState = urlSchema<ListState>({ q: text(), tag: list(), folder: text(), starred: flag() });
