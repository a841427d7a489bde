import type { Cell, Field, FieldConfig, FieldType, Frame, FrameMeta } from "./frame";
import { list, obj, objs, str, type Obj } from "./json";

const types: Record<string, FieldType> = { time: "time", number: "number", string: "string", boolean: "bool", trace: "trace", other: "json" };

/** Frames that are kept within a dashboard's JSON, as snapshots have them: a schema, and values by column. */
export function snapshotFrames(stored: readonly Obj[], refId: string): Frame[] {
  return stored.map((one): Frame => {
    const schema = obj(one.schema);
    const columns = list(obj(one.data).values);
    return {
      refId: str(schema.refId, refId),
      name: str(schema.name),
      fields: objs(schema.fields).map(
        (field, index): Field => ({
          name: str(field.name),
          type: types[str(field.type)] ?? "string",
          values: list(columns[index]).map((cell) => (cell === undefined ? null : (cell as Cell))),
          ...(field.labels === undefined ? {} : { labels: Object.fromEntries(Object.entries(obj(field.labels)).map(([key, value]) => [key, str(value)])) }),
          config: configOf(obj(field.config)),
        }),
      ),
      ...shapeOf(obj(schema.meta).type),
    };
  });
}

function configOf({ displayNameFromDS, unit }: Obj): FieldConfig {
  return { ...(typeof displayNameFromDS === "string" ? { displayNameFromDS } : {}), ...(typeof unit === "string" ? { unit } : {}) };
}

const shapes = new Set<unknown>(["timeseries", "table", "heatmap", "logs", "trace", "nodes", "edges", "exemplars"] satisfies FrameMeta["type"][]);

function shapeOf(type: unknown): { meta?: FrameMeta } {
  return shapes.has(type) ? { meta: { type: type as NonNullable<FrameMeta["type"]> } } : {};
}
