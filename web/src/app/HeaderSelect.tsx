import { Select, type SelectProps } from "@mantine/core";

import classes from "./Header.module.css";

/** A choice in the header, for the few who have one: everybody else does without its code. */
export function HeaderSelect(props: SelectProps) {
  return <Select className={classes.tenant} size="xs" searchable checkIconPosition="right" {...props} />;
}
