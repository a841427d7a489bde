import { useDebouncedValue } from "@mantine/hooks";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useMemo } from "react";

import { useTime } from "../../../../components/time/TimeContext";
import { boot } from "../../../../lib/boot";
import type { Obj } from "../../../../lib/dashboard/json";
import { readVariables } from "../../../../lib/dashboard/readVariables";
import { pageScope } from "../../../../lib/dashboard/scopes";
import { filterOptions, sortOptions } from "../../../../lib/dashboard/variableOptions";
import { staticOptions } from "../../../../lib/dashboard/variables";
import { useShared } from "../../DashboardContext";
import { variableValues } from "../../run/variableValues";
import classes from "../edit.module.css";

const most = 60;

/** The values that a variable has as it is defined now, with the other variables as they are chosen. */
export function VariablePreview({ variable }: { variable: Obj }) {
  const { dashboard, sources, scope } = useShared();
  const { range, raw, zone } = useTime();
  const client = useQueryClient();
  const [settled] = useDebouncedValue(variable, 400);
  const model = useMemo(() => readVariables([{ ...settled, name: settled.name || "preview" }])[0], [settled]);
  const asks = model?.type === "query" || model?.type === "groupby";
  const asked = useQuery({
    queryKey: ["dashboard", "variable preview", model, raw, [...scope]],
    enabled: asks,
    retry: false,
    queryFn: async ({ signal }) => {
      if (!model) return [];
      const page = pageScope({ range, raw, zone, dashboard, user: { login: boot.user, email: "" } });
      const found = await variableValues(model, { dashboard, sources, scopes: [scope, page], range, client, tick: 0, signal });
      return sortOptions(filterOptions(found, model.regex), model.sort);
    },
  });
  if (!model) return null;
  const options = asks ? asked.data : staticOptions(model, sources);
  if (asks && asked.isError) {
    return (
      <p role="alert" className={classes.problem}>
        {asked.error.message}
      </p>
    );
  }
  if (!options) return <p className={classes.note}>Asking for its values …</p>;
  return (
    <div role="group" aria-label="Values">
      <p className={classes.note}>{options.length === 0 ? "It has no values." : `${options.length} ${options.length === 1 ? "value" : "values"}${options.length > most ? `, the first ${most}` : ""}:`}</p>
      <div className={classes.values}>
        {options.slice(0, most).map((one) => (
          <span key={one.value} className={classes.value} title={one.value}>
            {one.text}
          </span>
        ))}
      </div>
    </div>
  );
}
