import { Notice } from "../../../components/Notice";
import { queryText } from "../../../lib/dashboard/readVariables";
import type { VariableState } from "../../../lib/dashboard/variables";

/** Why a dashboard may be empty: the first variable on view that has no values to choose from. */
export function MissingValues({ states }: { states: readonly VariableState[] }) {
  const lacking = states.filter(({ model, options, error }) => model.type === "query" && model.hide !== "variable" && error === undefined && options.length === 0);
  const [first] = lacking;
  if (!first) return null;
  const names = lacking.map(({ model }) => model.label || model.name).join(", ");
  return <Notice>{`Nothing in this range answers ${queryText(first.model.query) || "the variable's query"}. Panels that ask by ${names} have no data.`}</Notice>;
}
