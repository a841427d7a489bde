import { Select, Switch, TagsInput, TextInput } from "@mantine/core";

import { getIn } from "../../../../lib/dashboard/edit";
import { num, str, strs, type Obj } from "../../../../lib/dashboard/json";
import { refreshChoices } from "../../../../lib/refresh";
import classes from "../edit.module.css";

interface GeneralSettingsProps {
  raw: Obj;
  put: (path: readonly string[], value: unknown) => void;
}

/** The dashboard's name, and how it opens. */
export function GeneralSettings({ raw, put }: GeneralSettingsProps) {
  const text = (label: string, path: readonly string[], description?: string) => (
    <TextInput label={label} {...(description ? { description } : {})} value={str(getIn(raw, path))} onChange={(event) => put(path, event.currentTarget.value)} />
  );
  const zone = str(raw.timezone);
  return (
    <div className={classes.form}>
      {text("Title", ["title"])}
      {text("Description", ["description"])}
      <TagsInput label="Tags" value={strs(raw.tags)} onChange={(tags) => put(["tags"], tags)} />
      {text("From", ["time", "from"], "The range it opens with: now-6h, now/d, or a time")}
      {text("To", ["time", "to"])}
      <Select label="Refresh" data={refreshChoices.map((value) => ({ value: value === "off" ? "" : value, label: value }))} value={str(raw.refresh)} onChange={(value) => put(["refresh"], value ?? "")} />
      <Select label="Time zone" data={[{ value: "browser", label: "The reader's" }, { value: "utc", label: "UTC" }, ...(zone === "" || zone === "browser" || zone === "utc" ? [] : [{ value: zone, label: zone }])]} value={zone || "browser"} onChange={(value) => put(["timezone"], value)} />
      <Select
        label="Crosshair"
        data={[
          { value: "0", label: "Each chart its own" },
          { value: "1", label: "Shared" },
          { value: "2", label: "Shared, with tooltips" },
        ]}
        value={String(num(raw.graphTooltip) ?? 0)}
        onChange={(value) => put(["graphTooltip"], Number(value))}
      />
      <Switch label="Can be edited" checked={raw.editable !== false} onChange={(event) => put(["editable"], event.currentTarget.checked)} />
    </div>
  );
}
