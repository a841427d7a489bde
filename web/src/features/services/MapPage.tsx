import { SegmentedControl, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";

import { callMap, listServices } from "../../api/services";
import { Panel } from "../../components/Panel";
import { Empty, Failure, Loading } from "../../components/status";
import { useTime } from "../../components/time/TimeContext";
import { useUrlState } from "../../components/useUrlState";
import { CallTable } from "./CallTable";
import { around, counted, serviceGraph } from "./graph";
import { NoServices } from "./NoServices";
import { ServiceMap } from "./ServiceMap";
import { mapState, type MapState } from "./state";
import classes from "./services.module.css";

/** Who calls whom, as a map or the same as a table. */
export function MapPage() {
  const { range, tick } = useTime();
  const [state, set] = useUrlState(mapState);
  const answer = useQuery({
    queryKey: ["services", "map", range, tick],
    queryFn: async ({ signal }) => {
      const [map, services] = await Promise.all([callMap(undefined, range, signal), listServices(range, signal)]);
      return serviceGraph(map, services);
    },
  });
  const graph = useMemo(() => answer.data && around(answer.data, state.q), [answer.data, state.q]);

  return (
    <div className={classes.page}>
      <div className={classes.tools}>
        <TextInput
          data-search=""
          className={classes.find}
          aria-label="Show only around"
          placeholder="Show only around a service"
          value={state.q}
          onChange={(event) => set({ q: event.currentTarget.value }, { replace: true })}
        />
        <SegmentedControl
          aria-label="View"
          value={state.view}
          onChange={(view) => set({ view: view as MapState["view"] })}
          data={[
            { value: "map", label: "Map" },
            { value: "table", label: "Table" },
          ]}
        />
      </div>
      {answer.isPending ? (
        <Loading height={480} what="the map" />
      ) : answer.isError ? (
        <Failure error={answer.error} retry={answer.refetch} what="Asking who calls whom" />
      ) : !graph || answer.data.stations.length === 0 ? (
        <NoServices />
      ) : graph.stations.length === 0 ? (
        <Empty title={`No service's name contains “${state.q}”`} hint="Clear the search to see all." height={320} />
      ) : (
        <Panel title={`${counted(graph.stations.length, "node")}, ${counted(graph.flows.length, "connection")}`} flush busy={answer.isPlaceholderData}>
          {state.view === "map" ? <ServiceMap graph={graph} /> : <CallTable graph={graph} />}
        </Panel>
      )}
    </div>
  );
}
