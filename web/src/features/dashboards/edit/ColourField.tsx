import { Autocomplete, useComputedColorScheme } from "@mantine/core";

import { hueNames, namedColour } from "../../../lib/dashboard/colour";
import classes from "./panelEditor.module.css";

interface ColourFieldProps {
  label: string;
  id?: string;
  value: string;
  onChange: (colour: string) => void;
  width?: number;
}

/** A colour by a name that fits both themes, or as hex. */
export function ColourField({ label, id, value, onChange, width }: ColourFieldProps) {
  const scheme = useComputedColorScheme("light");
  return (
    <Autocomplete
      size="xs"
      {...(id === undefined ? { "aria-label": label } : { id })}
      {...(width === undefined ? {} : { w: width })}
      data={[...hueNames]}
      limit={60}
      value={value}
      placeholder="green, #3653D4"
      onChange={onChange}
      leftSection={<span className={classes.swatch} style={{ background: namedColour(value, scheme) ?? "transparent" }} aria-hidden="true" />}
      renderOption={({ option }) => (
        <span className={classes.colourOption}>
          <span className={classes.swatch} style={{ background: namedColour(option.value, scheme) }} aria-hidden="true" />
          {option.value}
        </span>
      )}
    />
  );
}
