import { Button, Popover, Switch } from "@mantine/core";
import IconColumns from "@tabler/icons-react/dist/esm/icons/IconColumns.mjs";

import { optionalColumns } from "./ServiceTable";
import classes from "./services.module.css";

/** Chooses the columns of the list. */
export function ColumnMenu({ shown, onShown }: { shown: readonly string[]; onShown: (columns: readonly string[]) => void }) {
  return (
    <Popover position="bottom-end" trapFocus withinPortal transitionProps={{ duration: 0 }}>
      <Popover.Target>
        <Button size="compact-sm" variant="default" leftSection={<IconColumns size={14} />}>
          Columns
        </Button>
      </Popover.Target>
      <Popover.Dropdown>
        <fieldset className={classes.columns}>
          <legend>Columns</legend>
          {optionalColumns.map(({ key, title }) => (
            <Switch
              key={key}
              label={title}
              checked={shown.includes(key)}
              onChange={(event) => onShown(event.currentTarget.checked ? [...shown, key] : shown.filter((one) => one !== key))}
            />
          ))}
          <Button size="compact-xs" variant="default" onClick={() => onShown(optionalColumns.flatMap(({ key, first }) => (first ? [key] : [])))}>
            As at first
          </Button>
        </fieldset>
      </Popover.Dropdown>
    </Popover>
  );
}
