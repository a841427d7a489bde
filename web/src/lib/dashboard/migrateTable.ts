import { bool, compact, num, obj, objs, str, strs, type Obj } from "./json";
import { reducerOf } from "./migrateCalcs";
import { oldValueMaps, stepsOf } from "./migrateSinglestat";

/** True for the table of before Grafana 7: it has styles instead of a field config. */
export function isOldTable(panel: Obj): boolean {
  return panel.type === "table-old" || (panel.type === "table" && Array.isArray(panel.styles) && panel.fieldConfig === undefined);
}

/** The old table as `table`: its styles become overrides, its transform a transformation. */
export function migrateOldTable(panel: Obj): Obj {
  const styles = objs(panel.styles);
  const whole = styles.find((style) => everything.has(str(style.pattern)));
  const overrides = styles.filter((style) => style !== whole).flatMap(overrideOf);
  const defaults = whole ? Object.fromEntries(propertiesOf(whole).map(({ id, value }) => [id, value])) : {};
  const sort = obj(panel.sort);
  const { columns: _c, styles: _s, transform, sort: _o, fontSize: _f, pageSize, scroll: _sc, showHeader, ...rest } = panel;
  return {
    ...rest,
    type: "table",
    transformations: [...objs(panel.transformations), ...transformOf(str(transform), objs(panel.columns))],
    options: {
      showHeader: showHeader !== false,
      footer: { show: false, reducer: ["sum"], fields: "", enablePagination: (num(pageSize) ?? 0) > 0 },
      // The column was named by its number.
      ...(num(sort.col) === undefined ? {} : { sortByColumn: num(sort.col), sortDesc: bool(sort.desc) }),
    },
    fieldConfig: {
      defaults: defaultsOf(defaults),
      overrides,
    },
  };
}

const everything = new Set(["/.*/", "/./", ".*"]);

function defaultsOf(properties: Obj): Obj {
  const custom: Obj = { align: "auto", cellOptions: { type: "auto" } };
  const defaults: Obj = { custom };
  for (const [id, value] of Object.entries(properties)) {
    if (id.startsWith("custom.")) custom[id.slice("custom.".length)] = value;
    // A name or a link for every column at once is never meant.
    else if (id !== "displayName") defaults[id] = value;
  }
  return defaults;
}

function overrideOf(style: Obj): Obj[] {
  const pattern = str(style.pattern);
  const properties = propertiesOf(style);
  if (pattern === "" || properties.length === 0) return [];
  return [{ matcher: pattern.startsWith("/") ? { id: "byRegexp", options: pattern } : { id: "byName", options: pattern }, properties }];
}

const cells: Record<string, Obj> = {
  cell: { type: "color-background", mode: "basic" },
  row: { type: "color-background", mode: "basic", applyToRow: true },
  value: { type: "color-text" },
};

function propertiesOf(style: Obj): { id: string; value: unknown }[] {
  const out: { id: string; value: unknown }[] = [];
  const put = (id: string, value: unknown): void => {
    if (value !== undefined && value !== "") out.push({ id, value });
  };
  put("displayName", str(style.alias));
  put("custom.align", str(style.align) === "auto" ? undefined : str(style.align) || undefined);
  switch (str(style.type)) {
    case "hidden":
      put("custom.hidden", true);
      break;
    case "date":
      put("unit", str(style.dateFormat) === "" ? "dateTimeAsIso" : `time:${str(style.dateFormat)}`);
      break;
    case "number": {
      put("unit", str(style.unit));
      put("decimals", num(style.decimals));
      const cell = cells[str(style.colorMode)];
      if (cell) {
        put("custom.cellOptions", cell);
        put("color", { mode: "thresholds" });
        put("thresholds", { mode: "absolute", steps: stepsOf(strs(style.thresholds).join(","), strs(style.colors)) });
      }
      break;
    }
    case "string":
      put("mappings", oldValueMaps(style));
      break;
    default:
  }
  if (bool(style.link)) put("links", [{ title: str(style.linkTooltip), url: cellLink(str(style.linkUrl)), targetBlank: bool(style.linkTargetBlank) }]);
  return out;
}

/** Old links named cells: `$__cell` is this one, `$__cell_2` the third of the row. */
function cellLink(url: string): string {
  return url
    .replace(/\$\{__cell_(\d+)(?::[^}]*)?\}|\$__cell_(\d+)/g, (_, braced?: string, plain?: string) => `\${__data.fields[${braced ?? plain}]}`)
    .replace(/\$\{__cell(?::[^}]*)?\}|\$__cell\b/g, () => "${__value.text}");
}

function transformOf(transform: string, columns: readonly Obj[]): Obj[] {
  switch (transform) {
    case "timeseries_to_columns":
      return [{ id: "joinByField", options: { byField: "Time", mode: "outer" } }];
    case "timeseries_to_rows":
      return [{ id: "seriesToRows", options: {} }];
    case "timeseries_aggregations":
      return [{ id: "reduce", options: compact({ includeTimeField: false, reducers: columns.map((column) => reducerOf(str(column.value))), mode: "seriesToRows" }) }];
    case "table":
      return [{ id: "merge", options: {} }];
    default:
      return [];
  }
}
