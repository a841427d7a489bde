import type { Obj } from "../../../../lib/dashboard/json";
import { calcIds, calcName } from "../../../../lib/dashboard/reduce";
import type { KnownFields } from "./fieldsIn";

/** What the form of a transformation gets. */
export interface FormProps {
  options: Obj;
  /** What reaches the transformation. */
  known: KnownFields;
  onChange: (options: Obj) => void;
}

/** Calculations, by their names. */
export const calcChoices = calcIds.map((value) => ({ value, label: calcName(value) }));
