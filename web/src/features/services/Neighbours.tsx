import { useMemo } from "react";

import { callMap, type CallMap, type MapEdge } from "../../api/services";
import { Notice } from "../../components/Notice";
import { ServiceMenu } from "../../components/correlate/ServiceMenu";
import { Panel } from "../../components/Panel";
import { Empty, Failure, Loading } from "../../components/status";
import { ServiceLink } from "../../components/ServiceLink";
import { Table, type TableColumn } from "../../components/Table";
import { useTime } from "../../components/time/TimeContext";
import { useAnswer, type AnswerState } from "../../components/useAnswer";
import { counted } from "../../lib/units";
import { typeName } from "./graph";
import { redColumns } from "./redColumns";
import classes from "./services.module.css";

/** Who calls a service, and whom it calls. */
export function Neighbours({ service }: { service: string }) {
  const { range } = useTime();
  const map = useAnswer(["services", "map", service], ({ signal }) => callMap(service, range, signal));
  if (map.isPending) return <Loading what="neighbours" asked={map.asked} />;
  if (map.isError) return <Failure error={map.error} retry={map.refetch} what="Asking for neighbours" />;
  return (
    <>
      {map.data.fromTraces !== undefined && <Notice>No metrics tell of calls in this range: numbers are of the newest {counted(map.data.fromTraces, "trace")} alone.</Notice>}
      <div className={classes.halves}>
        <Side title="Called by" map={map.data} of={map} end="client" service={service} />
        <Side title="Calls" map={map.data} of={map} end="server" service={service} />
      </div>
    </>
  );
}

interface SideProps {
  title: string;
  map: CallMap;
  of: AnswerState;
  /** Which end of a call is the neighbour. */
  end: "client" | "server";
  service: string;
}

function Side({ title, map, of, end, service }: SideProps) {
  const rows = map.edges.filter((edge) => edge[end === "client" ? "server" : "client"] === service);
  const columns = useMemo(() => columnsFor(map, end), [map, end]);
  return (
    <Panel title={title} flush of={of}>
      {rows.length === 0 ? (
        <Empty title={end === "client" ? "Nobody that is known of" : "Nobody"} height={84} />
      ) : (
        <Table label={title} columns={columns} rows={rows} rowKey={(row) => `${row.type} ${row[end]}`} initialSort="-rate" maxHeight={480} />
      )}
    </Panel>
  );
}

function columnsFor(map: CallMap, end: "client" | "server"): TableColumn<MapEdge>[] {
  const types = new Map(map.nodes.map((node) => [node.name, node.type]));
  const typeOf = (row: MapEdge) => types.get(row[end]) ?? "service";
  return [
    {
      key: "name",
      header: "Name",
      width: "minmax(110px, 2fr)",
      cell: (row) => (typeOf(row) === "service" ? <ServiceLink name={row[end]} /> : row[end]),
      sort: (row) => row[end],
    },
    { key: "type", header: "Kind", width: "minmax(72px, 1fr)", cell: (row) => typeName(row.type || typeOf(row)), sort: (row) => row.type || typeOf(row) },
    // Two of these tables stand beside each other.
    ...redColumns.filter((column) => column.key !== "p50"),
    { key: "more", header: "", width: "32px", cell: (row) => typeOf(row) === "service" && <ServiceMenu name={row[end]} /> },
  ];
}
