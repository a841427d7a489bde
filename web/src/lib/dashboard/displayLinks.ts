import { joinValue } from "../units";
import { displayer, fieldRange, type DisplayValue, type Look } from "./display";
import { jsonText } from "./displayJson";
import { fieldName } from "./fieldname";
import type { Cell, DataLink, Field, Frame } from "./frame";
import { linkTarget } from "./links";

/** A data link of one value, ready to follow. */
export interface FieldLink {
  title: string;
  href: string;
  /** Whether it stays in this page. */
  local: boolean;
  newTab: boolean;
}

/** What a data link is about: a value of a field. */
export interface LinkValue {
  field: Field;
  frame: Frame;
  frames: readonly Frame[];
  /** Row of the frame; the last value counts where it stands for the whole field. */
  row: number | undefined;
  /** How the value is shown; worked out without it. */
  display?: DisplayValue;
}

type Interpolate = (text: string, scope?: Record<string, unknown>) => string;

/** The links of a value, their tokens filled in. One that leads nowhere safe is left out. */
export function fieldLinks(value: LinkValue, look: Look, interpolate: Interpolate): FieldLink[] {
  const links = value.field.config.links ?? [];
  if (links.length === 0) return [];
  const scope = linkScope(value, look);
  return links.flatMap((link) => filled(link, scope, interpolate));
}

function filled(link: DataLink, scope: Record<string, unknown>, interpolate: Interpolate): FieldLink[] {
  const target = linkTarget(interpolate(link.url, scope));
  if (!target) return [];
  const title = interpolate(link.title, scope);
  return [{ title: title === "" ? target.href : title, href: target.href, local: target.local, newTab: link.targetBlank ?? false }];
}

/** What the tokens of a value's links stand for: `__value`, `__field`, `__series`, `__data` and `__cell`. */
export function linkScope({ field, frame, frames, row, display }: LinkValue, look: Look): Record<string, unknown> {
  const at = row ?? field.values.length - 1;
  const raw = field.values[at] ?? null;
  const text = joinValue(display ?? show(field, frames, look, raw));
  const name = fieldName(field, frame, frames);
  const cells = frame.fields.map((one) => cellScope(one, one.values[at] ?? null, frames, look));
  const byName = Object.fromEntries(frame.fields.flatMap((one, index) => [[fieldName(one, frame, frames), cells[index]], [one.name, cells[index]]]));
  return {
    __value: { raw: rawText(raw), numeric: typeof raw === "number" ? raw : display?.numeric, text, time: rawText(frame.fields.find((one) => one.type === "time")?.values[at] ?? null), toString: () => text },
    __field: { name: field.name, displayName: name, labels: { ...field.labels }, toString: () => name },
    __series: { name, toString: () => name },
    __data: { fields: { ...cells, ...byName }, name: frame.name },
    __cell: rawText(raw),
    ...Object.fromEntries(cells.map((cell, index) => [`__cell_${index}`, cell.text])),
  };
}

function cellScope(field: Field, value: Cell, frames: readonly Frame[], look: Look): { text: string; numeric: unknown; toString: () => string } {
  const text = typeof value === "string" ? value : joinValue(show(field, frames, look, value));
  return { text, numeric: value, toString: () => text };
}

function show(field: Field, frames: readonly Frame[], look: Look, value: Cell): DisplayValue {
  return displayer(field, look, fieldRange(field, frames))(value);
}

function rawText(value: Cell): string {
  return value === null ? "" : typeof value === "object" ? jsonText(value) : String(value);
}
