import { Button, SegmentedControl, Select, TextInput } from "@mantine/core";
import { useMemo } from "react";

import { callMap, listProfiles, listServices } from "../../api/services";
import { useRuns } from "../../components/environment";
import { EnvironmentLine } from "../../components/EnvironmentLine";
import { Notice } from "../../components/Notice";
import { Panel } from "../../components/Panel";
import { Empty, Failure, Loading } from "../../components/status";
import { useTime } from "../../components/time/TimeContext";
import { useAnswer } from "../../components/useAnswer";
import { useUrlState } from "../../components/useUrlState";
import { counted } from "../../lib/units";
import { CallTable } from "./CallTable";
import { around, grouped, manyNodes, ofServices, serviceGraph, within, type ServiceGraph } from "./graph";
import { NoServices } from "./NoServices";
import { ServiceMap } from "./ServiceMap";
import { hopCounts, mapState, type MapState } from "./state";
import classes from "./services.module.css";

const nobody: ReadonlySet<string> = new Set();

/** Who calls whom, as a map or the same as a table. */
export function MapPage() {
  const { range } = useTime();
  const [state, set] = useUrlState(mapState);
  const answer = useAnswer(["services", "map"], async ({ signal }) => {
    const [map, { services }] = await Promise.all([callMap(undefined, range, signal), listServices(range, signal)]);
    return serviceGraph(map, services);
  });
  // Namespaces are for grouping alone: without them every service is a node.
  const profiles = useAnswer(["services", "profiles"], ({ signal }) => listProfiles(undefined, range, signal));
  const namespaces = useMemo(() => new Map((profiles.data ?? []).flatMap((one) => (one.namespaces[0] === undefined ? [] : [[one.name, one.namespaces[0]] as const]))), [profiles.data]);

  const where = useRuns();
  const part = useMemo(() => answer.data && partOf(ofServices(answer.data, where.here), state), [answer.data, state, where]);
  const grouping = state.group === "namespace" || (state.group === "auto" && (part?.stations.length ?? 0) > manyNodes);
  const drawn = useMemo(() => part && (grouping ? grouped(part, (name) => namespaces.get(name), new Set(state.open)) : part), [part, grouping, namespaces, state.open]);
  const found = useMemo(() => (state.focus === "" ? nobody : namesWith(part, state.q)), [part, state.focus, state.q]);
  const view = JSON.stringify([state.focus, state.hops, state.focus === "" ? state.q : "", grouping, state.open, range.to - range.from]);

  return (
    <div className={classes.page}>
      <div className={classes.tools}>
        <TextInput
          data-search=""
          className={classes.find}
          aria-label={state.focus === "" ? "Show only around" : "Find on the map"}
          placeholder={state.focus === "" ? "Show only around a service" : "Find on the map"}
          value={state.q}
          onChange={(event) => set({ q: event.currentTarget.value }, { replace: true })}
        />
        <Select
          aria-label="Focus on"
          placeholder="Focus on a service"
          searchable
          clearable
          limit={100}
          data={namesOf(answer.data, state.focus)}
          value={state.focus || null}
          onChange={(focus) => set({ focus: focus ?? "", q: "" })}
        />
        {state.focus !== "" && (
          <SegmentedControl
            aria-label="Calls away"
            value={state.hops}
            onChange={(hops) => set({ hops: hops as MapState["hops"] })}
            data={hopCounts.map((value) => ({ value, label: value === "all" ? "all that it reaches" : value === "1" ? "1 call" : `${value} calls` }))}
          />
        )}
        {namespaces.size > 0 && state.view === "map" && (
          <SegmentedControl
            aria-label="Group"
            value={grouping ? "namespace" : "none"}
            onChange={(group) => set({ group: group as MapState["group"], open: [] })}
            data={[
              { value: "none", label: "Services" },
              { value: "namespace", label: "Namespaces" },
            ]}
          />
        )}
        {grouping && state.open.length > 0 && (
          <Button size="compact-sm" variant="default" onClick={() => set({ open: [] })}>
            Close all namespaces
          </Button>
        )}
        <span className={classes.right}>
          <SegmentedControl
            aria-label="View"
            value={state.view}
            onChange={(next) => set({ view: next as MapState["view"] })}
            data={[
              { value: "map", label: "Map" },
              { value: "table", label: "Table" },
            ]}
          />
        </span>
      </div>
      <EnvironmentLine runs={where} services={part?.stations.flatMap(({ name, type }) => (type === "service" ? [name] : [])) ?? []} rest="Whom they call stays beside them." />
      {answer.isPending ? (
        <Loading as="chart" height={480} what="the map" asked={answer.asked} />
      ) : answer.isError ? (
        <Failure error={answer.error} retry={answer.refetch} what="Asking who calls whom" />
      ) : !part || !drawn || answer.data.stations.length === 0 ? (
        <NoServices />
      ) : part.stations.length === 0 ? (
        <Nothing state={state} clear={() => set({ focus: "", q: "" })} />
      ) : (
        <Panel title={titleOf(part, drawn)} flush of={answer}>
          {answer.data.fromTraces !== undefined && (
            <Notice>No metrics tell of calls in this range: what is drawn are those of the newest {counted(answer.data.fromTraces, "trace")}, and numbers are of these alone.</Notice>
          )}
          {state.view === "map" ? (
            <ServiceMap
              graph={drawn}
              view={view}
              found={found}
              onCentre={(focus) => set({ focus, q: "" })}
              onOpen={(namespace) => set({ open: [...state.open, namespace], group: "namespace" })}
            />
          ) : (
            <CallTable graph={part} />
          )}
        </Panel>
      )}
    </div>
  );
}

/** What of the graph is wanted: around the focus, or around what the search finds. */
function partOf(graph: ServiceGraph, { focus, hops, q }: MapState): ServiceGraph {
  return focus === "" ? around(graph, q) : within(graph, focus, hops === "all" ? Infinity : Number(hops));
}

function namesWith(graph: ServiceGraph | undefined, find: string): ReadonlySet<string> {
  const wanted = find.trim().toLowerCase();
  return wanted === "" ? nobody : new Set(graph?.stations.flatMap(({ name }) => (name.toLowerCase().includes(wanted) ? [name] : [])));
}

function namesOf(graph: ServiceGraph | undefined, focus: string): string[] {
  const names = (graph?.stations ?? []).map(({ name }) => name).toSorted();
  return focus === "" || names.includes(focus) ? names : [focus, ...names];
}

function titleOf(part: ServiceGraph, drawn: ServiceGraph): string {
  const nodes = counted(drawn.stations.length, "node");
  const more = drawn.stations.length < part.stations.length ? ` for ${part.stations.length}` : "";
  return `${nodes}${more}, ${counted(drawn.flows.length, "connection")}`;
}

function Nothing({ state: { focus, q }, clear }: { state: MapState; clear: () => void }) {
  return (
    <Empty
      title={focus === "" ? `No service's name contains “${q}”` : `${focus} neither called nor was called in this range`}
      hint={
        <Button size="compact-xs" variant="default" onClick={clear}>
          Show all
        </Button>
      }
      height={320}
    />
  );
}
