import { Link } from "@tanstack/react-router";
import { useMemo } from "react";

import { callMap, listOperations, type MapNode } from "../../api/services";
import { ServiceMenu } from "../../components/correlate/ServiceMenu";
import { Panel } from "../../components/Panel";
import { Empty, Failure, Loading } from "../../components/status";
import { ServiceLink } from "../../components/ServiceLink";
import { Table, type TableColumn } from "../../components/Table";
import { useTime } from "../../components/time/TimeContext";
import { useAnswer } from "../../components/useAnswer";
import { servicePlace } from "../../lib/links";
import { formatValue } from "../../lib/units";
import { FailedShare } from "./FailedShare";
import { typeName } from "./graph";
import { entriesOf, weighCalls, type WeighedCall } from "./impact";
import { ShareBar } from "./ShareBar";
import classes from "./services.module.css";

/** What a service waits for, by the share that it has in how long the service takes. */
export function Downstream({ service }: { service: string }) {
  const { range } = useTime();
  const map = useAnswer(["services", "map", service], ({ signal }) => callMap(service, range, signal));
  const operations = useAnswer(["services", "operations", service], ({ signal }) => listOperations(service, range, signal));
  const calls = useMemo(
    () => weighCalls(map.data?.edges.filter(({ client }) => client === service) ?? [], entriesOf(operations.data ?? [])),
    [map.data, operations.data, service],
  );
  const columns = useMemo(() => columnsFor(map.data?.nodes ?? []), [map.data]);
  return (
    <Panel title="Downstream, by share of latency" flush of={map} actions={<Link {...servicePlace(service, "dependencies")}>Dependencies</Link>}>
      {map.isPending || operations.isPending ? (
        <Loading what="what it calls" asked={[...map.asked, ...operations.asked]} />
      ) : map.isError ? (
        <div className={classes.padded}>
          <Failure error={map.error} retry={map.refetch} what="Asking for what it calls" />
        </div>
      ) : calls.length === 0 ? (
        <Empty title="It calls nobody" height={84} />
      ) : (
        <Table label="Downstream" columns={columns} rows={calls} rowKey={(row) => `${row.type} ${row.server}`} initialSort="-share" maxHeight={280} />
      )}
    </Panel>
  );
}

function columnsFor(nodes: readonly MapNode[]): TableColumn<WeighedCall>[] {
  const types = new Map(nodes.map((node) => [node.name, node.type]));
  const typeOf = (row: WeighedCall): string => types.get(row.server) ?? "service";
  return [
    {
      key: "name",
      header: "Called",
      width: "minmax(110px, 2fr)",
      cell: (row) => (typeOf(row) === "service" ? <ServiceLink name={row.server} /> : `${row.server} (${typeName(row.type || typeOf(row))})`),
      sort: (row) => row.server,
    },
    {
      key: "share",
      header: <abbr title="Time spent in these calls, as a share of how long the service takes. More than 100 % where calls run side by side">Share</abbr>,
      width: "minmax(96px, 1.2fr)",
      cell: (row) => <ShareBar share={row.share} />,
      sort: (row) => row.share,
    },
    {
      key: "perCall",
      header: <abbr title="Time spent in these calls for each call that the service answers">Per call</abbr>,
      align: "right",
      width: "minmax(64px, 1fr)",
      cell: (row) => formatValue(row.perCall, "s"),
      sort: (row) => row.perCall,
    },
    { key: "p95", header: "p95", align: "right", width: "minmax(64px, 1fr)", cell: (row) => formatValue(row.p95, "s"), sort: (row) => row.p95 },
    { key: "errors", header: "Failed", align: "right", width: "minmax(64px, 1fr)", cell: (row) => <FailedShare share={row.errorRatio} />, sort: (row) => row.errorRatio },
    { key: "more", header: "", width: "32px", cell: (row) => typeOf(row) === "service" && <ServiceMenu name={row.server} /> },
  ];
}
