import type { TraceCondition } from "./build";

/** What most searches for spans are about; "" asks for nothing in particular. */
export interface Usual {
  service: string;
  operation: string;
  status: string;
  /** Durations in TraceQL's words. */
  least: string;
  most: string;
  /** Spans without a parent alone. */
  root: boolean;
}

type Comparison = TraceCondition & { kind: "condition" };

const fields: Record<keyof Usual, { field: string; ops: readonly string[]; quoted: boolean }> = {
  service: { field: "resource.service.name", ops: ["="], quoted: true },
  operation: { field: "name", ops: ["="], quoted: true },
  status: { field: "status", ops: ["="], quoted: false },
  least: { field: "duration", ops: [">=", ">"], quoted: false },
  most: { field: "duration", ops: ["<", "<="], quoted: false },
  // Spans without a parent are numbered below 0.
  root: { field: "nestedSetParent", ops: ["<"], quoted: false },
};
const rootNumber = "0";
const states = ["error", "ok"];

/** Which of the usual questions a condition answers; undefined for others. */
export function isUsual(one: TraceCondition): keyof Usual | undefined {
  if (one.kind === "text") return undefined;
  const found = (Object.keys(fields) as (keyof Usual)[]).find((key) => fields[key].field === one.field && fields[key].ops.includes(one.op) && fields[key].quoted === one.quoted);
  if (found === "root" && one.value !== rootNumber) return undefined;
  return found === "status" && !states.includes(one.value) ? undefined : found;
}

/** The usual conditions among some that hold together; the first of a kind counts. */
export function usualIn(conditions: readonly TraceCondition[]): Usual {
  const value = (key: keyof Usual): string => firstOf(conditions, key)?.value ?? "";
  return { service: value("service"), operation: value("operation"), status: value("status"), least: value("least"), most: value("most"), root: firstOf(conditions, "root") !== undefined };
}

/** The conditions that have no place among the usual ones, with where they stand. */
export function unusual(conditions: readonly TraceCondition[]): { one: TraceCondition; index: number }[] {
  return conditions.flatMap((one, index) => {
    const key = isUsual(one);
    return key !== undefined && firstOf(conditions, key) === one ? [] : [{ one, index }];
  });
}

/** Conditions with some of the usual ones changed: in their place, at the end if they are new, gone if they are empty. */
export function setUsual(conditions: readonly TraceCondition[], next: Partial<Usual>): TraceCondition[] {
  return (Object.keys(next) as (keyof Usual)[]).reduce((made, key) => {
    const old = firstOf(made, key);
    const value = key === "root" ? (next.root ? rootNumber : "") : (next[key] ?? "");
    const rest = made.filter((one) => one !== old);
    if (value === "") return rest;
    const { field, ops, quoted } = fields[key];
    const written: Comparison = { kind: "condition", field, op: ops[0] ?? "=", value, quoted };
    return old ? rest.toSpliced(made.indexOf(old), 0, written) : [...rest, written];
  }, [...conditions]);
}

function firstOf(conditions: readonly TraceCondition[], key: keyof Usual): Comparison | undefined {
  return conditions.find((one): one is Comparison => isUsual(one) === key);
}
