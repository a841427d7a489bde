import { createContext, useContext } from "react";

import type { LibraryPanel } from "../../../api/library";
import type { Obj } from "../../../lib/dashboard/json";
import type { GridPos } from "../../../lib/dashboard/model";
import type { Draft } from "./useDraft";

/** What can be done to the open dashboard. */
export interface Editor {
  /** False for dashboards that come from files. */
  canEdit: boolean;
  draft: Draft;
  /** A panel's JSON as it is in the draft. */
  rawPanel: (id: number) => Obj | undefined;
  duplicate: (id: number) => void;
  remove: (id: number) => void;
  /** What library panels contain, by their uids. */
  library: Obj;
  /** Shows a panel of the library in place of a panel. */
  link: (id: number, kept: LibraryPanel) => void;
  /** Moves or resizes; rows count from the top of the panel's section. */
  place: (id: number, pos: GridPos) => void;
  /** Moves a panel to the section of a heading, or to the one without (null): at a place there, or below all. */
  moveTo: (id: number, row: number | null, pos?: GridPos) => void;
  /** Moves a heading with its panels to where another one stands. */
  moveRow: (id: number, over: number) => void;
}

export const EditorContext = createContext<Editor | null>(null);

/** The editor of the dashboard around; null outside of one. */
export function useEditor(): Editor | null {
  return useContext(EditorContext);
}
