import { Button } from "@mantine/core";

import { obj, objs, type Obj } from "../../../lib/dashboard/json";
import { letter, readPanel } from "../../../lib/dashboard/read";
import type { Put } from "./OptionList";
import { QueryRow } from "./QueryRow";
import classes from "./panelEditor.module.css";

const expressionSource = { type: "__expr__", uid: "__expr__" };

/** The queries of a panel, and expressions over their answers. */
export function QueryList({ id, panel, put }: { id: number; panel: Obj; put: Put }) {
  const targets = objs(panel.targets);
  const names = readPanel(panel).targets.map((target) => target.refId);
  const free = (): string => {
    for (let index = 0; ; index++) if (!names.includes(letter(index))) return letter(index);
  };
  const source = panel.datasource ?? { type: "prometheus", uid: "prometheus" };
  return (
    <>
      {targets.map((target, index) => (
        <QueryRow
          key={names[index] ?? String(index)}
          name={names[index] ?? ""}
          target={target}
          panel={id}
          panelSource={panel.datasource}
          onChange={(next) => put(["targets", index], next)}
          onRemove={() => put(["targets", index], undefined)}
          onCopy={() => put(["targets"], [...targets, { ...structuredClone(target), refId: free() }])}
        />
      ))}
      <div className={classes.queryTools}>
        <Button variant="default" onClick={() => put(["targets"], [...targets, newTarget(free(), source)])}>
          Add a query
        </Button>
        <Button variant="default" onClick={() => put(["targets"], [...targets, { refId: free(), datasource: expressionSource, type: "math", expression: names[0] ? `$${names[0]}` : "" }])}>
          Add an expression
        </Button>
      </div>
    </>
  );
}

/** A query as it is when new, with the builder open beside its text. */
export function newTarget(refId: string, source: unknown): Obj {
  return { refId, datasource: obj(source).uid === "-- Mixed --" ? { type: "prometheus", uid: "prometheus" } : source, expr: "", legendFormat: "__auto", range: true, editorMode: "builder" };
}
