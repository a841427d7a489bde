import { useMemo } from "react";

import type { MapEdge } from "../../api/services";
import { ServiceMenu } from "../../components/correlate/ServiceMenu";
import { ServiceLink } from "../../components/ServiceLink";
import { Table, type TableColumn } from "../../components/Table";
import { Empty } from "../../components/status";
import { overflow } from "../../lib/service";
import { typeName, type ServiceGraph } from "./graph";
import { redColumns } from "./redColumns";

/** The calls of a map as a table: all that its picture tells. */
export function CallTable({ graph: { stations, flows } }: { graph: ServiceGraph }) {
  const columns = useMemo(() => columnsFor(new Set(stations.flatMap(({ name, type }) => (type === "service" ? [name] : [])))), [stations]);
  if (flows.length === 0) return <Empty title="Nobody calls anybody here" hint="These services sent spans, but none of a call from one to another." />;
  return (
    <Table
      label="Calls between services"
      columns={columns}
      rows={flows.flatMap((flow) => flow.edges)}
      rowKey={(edge) => JSON.stringify([edge.client, edge.server, edge.type])}
      initialSort="-rate"
      maxHeight={720}
    />
  );
}

function columnsFor(services: ReadonlySet<string>): TableColumn<MapEdge>[] {
  const end = (name: string) => (services.has(name) || name === overflow ? <ServiceLink name={name} /> : name);
  return [
    { key: "client", header: "Caller", width: "minmax(110px, 1.5fr)", cell: (row) => end(row.client), sort: (row) => row.client },
    { key: "server", header: "Called", width: "minmax(110px, 1.5fr)", cell: (row) => end(row.server), sort: (row) => row.server },
    { key: "type", header: "Kind of call", width: "minmax(90px, 1fr)", cell: (row) => (row.type === "" ? "call" : typeName(row.type)), sort: (row) => row.type },
    ...redColumns,
    {
      key: "more",
      header: "",
      width: "40px",
      cell: (row) => {
        const [name] = [row.server, row.client].filter((one) => services.has(one));
        return name === undefined ? null : <ServiceMenu name={name} label={`More about ${name}, called by ${row.client}`} />;
      },
    },
  ];
}
