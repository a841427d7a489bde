import { Autocomplete, Button, Popover, Select } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { tagNames, typedTagValues } from "../../api/tempo";
import { useTime } from "../../components/time/TimeContext";
import { writeConditions, type Condition } from "../../lib/traceqlEdit";
import classes from "./TraceBar.module.css";

const ops: Condition["op"][] = ["=", "!=", "=~", "!~", ">", ">=", "<", "<="];

interface AttributeFilterProps {
  /** Those there are: only values that fit them are on offer. */
  conditions: readonly Condition[];
  onAdd(condition: Condition): void;
}

/** Adds a condition on any attribute, with names and values that there are. */
export function AttributeFilter({ conditions, onAdd }: AttributeFilterProps) {
  const [opened, setOpened] = useState(false);
  return (
    <Popover opened={opened} onChange={setOpened} position="bottom-start" shadow="md" width={620} trapFocus withinPortal>
      <Popover.Target>
        <Button size="xs" variant="default" aria-haspopup="dialog" onClick={() => setOpened(!opened)}>
          + Attribute
        </Button>
      </Popover.Target>
      <Popover.Dropdown>
        {opened && (
          <Fields
            conditions={conditions}
            onAdd={(condition) => {
              setOpened(false);
              onAdd(condition);
            }}
          />
        )}
      </Popover.Dropdown>
    </Popover>
  );
}

function Fields({ conditions, onAdd }: AttributeFilterProps) {
  const { range } = useTime();
  const [field, setField] = useState("");
  const [op, setOp] = useState<Condition["op"]>("=");
  const [value, setValue] = useState("");
  const seconds = { start: Math.floor(range.from / 1000), end: Math.ceil(range.to / 1000) };
  const names = useQuery({ queryKey: ["traces", "names", range], queryFn: ({ signal }) => tagNames(seconds, signal) });
  const query = writeConditions(conditions.filter((one) => one.field !== field));
  const known = names.data?.includes(field) ?? false;
  const values = useQuery({
    queryKey: ["traces", "typed values", field, query, range],
    enabled: known,
    placeholderData: undefined,
    queryFn: ({ signal }) => typedTagValues(field, { query, ...seconds }, signal),
  });
  const valid = field.trim() !== "" && value !== "";
  const add = () => {
    if (!valid) return;
    const type = values.data?.find((one) => one.value === value)?.type;
    const ordered = op.startsWith(">") || op.startsWith("<");
    const quoted = op.includes("~") || (type ? type === "string" : !ordered && !/^(?:-?\d+(?:\.\d+)?(?:ns|us|µs|ms|s|m|h)?|true|false)$/.test(value));
    onAdd({ field: field.trim(), op, value, quoted });
  };
  return (
    <form
      className={classes.attribute}
      onSubmit={(event) => {
        event.preventDefault();
        add();
      }}
    >
      <Autocomplete
        size="xs"
        label="Attribute"
        placeholder="span.http.route"
        data-autofocus
        comboboxProps={{ withinPortal: false }}
        data={names.data ?? []}
        limit={200}
        value={field}
        onChange={setField}
        error={names.isError ? names.error.message : undefined}
      />
      <Select size="xs" label="Is" allowDeselect={false} comboboxProps={{ withinPortal: false }} w={72} data={ops} value={op} onChange={(next) => next && setOp(next as Condition["op"])} />
      <Autocomplete
        size="xs"
        label="Value"
        placeholder={known && values.isFetching ? "looking up…" : ""}
        comboboxProps={{ withinPortal: false }}
        data={[...new Set((values.data ?? []).map((one) => one.value).filter((one) => one !== ""))]}
        limit={200}
        value={value}
        onChange={setValue}
      />
      <Button size="xs" type="submit" disabled={!valid}>
        Add
      </Button>
    </form>
  );
}
