import { readTextFields } from "./logFields";
import type { LogLine } from "./logLines";
import type { Filter } from "./logqlEdit";

/** The condition on a field of a line: the same from a column, the detail or the JSON, wherever the field is. */
export function filterOn(line: LogLine, name: string, value: string, op: Filter["op"]): Filter {
  if (line.parsed[name] === value) return { origin: "parsed", name, value, op };
  if (line.metadata[name] === value) return { origin: "metadata", name, value, op };
  if (line.labels[name] === value) return { origin: "label", name, value, op };
  const { format } = readTextFields(line.line);
  // What a parser finds under a name that is taken gets another one.
  const taken = name in line.metadata || name in line.labels;
  return { origin: "parsed", name: taken ? `${name}_extracted` : name, value, op, ...(format === "none" ? {} : { parser: format }) };
}
