import { Button } from "@mantine/core";
import IconPlus from "@tabler/icons-react/dist/esm/icons/IconPlus.mjs";
import { useState } from "react";

import { useUrlState } from "../../components/useUrlState";
import { defaultQuery } from "./defaultQuery";
import { MetricList } from "./MetricList";
import { emptyPane, metricsState, readPanes, writePanes, type Pane } from "./panes";
import { QueryPane } from "./QueryPane";
import classes from "./metrics.module.css";

/** Ask metrics in PromQL: a list of what there is at the left, a column of queries with their charts. */
export function MetricsPage() {
  const [state, setState] = useUrlState(metricsState);
  const [active, setActive] = useState(0);
  const panes = readPanes(state);

  const put = (index: number, patch: Partial<Pane>): void => {
    setState(writePanes(panes.map((pane, at) => (at === index ? { ...pane, ...patch } : pane))));
  };
  const target = Math.min(active, panes.length - 1);

  return (
    <div className={classes.page}>
      <MetricList onChoose={(name, meta) => put(target, { query: defaultQuery(name, meta) })} />
      <div className={classes.panes}>
        {panes.map((pane, index) => (
          // Panes have no identity but their place.
          // oxlint-disable-next-line react/no-array-index-key
          <div key={index} onFocus={() => setActive(index)}>
            <QueryPane
              name={String.fromCharCode(65 + (index % 26))}
              pane={pane}
              onChange={(patch) => put(index, patch)}
              onRemove={panes.length > 1 ? () => setState(writePanes(panes.filter((_, at) => at !== index))) : undefined}
            />
          </div>
        ))}
        <div>
          <Button
            variant="default"
            leftSection={<IconPlus size={14} />}
            onClick={() => {
              setState(writePanes([...panes, emptyPane]));
              setActive(panes.length);
            }}
          >
            Add a query
          </Button>
        </div>
      </div>
    </div>
  );
}
