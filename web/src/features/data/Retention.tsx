import { Button } from "@mantine/core";
import { lazy, Suspense, useState } from "react";

import { retentionInForce, type Kept } from "../../api/retention";
import { Panel } from "../../components/Panel";
import { Failure, Loading } from "../../components/status";
import { Table } from "../../components/Table";
import { useAnswerNow } from "../../components/useAnswerNow";
import { age } from "../../lib/timeFormat";
import { keptFor } from "./storage";
import classes from "./data.module.css";

const RetentionForm = lazy(() => import("./RetentionForm").then((loaded) => ({ default: loaded.RetentionForm })));

/** How long each signal is kept, who said so, and the way to change it. */
export function Retention() {
  const retention = useAnswerNow(["retention"], ({ signal }) => retentionInForce(signal));
  const [changing, setChanging] = useState<Kept>();
  return (
    <Panel title="How long it is kept" flush of={retention}>
      {retention.isPending ? (
        <Loading height={128} what="how long data is kept" asked={retention.asked} />
      ) : retention.isError ? (
        <Failure error={retention.error} retry={retention.refetch} what="Asking how long data is kept" />
      ) : (
        <Table
          label="Retention"
          rows={retention.data.signals}
          rowKey={(row) => row.signal}
          columns={[
            { key: "signal", header: "Signal", width: "minmax(72px, 1fr)", cell: (row) => row.signal },
            { key: "kept", header: "Kept for", width: "minmax(80px, 1fr)", cell: (row) => <b>{keptFor(row.period)}</b> },
            { key: "why", header: "Because", width: "minmax(220px, 3fr)", cell: (row) => <Why of={row} /> },
            { key: "except", header: "Except", width: "minmax(200px, 3fr)", cell: (row) => <span title={exceptions(row, "\n")}>{exceptions(row, " · ") || "–"}</span> },
            {
              key: "tools",
              header: "",
              width: "96px",
              align: "right",
              cell: (row) => (
                <Button size="compact-xs" variant="default" aria-label={`Change how long ${row.signal} are kept`} onClick={() => setChanging(row)}>
                  Change …
                </Button>
              ),
            },
          ]}
        />
      )}
      {changing && (
        <Suspense fallback={null}>
          <RetentionForm key={changing.signal} of={changing} editable={retention.data?.editable ?? false} onClose={() => setChanging(undefined)} />
        </Suspense>
      )}
    </Panel>
  );
}

function Why({ of }: { of: Kept }) {
  if (of.updated === undefined) return <span className={classes.muted}>of {of.key}</span>;
  return (
    <span title={`${of.key} says ${keptFor(of.configured)}`}>
      {of.updatedBy} said so here, {age(Date.parse(of.updated), Date.now())}; oriel.yaml says {keptFor(of.configured)}
    </span>
  );
}

function exceptions({ except }: Kept, between: string): string {
  return except.map((one) => `${one.selector}: ${keptFor(one.period)}`).join(between);
}
