import { choice, text, urlSchema } from "../../lib/urlState";

/** What a link to the list of services carries beside the time range. */
export interface ListState {
  /** Part of a name. */
  q: string;
  /** Key of the column the list is sorted by; "-key" for descending. */
  sort: string;
}

export const listState = urlSchema<ListState>({ q: text(), sort: text("-rate") });

/** What a link to the map carries. */
export interface MapState {
  /** Part of a name: only such nodes and their neighbours are shown. */
  q: string;
  view: "map" | "table";
}

export const mapState = urlSchema<MapState>({ q: text(), view: choice(["map", "table"], "map") });
