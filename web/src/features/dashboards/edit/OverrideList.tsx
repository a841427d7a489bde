import { ActionIcon, Autocomplete, Button, MultiSelect, Select, TextInput } from "@mantine/core";
import IconX from "@tabler/icons-react/dist/esm/icons/IconX.mjs";

import { getIn } from "../../../lib/dashboard/edit";
import { obj, objs, str, strs, type Obj } from "../../../lib/dashboard/json";
import { OverrideValue, overrideLabel, overrideFirst, overrideIds } from "./OverrideValue";
import type { Put } from "./OptionList";
import type { KnownFields } from "./transform/fieldsIn";
import classes from "./panelEditor.module.css";

const matchers = [
  { value: "byName", label: "The field named" },
  { value: "byRegexp", label: "Fields whose name matches" },
  { value: "byNames", label: "The fields named" },
  { value: "byType", label: "Fields of type" },
  { value: "byFrameRefID", label: "Fields of the query" },
];
const types = ["number", "string", "time", "boolean"];

const path = ["fieldConfig", "overrides"];

/** Settings that hold for some fields only. */
export function OverrideList({ panel, type, known, put }: { panel: Obj; type: string; known: KnownFields; put: Put }) {
  const overrides = objs(getIn(panel, path));
  const replace = (index: number, next: Obj): void => put(path, overrides.map((one, at) => (at === index ? next : one)));
  const ids = overrideIds(type);
  return (
    <>
      {overrides.map((override, index) => {
        const matcher = obj(override.matcher);
        const own = objs(override.properties);
        return (
          // Overrides have no identity but their place.
          // oxlint-disable-next-line react/no-array-index-key
          <section key={index} className={classes.query} aria-label={`Override ${index + 1}`}>
            <div className={classes.queryHead}>
              <Select aria-label="Which fields" w={200} allowDeselect={false} data={matchers.some((one) => one.value === matcher.id) ? matchers : [...matchers, { value: str(matcher.id), label: str(matcher.id) }]} value={str(matcher.id)} onChange={(id) => replace(index, { ...override, matcher: { id, options: id === "byNames" ? { mode: "include", names: [] } : id === "byType" ? "number" : typeof matcher.options === "string" ? matcher.options : "" } })} />
              <Which matcher={matcher} known={known} onChange={(options) => replace(index, { ...override, matcher: { ...matcher, options } })} />
              <span className={classes.space} />
              <ActionIcon aria-label="Remove the override" onClick={() => put(path, overrides.filter((_, at) => at !== index))}>
                <IconX size={16} />
              </ActionIcon>
            </div>
            {own.map((property, place) => (
              // oxlint-disable-next-line react/no-array-index-key
              <div key={`${place} ${str(property.id)}`} className={classes.property}>
                <span className={classes.propertyName}>{overrideLabel(str(property.id))}</span>
                <div className={classes.propertyValue}>
                  <OverrideValue id={str(property.id)} value={property.value} onChange={(value) => replace(index, { ...override, properties: own.map((one, at) => (at === place ? { ...one, value } : one)) })} />
                </div>
                <ActionIcon aria-label={`Remove ${overrideLabel(str(property.id))}`} onClick={() => replace(index, { ...override, properties: own.filter((_, at) => at !== place) })}>
                  <IconX size={14} />
                </ActionIcon>
              </div>
            ))}
            <Select
              aria-label="Add a setting"
              placeholder="Add a setting"
              searchable
              w={240}
              data={ids.filter((id) => !own.some((one) => one.id === id)).map((value) => ({ value, label: overrideLabel(value) }))}
              value={null}
              onChange={(id) => id && replace(index, { ...override, properties: [...own, { id, value: overrideFirst(id) }] })}
            />
          </section>
        );
      })}
      <Button variant="default" onClick={() => put(path, [...overrides, { matcher: { id: "byName", options: "" }, properties: [] }])}>
        Add an override
      </Button>
    </>
  );
}

/** Which fields are meant, by what the matcher goes by. */
function Which({ matcher, known, onChange }: { matcher: Obj; known: KnownFields; onChange: (options: unknown) => void }) {
  const { id, options } = matcher;
  if (id === "byNames" && typeof options === "object") {
    const names = strs(obj(options).names);
    return <MultiSelect aria-label="Names" miw={240} searchable data={[...new Set([...known.names, ...names])]} value={names} onChange={(next) => onChange({ ...obj(options), names: next })} />;
  }
  if (typeof options === "object") return <code>{JSON.stringify(options)}</code>;
  const text = str(options);
  if (id === "byType") return <Select aria-label="Type" w={130} allowDeselect={false} data={types.includes(text) ? types : [...types, text]} value={text} onChange={onChange} />;
  if (id === "byName" || id === "byFrameRefID") return <Autocomplete aria-label="Name or pattern" w={240} data={id === "byName" ? known.names : known.refs} limit={200} value={text} onChange={onChange} />;
  return <TextInput aria-label="Name or pattern" value={text} onChange={(event) => onChange(event.currentTarget.value)} />;
}
