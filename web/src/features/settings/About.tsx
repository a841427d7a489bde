import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { listLicences, type Licence } from "../../api/licences";
import { Failure, Loading } from "../../components/status";
import { Table, type TableColumn } from "../../components/Table";
import { boot } from "../../lib/boot";
import classes from "./settings.module.css";

const columns: TableColumn<Licence>[] = [
  { key: "name", header: "Package", cell: (row) => row.name, sort: (row) => row.name },
  { key: "version", header: "Version", width: "120px", cell: (row) => row.version },
  { key: "licence", header: "Licence", width: "200px", cell: (row) => row.licence, sort: (row) => row.licence },
];

/** What runs here, and what the page is made of. */
export function About() {
  const licences = useQuery({ queryKey: ["settings", "licences"], queryFn: ({ signal }) => listLicences(signal) });
  const [open, setOpen] = useState("");
  const shown = licences.data?.find((one) => one.name === open);
  return (
    <div className={classes.wide}>
      <p>Oriel {boot.version}, under the Apache License 2.0.</p>
      <p>
        <a href={`${boot.prefix}/oriel/api/v1/openapi.yaml`}>HTTP API</a> ·{" "}
        <a href={`${boot.prefix}/oriel/api/v1/support`} download>
          Support bundle
        </a>{" "}
        <span className={classes.muted}>configuration without secrets, status, newest warnings, metrics: for administrators, and without authentication on this machine alone</span>
      </p>
      <h2 className={classes.heading}>What the page is made of</h2>
      {licences.isPending ? (
        <Loading height={240} what="licences" asked={[["settings", "licences"]]} />
      ) : licences.isError ? (
        <Failure error={licences.error} what="Reading the list of packages" />
      ) : (
        <Table label="Packages" columns={columns} rows={licences.data} rowKey={(row) => row.name} maxHeight={480} onRow={(row) => setOpen(row.name === open ? "" : row.name)} selected={(row) => row.name === open} />
      )}
      {shown && (
        // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it scrolls, by the keyboard too
        <pre className={classes.code} aria-label={`Licence of ${shown.name}`} tabIndex={0}>
          {shown.text || `${shown.name} ${shown.version}: ${shown.licence}`}
        </pre>
      )}
    </div>
  );
}
