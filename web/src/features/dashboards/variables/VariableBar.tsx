import { useNavigate } from "@tanstack/react-router";

import type { VariableModel } from "../../../lib/dashboard/model";
import { writeFilter, type VariableState } from "../../../lib/dashboard/variables";
import type { RawSearch } from "../../../lib/urlState";
import { FilterControl } from "./FilterControl";
import { TextControl } from "./TextControl";
import { ValueControl } from "./ValueControl";
import classes from "./variables.module.css";

/** The dashboard's variables, each with the control that suits it. What is chosen goes into the URL. */
export function VariableBar({ states, busy }: { states: readonly VariableState[]; busy: boolean }) {
  const navigate = useNavigate();
  const shown = states.filter(({ model }) => model.hide !== "variable" && model.type !== "constant" && model.type !== "system");
  if (shown.length === 0) return null;
  const choose = (model: VariableModel, values: readonly string[]): void => {
    void navigate({ to: ".", search: (before: RawSearch) => ({ ...before, [`var-${model.name}`]: [...values] }) });
  };
  return (
    <div className={classes.bar} role="group" aria-label="Variables" aria-busy={busy}>
      {shown.map((state) => {
        const { model } = state;
        const label = model.label || model.name;
        const onChoose = (values: readonly string[]): void => choose(model, values);
        return (
          <div key={model.name} className={classes.variable}>
            {model.hide !== "label" && (
              <span className={classes.label} title={model.description || undefined}>
                {label}
              </span>
            )}
            {model.type === "textbox" ? (
              <TextControl label={label} value={state.chosen[0] ?? ""} onChange={(value) => onChoose([value])} />
            ) : model.type === "adhoc" ? (
              <FilterControl label={label} state={state} onChange={(filters) => onChoose(filters.map(writeFilter))} />
            ) : (
              <ValueControl label={label} state={state} onChoose={onChoose} />
            )}
          </div>
        );
      })}
    </div>
  );
}
