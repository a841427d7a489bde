import { useQuery } from "@tanstack/react-query";

import { listSources, type ListedSource } from "../../api/dashboards";
import { Failure, Loading } from "../../components/status";
import { Table, type TableColumn } from "../../components/Table";
import classes from "./settings.module.css";

const columns: TableColumn<ListedSource>[] = [
  { key: "name", header: "Name", cell: (row) => row.name, sort: (row) => row.name },
  { key: "type", header: "Type", cell: (row) => row.type, sort: (row) => row.type },
  { key: "uid", header: "uid in dashboards", cell: (row) => <code>{row.uid}</code> },
  { key: "where", header: "Where", cell: (row) => (row.url?.includes("/proxy") ? "another server, asked by Oriel" : "this server") },
];

/** Where panels of dashboards may ask. */
export function Sources() {
  const sources = useQuery({ queryKey: ["settings", "sources"], queryFn: ({ signal }) => listSources(signal) });
  if (sources.isPending) return <Loading height={240} what="data sources" />;
  if (sources.isError) return <Failure error={sources.error} retry={sources.refetch} what="Asking for data sources" />;
  return (
    <div className={classes.wide}>
      <Table label="Data sources" columns={columns} rows={sources.data} rowKey={(row) => row.uid} />
      <p className={classes.muted}>
        Other servers are named in <code>oriel.yaml</code>, so that their credentials stay there:
      </p>
      <pre className={classes.code}>{"datasources:\n  - name: Old Prometheus\n    uid: prom-old\n    type: prometheus   # loki, tempo, jaeger, alertmanager\n    url: http://prometheus:9090"}</pre>
    </div>
  );
}
