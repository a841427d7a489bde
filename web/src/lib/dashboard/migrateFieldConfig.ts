import { compact, isObj, list, num, obj, objs, str, type Obj } from "./json";

/** Brings the field config of a panel to today's form: thresholds, mappings, cell kinds, and what lay in `fieldOptions` before. */
export function migrateFieldConfig(panel: Obj): Obj {
  const lifted = liftFieldOptions(panel);
  const config = obj(lifted.fieldConfig);
  const defaults = migrateDefaults(obj(config.defaults));
  const overrides = objs(config.overrides).map(migrateOverride);
  return { ...lifted, fieldConfig: { defaults, overrides } };
}

/** Stat, gauge and bar gauge of Grafana 6 kept all of it in `options.fieldOptions`. */
function liftFieldOptions(panel: Obj): Obj {
  const options = obj(panel.options);
  const old = options.fieldOptions;
  if (!isObj(old)) return panel;
  const { fieldOptions: _, ...rest } = options;
  const before = obj(panel.fieldConfig);
  const defaults = { ...obj(old.defaults), ...compact({ mappings: old.mappings, thresholds: old.thresholds, title: undefined }), ...obj(before.defaults) };
  const overrides = [...objs(old.override ? [old.override] : old.overrides), ...objs(before.overrides)];
  const { title, ...plain } = defaults as Obj;
  return {
    ...panel,
    options: { ...rest, reduceOptions: { values: old.values === true, calcs: list(old.calcs), fields: str(old.fields), ...compact({ limit: num(old.limit) }) } },
    fieldConfig: { defaults: { ...(typeof title === "string" && title !== "" ? { displayName: title } : {}), ...plain }, overrides },
  };
}

function migrateDefaults(defaults: Obj): Obj {
  const custom = obj(defaults.custom);
  const { displayMode, ...restCustom } = custom;
  return {
    ...defaults,
    ...(defaults.thresholds === undefined ? {} : { thresholds: migrateThresholds(defaults.thresholds) }),
    ...(defaults.mappings === undefined ? {} : { mappings: migrateMappings(defaults.mappings) }),
    custom: typeof displayMode === "string" && custom.cellOptions === undefined ? { ...restCustom, cellOptions: cellOptionsOf(displayMode) } : custom,
  };
}

function migrateOverride(override: Obj): Obj {
  return { ...override, matcher: migrateMatcher(override.matcher), properties: objs(override.properties).map(migrateProperty) };
}

function migrateMatcher(matcher: unknown): Obj {
  const { id, options } = obj(matcher);
  return { id: str(id), ...(options === undefined ? {} : { options }) };
}

function migrateProperty(property: Obj): Obj {
  switch (property.id) {
    case "thresholds":
      return { ...property, value: migrateThresholds(property.value) };
    case "mappings":
      return { ...property, value: migrateMappings(property.value) };
    case "custom.displayMode":
      return { id: "custom.cellOptions", value: cellOptionsOf(str(property.value)) };
    default:
      return property;
  }
}

const cellKinds: Record<string, Obj> = {
  auto: { type: "auto" },
  "color-text": { type: "color-text" },
  "color-background": { type: "color-background", mode: "gradient" },
  "color-background-solid": { type: "color-background", mode: "basic" },
  basic: { type: "gauge", mode: "basic" },
  "gradient-gauge": { type: "gauge", mode: "gradient" },
  "lcd-gauge": { type: "gauge", mode: "lcd" },
  "json-view": { type: "json-view" },
  image: { type: "image" },
  sparkline: { type: "sparkline" },
};

function cellOptionsOf(displayMode: string): Obj {
  return cellKinds[displayMode] ?? { type: displayMode };
}

/** Steps in any of the forms they had: a bare list, values as text, "-Infinity" for the lowest. */
export function migrateThresholds(value: unknown): Obj {
  const outer = obj(value);
  const steps = objs(Array.isArray(value) ? value : outer.steps)
    .map((step) => ({ value: num(step.value) ?? null, color: str(step.color, "green") }))
    .toSorted((a, b) => (a.value ?? -Infinity) - (b.value ?? -Infinity));
  // The first holds from below, whatever value it was given.
  const [first, ...others] = steps;
  return {
    mode: outer.mode === "percentage" ? "percentage" : "absolute",
    steps: first ? [{ ...first, value: null }, ...others] : [],
  };
}

/** Mappings of before Grafana 8, `{type: 1, value, text}` and `{type: 2, from, to, text}`, beside today's. */
export function migrateMappings(value: unknown): Obj[] {
  const out: Obj[] = [];
  const values: Obj = {};
  objs(value).forEach((one, index) => {
    if (typeof one.type === "string" && isObj(one.options)) {
      out.push(one);
      return;
    }
    const text = str(one.text);
    const type = num(one.type) ?? (one.from === undefined ? 1 : 2);
    if (type === 2) {
      const from = num(one.from) ?? null;
      const to = num(one.to) ?? null;
      if (from !== null || to !== null) out.push({ type: "range", options: { from, to, result: { text, index } } });
      return;
    }
    const of = str(one.value);
    if (of === "null") out.push({ type: "special", options: { match: "null", result: { text, index } } });
    else if (of !== "") values[of] = { text, index };
  });
  return Object.keys(values).length > 0 ? [{ type: "value", options: values }, ...out] : out;
}
