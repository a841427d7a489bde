import { memo, useId } from "react";

import { getIn } from "../../../lib/dashboard/edit";
import type { Obj } from "../../../lib/dashboard/json";
import { isModified, optionsFor, type OptionSpec } from "../../../lib/dashboard/optionSchema";
import { OptionControl } from "./OptionControl";
import classes from "./panelEditor.module.css";

export type Put = (path: readonly (string | number)[], value: unknown) => void;

interface OptionListProps {
  panel: Obj;
  type: string;
  /** Words that the settings must have. */
  find: string;
  put: Put;
}

const sections: readonly OptionSpec["section"][] = ["Panel", "Display", "Legend and tooltip", "Axis", "Values"];

/** The settings of a panel that some words find. What differs from the default is marked, and can be put back. */
export function OptionList({ panel, type, find, put }: OptionListProps) {
  const specs = optionsFor(type, find);
  return (
    <>
      {sections.map((section) => {
        const own = specs.filter((spec) => spec.section === section);
        if (own.length === 0) return null;
        return (
          <fieldset key={section} className={classes.section}>
            <legend>{section}</legend>
            {own.map((spec) => (
              <Option key={spec.path.join(".")} spec={spec} value={getIn(panel, spec.path)} modified={isModified(panel, spec)} put={put} />
            ))}
          </fieldset>
        );
      })}
    </>
  );
}

interface OptionProps {
  spec: OptionSpec;
  value: unknown;
  modified: boolean;
  put: Put;
}

/** One setting. Of all, a key press in one of them draws only that one anew. */
const Option = memo(function Option({ spec, value, modified, put }: OptionProps) {
  const id = useId();
  return (
    <div className={classes.option} data-modified={modified || undefined}>
      <label htmlFor={id} title={modified ? "Modified" : undefined}>
        {spec.label}
      </label>
      <OptionControl id={id} label={spec.label} spec={spec} value={value} onChange={(next) => put(spec.path, next)} />
      {modified ? (
        <button type="button" className={classes.reset} title="Back to the default" aria-label={`Reset ${spec.label}`} onClick={() => put(spec.path, undefined)}>
          ↺
        </button>
      ) : (
        <span />
      )}
    </div>
  );
});
